//! The effective policy: exactly what this build needs in an environment.

use super::model::{
    ComponentRule, EndpointRule, Method, Parameter, Policy, RolesRule, ServeRule, SessionPolicy,
};
use super::rules::{name, remedy};
use super::values::{
    FilePath, LoopbackAddress, NAMES, PathRule, ProxyOrigin, RoleArn, StsOrigin, Variable,
};
use crate::error::{Flaw, PolicyError, PolicyFailure};
use crate::grants::{Grants, Roles};
use crate::limits::Limits;
use crate::sandbox::WASM_SHA256;
use epicac_component::endpoint::Endpoint;
use epicac_component::rows::Field as _;
use epicac_component::sts::role::{Role, RoleRequest};
use std::num::NonZeroU16;
use std::path::Path;
use std::slice;

/// The functions that the component imports, sorted, one a line: `wasi:io/poll@0.2.0#poll`.
const IMPORTS: &str = include_str!(concat!(env!("OUT_DIR"), "/epicac.imports"));

/// What STS takes when nobody says a duration, in seconds.
const DEFAULT_DURATION: u32 = 3_600;

impl Policy {
    /// What a run with these grants needs: the built-in policy, as it applies to them, and an https endpoint or an
    /// STS that the environment names and that only a policy file can grant. It requires no layer of the second wall.
    ///
    /// # Errors
    ///
    /// When a policy cannot say it: a file whose path is relative to a working directory that cannot be told, or an
    /// asterisk in a name.
    pub fn effective(grants: &Grants) -> Result<Self, PolicyError> {
        Self::needed(slice::from_ref(grants), None)
    }

    /// What a server needs whose profiles have these grants, all of this environment.
    ///
    /// # Errors
    ///
    /// As those of [`Self::effective`]; and when no policy grants all of them.
    pub fn effective_to_serve(profiles: &[Grants], serve: ServeRule) -> Result<Self, PolicyError> {
        Self::needed(profiles, Some(serve))
    }

    fn needed(all: &[Grants], serve: Option<ServeRule>) -> Result<Self, PolicyError> {
        let variables = all.iter().flat_map(|grants| grants.variables());
        let is_set = |name: &str| variables.clone().any(|(set, _)| set == name);
        let names = NAMES.concat().into_iter().filter(|name| is_set(name));
        let environment =
            names.map(|name| said("/environment", Variable::try_from(name.to_owned())));
        let token_file = all.iter().find_map(|grants| grants.token_file());
        let endpoint = all.iter().find_map(|it| Some((it.endpoint()?, it)));
        let roles: Vec<&Roles> = all.iter().filter_map(|grants| grants.roles()).collect();
        Ok(Self {
            version: 1,
            component: ComponentRule {
                sha256: WASM_SHA256.to_owned(),
                imports: IMPORTS.lines().map(str::to_owned).collect(),
            },
            environment: environment.collect::<Result<_, _>>()?,
            token_file: token_file
                .map(|it| file("/token_file", it.path()))
                .transpose()?,
            endpoint: endpoint
                .map(|(endpoint, grants)| EndpointRule::of(endpoint, grants))
                .transpose()?,
            roles: RolesRule::of(&roles)?,
            serve,
            limits: Limits::BUILT_IN,
            wall: Vec::new(),
        })
    }
}

impl EndpointRule {
    /// The one request that these grants are about.
    fn of(endpoint: &Endpoint, grants: &Grants) -> Result<Self, PolicyError> {
        Ok(Self {
            method: Method::Get,
            scheme: endpoint.scheme(),
            host: said("/endpoint/host", endpoint.host().to_string().try_into())?,
            // A port is never 0: the endpoint's own rule.
            port: NonZeroU16::new(endpoint.port_or_default()).unwrap_or(NonZeroU16::MAX),
            path: said(
                "/endpoint/path",
                PathRule::exact(endpoint.path_with_query()),
            )?,
            ca_bundle: grants
                .ca_bundle()
                .map(|path| file("/endpoint/ca_bundle", path))
                .transpose()?,
        })
    }
}

impl RolesRule {
    /// What assuming these roles takes, of each profile.
    fn of(profiles: &[&Roles]) -> Result<Option<Self>, PolicyError> {
        type IsUsed = fn(&RoleRequest) -> bool;
        let Some((first, others)) = profiles.split_first() else {
            return Ok(None);
        };
        let ca_bundle = first.ca_bundle();
        if others.iter().any(|roles| roles.ca_bundle() != ca_bundle) {
            return Err(ungrantable("/roles/ca_bundle", &Flaw::DifferentSts));
        }
        let chains = profiles.iter().map(|roles| roles.chain());
        let requests: Vec<&RoleRequest> = chains.flatten().map(Role::request).collect();
        let are_limited = profiles.iter().all(|roles| {
            let last = roles.chain().last().map(Role::request);
            last.is_some_and(|it| it.session_policy.is_some() || !it.policy_arns.is_empty())
        });
        let parameters: [(Parameter, IsUsed); 6] = [
            (Parameter::ExternalId, |it| it.external_id.is_some()),
            (Parameter::Policy, |it| it.session_policy.is_some()),
            (Parameter::PolicyArns, |it| !it.policy_arns.is_empty()),
            (Parameter::SourceIdentity, |it| it.source_identity.is_some()),
            (Parameter::Tags, |it| !it.tags.is_empty()),
            (Parameter::TransitiveTagKeys, |it| {
                !it.transitive_tag_keys.is_empty()
            }),
        ];
        let parameters = parameters.into_iter();
        let used = parameters.filter(|(_, is_used)| requests.iter().any(|it| is_used(it)));
        let arns = requests
            .iter()
            .map(|it| said("/roles/arns", RoleArn::try_from(it.arn.clone())))
            .collect::<Result<Vec<_>, _>>()?;
        let sts = profiles
            .iter()
            .map(|roles| StsOrigin::from(roles.endpoint()));
        let durations = requests
            .iter()
            .map(|it| it.duration.unwrap_or(DEFAULT_DURATION));
        let proxy = profiles.iter().find_map(|roles| roles.proxy());
        Ok(Some(Self {
            arns: each_once(arns),
            sts: each_once(sts),
            parameters: used.map(|(parameter, _)| parameter).collect(),
            max_duration_seconds: durations.max().unwrap_or(DEFAULT_DURATION),
            session_policy: match are_limited {
                true => SessionPolicy::Required,
                false => SessionPolicy::Optional,
            },
            proxy: proxy.map(|proxy| ProxyOrigin::new(proxy.host(), proxy.port())),
            ca_bundle: ca_bundle
                .map(|path| file("/roles/ca_bundle", path))
                .transpose()?,
        }))
    }
}

impl ServeRule {
    /// A server that listens on this address and writes its token to this file, which the file's group can read or
    /// not.
    ///
    /// # Errors
    ///
    /// When a policy cannot say the file.
    pub fn new(
        listen: LoopbackAddress,
        token_file: &Path,
        token_group: bool,
    ) -> Result<Self, PolicyError> {
        Ok(Self {
            listen,
            token_file: file("/serve/token_file", token_file)?,
            token_group,
        })
    }
}

fn each_once<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

/// The file as the environment names it, relative to the working directory when its path is not absolute.
fn file(at: &str, path: &Path) -> Result<FilePath, PolicyError> {
    let absolute = std::path::absolute(path)
        .map_err(|error| ungrantable(at, &Flaw::NoWorkingDirectory(error.to_string())))?;
    let text = absolute.into_os_string().into_string();
    let text = text.map_err(|_| ungrantable(at, &Flaw::NotUtf8))?;
    said(at, FilePath::try_from(text))
}

fn said<T>(at: &str, value: Result<T, Flaw>) -> Result<T, PolicyError> {
    value.map_err(|flaw| ungrantable(at, &flaw))
}

/// Without the value: the path of ECS's endpoint is not to be shown.
pub(super) fn ungrantable(at: &str, flaw: &Flaw) -> PolicyError {
    let why = format!("{}: {flaw}", name(at));
    PolicyError::new(PolicyFailure::Ungrantable, why, remedy(at, flaw.remedy()))
}
