//! What a policy admits: the table of docs/policy.md.

use super::config;
use crate::grants::{Grants, Roles};
use crate::policy::Policy;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A process, by what a policy says of it.
#[derive(Clone, Debug)]
struct Process {
    /// A name and a value. The names are those of the endpoint.
    endpoint: Option<(&'static str, &'static str)>,
    token: bool,
    token_file: Option<&'static str>,
    endpoint_bundle: Option<&'static str>,
    roles: Option<RolesOf>,
}

#[derive(Clone, Debug)]
struct RolesOf {
    names: Vec<&'static str>,
    region: &'static str,
    external_id: bool,
    tag: bool,
    session_policy: bool,
    duration: Option<u32>,
    proxy: Option<&'static str>,
    bundle: Option<&'static str>,
}

const FULL: [(&str, &str); 7] = [
    (FULL_URI, "http://169.254.170.23/v1/credentials"),
    (FULL_URI, "http://169.254.170.23:80/v1/credentials"),
    (FULL_URI, "http://169.254.170.23:81/v1/credentials"),
    (FULL_URI, "http://localhost/v1/other"),
    (FULL_URI, "https://agent.example/v1/credentials"),
    (FULL_URI, "http://agent.example/"),
    (RELATIVE_URI, "/v2/credentials/a-task"),
];

fn process() -> impl Strategy<Value = Process> {
    let roles = (
        subsequence(vec!["a", "b"], 1..=2),
        select(&["eu-central-1", "us-west-2"][..]),
        [any::<bool>(), any::<bool>(), any::<bool>()],
        select(vec![None, Some(900), Some(3600)]),
        select(vec![None, None, Some("http://p.example:1")]),
        select(vec![None, None, Some("/b")]),
    );
    let roles = roles.prop_map(
        |(names, region, [external_id, tag, session_policy], duration, proxy, bundle)| RolesOf {
            names,
            region,
            external_id,
            tag,
            session_policy,
            duration,
            proxy,
            bundle,
        },
    );
    let own = (
        proptest::option::weighted(0.9, select(&FULL[..])),
        any::<bool>(),
        select(vec![None, Some("/t"), Some("/./t"), Some("/u")]),
        select(vec![None, Some("/b")]),
        proptest::option::of(roles),
    );
    own.prop_map(
        |(endpoint, token, token_file, endpoint_bundle, roles)| Process {
            endpoint,
            token,
            token_file,
            endpoint_bundle,
            roles,
        },
    )
}

/// Two processes that mostly differ in a few parts.
fn processes() -> impl Strategy<Value = (Process, Process)> {
    (process(), process(), 0..12).prop_map(|(granted, other, changed)| {
        let mut needed = granted.clone();
        match changed {
            0 => needed.endpoint = other.endpoint,
            1 => needed.token = other.token,
            2 => needed.token_file = other.token_file,
            3 => needed.endpoint_bundle = other.endpoint_bundle,
            4 => needed.roles = other.roles,
            5 => needed = other,
            _ => {
                let parts = (needed.roles.as_mut(), other.roles);
                if let (Some(needed), Some(other)) = parts {
                    match changed {
                        6 => needed.names = other.names,
                        7 => needed.region = other.region,
                        8 => needed.external_id = other.external_id,
                        9 => needed.duration = other.duration,
                        10 => needed.proxy = other.proxy,
                        _ => needed.bundle = other.bundle,
                    }
                }
            }
        }
        (granted, needed)
    })
}

impl Process {
    fn grants(&self) -> Grants {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let variables = [
            self.endpoint,
            self.token.then_some((TOKEN, "a-token")),
            self.token_file.map(|path| (TOKEN_FILE, path)),
            self.endpoint_bundle.map(|path| ("AWS_CA_BUNDLE", path)),
        ];
        let grants = Grants::from_variables(variables.into_iter().flatten().map(owned));
        let Some(roles) = &self.roles else {
            return grants;
        };
        let mut options = Vec::new();
        for name in &roles.names {
            options.push(format!("--role-arn=arn:aws:iam::111111111111:role/{name}"));
            let seconds = roles.duration.map(|it| format!("--duration={it}"));
            options.extend(seconds);
            options.extend(roles.external_id.then(|| "--external-id=an-id".to_owned()));
            options.extend(roles.tag.then(|| "--tag=a=b".to_owned()));
            options.extend(
                roles
                    .session_policy
                    .then(|| "--session-policy={}".to_owned()),
            );
        }
        let variables = [
            Some(("AWS_REGION", roles.region)),
            roles.proxy.map(|url| ("HTTPS_PROXY", url)),
            roles.bundle.map(|path| ("AWS_CA_BUNDLE", path)),
        ];
        let variables = variables.into_iter().flatten().map(owned);
        grants.with_roles(Roles::from_variables(options, variables).unwrap())
    }

    /// The variables that the component sees.
    fn names(&self) -> Vec<&'static str> {
        let of_roles = self.roles.iter().map(|_| "AWS_REGION");
        let own = [
            self.endpoint.map(|(name, _)| name),
            self.token.then_some(TOKEN),
            self.token_file.map(|_| TOKEN_FILE),
        ];
        own.into_iter().flatten().chain(of_roles).collect()
    }

    /// The endpoint with its default port left out, and what TLS trusts there. One that is never asked is none.
    fn asked(&self) -> Option<(String, Option<&'static str>)> {
        let (_, uri) = self
            .endpoint
            .filter(|(_, uri)| *uri != "http://agent.example/")?;
        let bundle = self.endpoint_bundle.filter(|_| uri.starts_with("https"));
        Some((uri.replace(":80/", "/"), bundle))
    }

    fn token_path(&self) -> Option<String> {
        self.token_file.map(|path| path.replace("/./", "/"))
    }
}

/// Whether a process that needs this is within the policy that is printed for the other one.
fn model(granted: &Process, needed: &Process) -> bool {
    let granted_names = granted.names();
    let own = needed
        .names()
        .iter()
        .all(|name| granted_names.contains(name))
        && (needed.token_path().is_none() || needed.token_path() == granted.token_path())
        && (needed.asked().is_none() || needed.asked() == granted.asked());
    let roles = match (&granted.roles, &needed.roles) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(granted), Some(needed)) => {
            needed.names.iter().all(|name| granted.names.contains(name))
                && needed.region == granted.region
                && needed.external_id <= granted.external_id
                && needed.tag <= granted.tag
                // Where the printed policy has the parameter, it also requires it of every session.
                && needed.session_policy == granted.session_policy
                && needed.duration.unwrap_or(3600) <= granted.duration.unwrap_or(3600)
                && (needed.proxy.is_none() || needed.proxy == granted.proxy)
                && needed.bundle == granted.bundle
        }
    };
    own && roles
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_policy_admits_what_needs_no_more_than_it_grants((granted, needed) in processes()) {
        let policy = Policy::effective(&granted.grants()).unwrap();
        let read = Policy::parse(policy.to_json().as_bytes()).unwrap();
        let admitted = read.admit(needed.grants());
        prop_assert_eq!(admitted.is_ok(), model(&granted, &needed), "{:?}", admitted.err());
    }
}
