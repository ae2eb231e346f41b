//! The effective policy: what this build needs in an environment, to the letter.

use super::model::{
    BoundsRule, ComponentRule, EndpointRule, LimitsRule, Policy, Variable, WallRule,
};
use super::path::PathRule;
use super::role::{self, Parameter, ProxyOrigin, RoleArn, RolesRule, SessionPolicyRule, StsOrigin};
use super::text::{FilePath, HostName, LayerRule, Method, Scheme, Version};
use crate::embedded::WASM_SHA256;
use crate::engine::STACK_BYTES;
use crate::error::Error;
use crate::grants::Grants;
use crate::limits::{CALL_BYTES, CONNECT_TIMEOUT, HANDLES, Limits, PARTS};
use crate::limits::{READ_TIMEOUT, RESPONSE_HEADER_BYTES};
use crate::roles::Roles;
use crate::wall::{Layer, Wall};
use epicac_component::endpoint;
use epicac_component::sts::role::Role;
use std::num::{NonZeroU16, NonZeroU64};
use std::time::Duration;

/// The functions that the component imports, sorted, one a line: `wasi:io/poll@0.2.0#poll`.
const IMPORTS: &str = include_str!(concat!(env!("OUT_DIR"), "/epicac.imports"));

impl Policy {
    /// What a run with these grants needs: the built-in policy, as it applies to them, and an https endpoint or an
    /// STS that the environment names and that only a policy file can grant. The second wall is not put up by that, and so not there ([`WallRule::from`] a [`Wall`] says what is).
    ///
    /// # Errors
    ///
    /// [`Error::WorkingDirectory`] when the token file's path, or that of `AWS_CA_BUNDLE`, is relative to a
    /// working directory that cannot be told.
    pub fn effective(grants: &Grants) -> Result<Self, Error> {
        let is_set = |name| grants.variables().iter().any(|(set, _)| set == name);
        let token_file = grants
            .token_file()
            .map(|file| FilePath::absolute(file.path()).map_err(Error::WorkingDirectory));
        Ok(Self {
            version: Version,
            component: ComponentRule::embedded()?,
            environment: Variable::all()
                .filter(|variable| is_set(variable.name()))
                .collect(),
            token_file: token_file.transpose()?,
            endpoint: EndpointRule::of(grants)?,
            roles: grants.roles().map(RolesRule::of).transpose()?,
            limits: LimitsRule::from(&Limits::BUILT_IN),
            bounds: Some(BoundsRule::of_this_build()),
            wall: WallRule::default(),
        })
    }
}

impl ComponentRule {
    /// The component inside of this build.
    fn embedded() -> Result<Self, Error> {
        let parse = || {
            Ok(Self {
                sha256: WASM_SHA256.to_owned().try_into()?,
                imports: IMPORTS
                    .lines()
                    .map(|import| import.to_owned().try_into())
                    .collect::<Result<_, _>>()?,
            })
        };
        parse().map_err(|flaw: super::flaw::ValueFlaw| Error::Sandbox(flaw.to_string()))
    }
}

impl EndpointRule {
    /// The one request that these grants are about.
    fn of(grants: &Grants) -> Result<Option<Self>, Error> {
        let Some(endpoint) = grants.endpoint() else {
            return Ok(None);
        };
        // A port is never 0: the endpoint's own rule.
        let Some(port) = NonZeroU16::new(endpoint.port_or_default()) else {
            return Ok(None);
        };
        let ca_bundle = grants
            .ca_bundle()
            .map(|path| FilePath::absolute(path).map_err(Error::WorkingDirectory));
        Ok(Some(Self {
            method: Method::Get,
            scheme: match endpoint.scheme() {
                endpoint::Scheme::Http => Scheme::Http,
                endpoint::Scheme::Https => Scheme::Https,
            },
            host: HostName::from(endpoint.host()),
            port,
            path: PathRule::exact(endpoint.path_with_query()),
            ca_bundle: ca_bundle.transpose()?,
        }))
    }
}

impl RolesRule {
    /// What assuming these roles takes.
    fn of(roles: &Roles) -> Result<Self, Error> {
        let requests = || roles.chain().iter().map(Role::request);
        let last = requests().next_back();
        let is_limited = last.is_some_and(|last| {
            Parameter::Policy.is_used_by(last) || Parameter::PolicyArns.is_used_by(last)
        });
        let ca_bundle = roles
            .ca_bundle()
            .map(|path| FilePath::absolute(path).map_err(Error::WorkingDirectory));
        Ok(Self {
            arns: roles.chain().iter().map(RoleArn::from).collect(),
            sts: [StsOrigin::from(roles.endpoint())].into_iter().collect(),
            parameters: Parameter::ALL
                .into_iter()
                .filter(|parameter| requests().any(|request| parameter.is_used_by(request)))
                .collect(),
            max_duration_seconds: requests()
                .map(role::Duration::of)
                .max()
                .unwrap_or(role::Duration::DEFAULT),
            session_policy: if is_limited {
                SessionPolicyRule::Required
            } else {
                SessionPolicyRule::Optional
            },
            proxy: roles
                .proxy()
                .map(|proxy| ProxyOrigin::new(proxy.host(), proxy.port())),
            ca_bundle: ca_bundle.transpose()?,
        })
    }
}

impl From<&Limits> for LimitsRule {
    fn from(limits: &Limits) -> Self {
        // Without `..`: a limit that is added there has to be added here.
        let Limits {
            deadline,
            fuel,
            memory_bytes,
            table_elements,
            resources,
            requests,
            header_bytes,
        } = limits;
        let limit = |value: u64| NonZeroU64::new(value).unwrap_or(NonZeroU64::MIN);
        let size = |value: usize| limit(u64::try_from(value).unwrap_or(u64::MAX));
        Self {
            deadline_ms: limit(u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX)),
            fuel: limit(*fuel),
            memory_bytes: size(*memory_bytes),
            table_elements: size(*table_elements),
            resources: size(*resources),
            requests: limit(u64::from(*requests)),
            header_bytes: size(*header_bytes),
        }
    }
}

impl BoundsRule {
    fn of_this_build() -> Self {
        let bound = |value: u64| NonZeroU64::new(value).unwrap_or(NonZeroU64::MIN);
        let size = |value: usize| bound(u64::try_from(value).unwrap_or(u64::MAX));
        let time = |value: Duration| bound(u64::try_from(value.as_millis()).unwrap_or(u64::MAX));
        Self {
            connect_ms: time(CONNECT_TIMEOUT),
            read_ms: time(READ_TIMEOUT),
            response_header_bytes: size(RESPONSE_HEADER_BYTES),
            call_bytes: size(CALL_BYTES),
            handles: size(HANDLES),
            parts: size(PARTS),
            stack_bytes: size(STACK_BYTES),
        }
    }
}

impl From<Wall> for WallRule {
    /// What stands.
    fn from(wall: Wall) -> Self {
        let rule = |layer| match layer {
            Layer::Enforced => LayerRule::Enforced,
            Layer::Unavailable => LayerRule::Unavailable,
        };
        Self {
            no_new_privs: rule(wall.no_new_privs),
            no_core_dumps: rule(wall.no_core_dumps),
            files: rule(wall.files),
            tcp: rule(wall.tcp),
            system_calls: rule(wall.system_calls),
        }
    }
}

impl From<&LimitsRule> for Limits {
    /// The limits to run under. What a number cannot hold is beyond every limit of this build.
    fn from(rule: &LimitsRule) -> Self {
        let size = |value: NonZeroU64| usize::try_from(value.get()).unwrap_or(usize::MAX);
        Self {
            deadline: Duration::from_millis(rule.deadline_ms.get()),
            fuel: rule.fuel.get(),
            memory_bytes: size(rule.memory_bytes),
            table_elements: size(rule.table_elements),
            resources: size(rule.resources),
            requests: u32::try_from(rule.requests.get()).unwrap_or(u32::MAX),
            header_bytes: size(rule.header_bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
    use proptest::prelude::*;

    fn effective(variables: &[(&str, &str)]) -> Policy {
        let variables = variables
            .iter()
            .map(|(n, v)| (n.to_string(), v.to_string()));
        Policy::effective(&Grants::from_variables(variables)).unwrap()
    }

    #[test]
    fn without_an_environment_nothing_is_granted() {
        let policy = effective(&[("PATH", "/bin"), ("AWS_PROFILE", "x")]);
        assert_eq!(policy.environment.iter().count(), 0);
        assert_eq!((policy.token_file, policy.endpoint), (None, None));
    }

    #[test]
    fn what_the_environment_names_is_granted() {
        let policy = effective(&[
            (FULL_URI, "http://[FD00:ec2:0::23]/v1/credentials?a"),
            (TOKEN_FILE, "/var/run//secrets/./token"),
        ]);
        let endpoint = policy.endpoint.unwrap();
        assert_eq!(endpoint.host.to_string(), "[fd00:ec2::23]");
        assert_eq!(endpoint.port.get(), 80);
        assert_eq!(endpoint.path.to_string(), "/v1/credentials?a");
        assert_eq!(
            policy.token_file.unwrap().to_string(),
            "/var/run/secrets/token"
        );
    }

    #[test]
    fn an_endpoint_that_the_built_in_policy_denies_is_not_granted() {
        for uri in ["http://evil.example/", "ftp://169.254.170.23/", "garbage"] {
            assert_eq!(effective(&[(FULL_URI, uri)]).endpoint, None, "{uri}");
        }
    }

    #[test]
    fn an_https_endpoint_is_needed_with_whom_it_trusts() {
        let bundle = ("AWS_CA_BUNDLE", "/etc//bundle.pem");
        let policy = effective(&[(FULL_URI, "https://Agent.example/a"), bundle]);
        assert_eq!(policy.environment.iter().count(), 1);
        let endpoint = policy.endpoint.unwrap();
        assert_eq!(endpoint.scheme, Scheme::Https);
        assert_eq!(endpoint.host.to_string(), "agent.example");
        assert_eq!(endpoint.port.get(), 443);
        assert_eq!(endpoint.ca_bundle.unwrap().to_string(), "/etc/bundle.pem");
        // Over http nobody is trusted by a certificate.
        let endpoint = effective(&[(FULL_URI, "http://localhost/a"), bundle]).endpoint;
        assert_eq!(endpoint.unwrap().ca_bundle, None);
    }

    #[test]
    fn a_relative_path_is_of_the_working_directory() {
        let here = std::env::current_dir().unwrap();
        assert_eq!(
            effective(&[(TOKEN_FILE, "token")])
                .token_file
                .unwrap()
                .to_string(),
            here.join("token").to_str().unwrap()
        );
    }

    #[test]
    fn the_imports_are_those_of_the_world() {
        let policy = effective(&[]);
        let imports: Vec<_> = policy
            .component
            .imports
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(imports.contains(&"wasi:io/poll@0.2.0#poll".to_owned()));
        assert_eq!(imports, IMPORTS.lines().collect::<Vec<_>>());
    }

    #[test]
    fn the_limits_are_those_of_a_run() {
        let rule = LimitsRule::from(&Limits::BUILT_IN);
        assert_eq!(Limits::from(&rule), Limits::BUILT_IN);
    }

    fn value() -> impl Strategy<Value = String> {
        let text = "[^\0]{0,40}";
        let path = "(/[a-zA-Z0-9*{}.~_%-]{0,8}){0,4}/?(\\?[a-z*=&]{0,8})?";
        prop_oneof![
            Just(String::new()),
            text,
            path,
            (
                prop_oneof![
                    Just("http://169.254.170.23"),
                    Just("HTTP://[fd00:0ec2::23]:80"),
                    Just("http://localhost:8080"),
                    Just("http://LOCALHOST"),
                    Just("http://127.1.2.3:65535"),
                    Just("http://169.254.170.2"),
                    Just("https://agent.example:443"),
                ],
                path
            )
                .prop_map(|(origin, path)| format!("{origin}{path}")),
        ]
    }

    fn wall() -> impl Strategy<Value = Wall> {
        let layer = || {
            let is_there = any::<bool>();
            is_there.prop_map(|there| {
                if there {
                    Layer::Enforced
                } else {
                    Layer::Unavailable
                }
            })
        };
        let layers = (layer(), layer(), layer(), layer(), layer());
        layers.prop_map(
            |(no_new_privs, no_core_dumps, files, tcp, system_calls)| Wall {
                no_new_privs,
                no_core_dumps,
                files,
                tcp,
                system_calls,
            },
        )
    }

    proptest! {
        #[test]
        fn the_output_of_epicac_policy_always_passes(
            values in proptest::collection::vec(proptest::option::of(value()), 4),
            printed in wall(),
            standing in wall(),
        ) {
            let variables = [RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN].into_iter().zip(values);
            let grants = Grants::from_variables(
                variables.filter_map(|(name, value)| Some((name.to_owned(), value?))),
            );
            let mut needed = Policy::effective(&grants).unwrap();
            needed.wall = printed.into();
            let json = needed.to_json();
            prop_assert!(json.is_ascii());
            let read = Policy::parse(json.as_bytes()).map_err(|flaw| {
                TestCaseError::fail(format!("{flaw}: {json}"))
            })?;
            prop_assert_eq!(&read, &needed);
            // On another kernel, too.
            needed.wall = standing.into();
            prop_assert_eq!(read.excesses(&needed), vec![]);
        }
    }
}
