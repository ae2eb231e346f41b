//! The effective policy: exactly what this build needs in an environment.

use super::error::{MemberError, PolicyError, PolicyFailure};
use super::model::{
    ComponentRule, EndpointRule, Method, Parameter, Policy, RolesRule, ServeRule, SessionPolicy,
};
use super::rules::{name, remedy};
use super::values::{
    FilePath, HostName, LoopbackAddress, PathRule, ProxyOrigin, RoleArn, Variable,
};
use crate::grants::{Grants, Roles};
use crate::limits::Limits;
use crate::sandbox::WASM_SHA256;
use epicac_component::endpoint::Endpoint;
use epicac_component::sts::role::{Role, RoleRequest};
use std::collections::BTreeSet;
use std::num::NonZeroU16;
use std::path::Path;
use std::slice;

/// The functions that the component imports, sorted, one a line: `wasi:io/poll@0.2.0#poll`.
const IMPORTS: &str = include_str!(concat!(env!("OUT_DIR"), "/epicac.imports"));

/// The duration of a session, in seconds, if the request to STS names none.
const DEFAULT_DURATION: u32 = 3_600;

impl Policy {
    /// What a run with these grants needs: the built-in policy, as it applies to them, and an https endpoint or an
    /// STS that the environment names and that only a policy file can grant. It requires no layer of the second wall.
    ///
    /// # Errors
    ///
    /// When a value cannot be written into a policy: a path that is relative to an unknown working directory, or a name
    /// with an asterisk.
    pub fn effective(grants: &Grants) -> Result<Self, PolicyError> {
        Self::needed(slice::from_ref(grants), None)
    }

    /// What a server with profiles of these grants needs. All of them come from one environment.
    ///
    /// # Errors
    ///
    /// As [`Self::effective`]; and when no policy can grant all of them.
    pub fn effective_to_serve(profiles: &[Grants], serve: ServeRule) -> Result<Self, PolicyError> {
        Self::needed(profiles, Some(serve))
    }

    fn needed(all: &[Grants], serve: Option<ServeRule>) -> Result<Self, PolicyError> {
        let variables = all.iter().flat_map(Grants::variables);
        // An empty variable counts as unset (`behaviour.md` §1).
        let set = variables.filter(|(_, value)| !value.is_empty());
        let is_set = |variable: &Variable| set.clone().any(|(name, _)| variable.0 == *name);
        let token_file = all.iter().find_map(Grants::token_file);
        let token_file = token_file.map(|granted| file("/token_file", granted.path()));
        let endpoint = all
            .iter()
            .find_map(|grants| Some((grants.endpoint().ok()?, grants)));
        let endpoint = endpoint.map(|(endpoint, grants)| EndpointRule::of(endpoint, grants));
        let roles: Vec<&Roles> = all.iter().filter_map(Grants::roles).collect();
        Ok(Self {
            version: 1,
            component: ComponentRule {
                sha256: WASM_SHA256.to_owned(),
                imports: IMPORTS.lines().map(str::to_owned).collect(),
            },
            environment: Variable::all().filter(is_set).collect(),
            token_file: token_file.transpose()?,
            endpoint: endpoint.transpose()?,
            roles: RolesRule::of(&roles)?,
            serve,
            limits: Limits::BUILT_IN,
            wall: Vec::new(),
        })
    }
}

impl EndpointRule {
    /// The one request to the endpoint of these grants.
    fn of(endpoint: &Endpoint, grants: &Grants) -> Result<Self, PolicyError> {
        let path = PathRule::exact(endpoint);
        let ca_bundle = grants.ca_bundle();
        let ca_bundle = ca_bundle.map(|path| file("/endpoint/ca_bundle", path));
        Ok(Self {
            method: Method::Get,
            scheme: endpoint.scheme(),
            host: HostName(endpoint.host().to_string()),
            // A port is never 0: the endpoint's own rule.
            port: NonZeroU16::new(endpoint.port_or_default()).unwrap_or(NonZeroU16::MAX),
            path: path.map_err(|error| ungrantable("/endpoint/path", &error))?,
            ca_bundle: ca_bundle.transpose()?,
        })
    }
}

impl RolesRule {
    /// What it takes to assume the roles of all profiles.
    fn of(profiles: &[&Roles]) -> Result<Option<Self>, PolicyError> {
        let Some((first, others)) = profiles.split_first() else {
            return Ok(None);
        };
        let ca_bundle = first.ca_bundle();
        if others.iter().any(|roles| roles.ca_bundle() != ca_bundle) {
            return Err(ungrantable("/roles/ca_bundle", &MemberError::DifferentSts));
        }
        let ca_bundle = ca_bundle.map(|path| file("/roles/ca_bundle", path));
        let roles = profiles.iter().flat_map(|roles| roles.chain());
        let requests: Vec<&RoleRequest> = roles.map(Role::request).collect();
        let duration = |request: &&RoleRequest| request.duration.unwrap_or(DEFAULT_DURATION);
        let longest = requests.iter().map(duration).max();
        let parameters: BTreeSet<_> = requests.iter().copied().flat_map(Parameter::of).collect();
        let are_limited = profiles.iter().all(|roles| {
            let last = roles.chain().last().into_iter();
            let mut parameters = last.map(Role::request).flat_map(Parameter::of);
            parameters.any(|used| matches!(used, Parameter::Policy | Parameter::PolicyArns))
        });
        let proxy = profiles.iter().find_map(|roles| roles.proxy());
        Ok(Some(Self {
            arns: each_once(requests.iter().map(|request| RoleArn(request.arn.clone()))),
            sts: each_once(profiles.iter().map(|roles| roles.endpoint().into())),
            parameters: parameters.into_iter().collect(),
            max_duration_seconds: longest.unwrap_or(DEFAULT_DURATION),
            session_policy: match are_limited {
                true => SessionPolicy::Required,
                false => SessionPolicy::Optional,
            },
            proxy: proxy.map(|proxy| ProxyOrigin::new(proxy.host(), proxy.port())),
            ca_bundle: ca_bundle.transpose()?,
        }))
    }
}

impl Parameter {
    /// The parameters that this request has.
    fn of(request: &RoleRequest) -> impl Iterator<Item = Self> {
        let each = [
            (Self::ExternalId, request.external_id.is_some()),
            (Self::Policy, request.session_policy.is_some()),
            (Self::PolicyArns, !request.policy_arns.is_empty()),
            (Self::SourceIdentity, request.source_identity.is_some()),
            (Self::Tags, !request.tags.is_empty()),
            (
                Self::TransitiveTagKeys,
                !request.transitive_tag_keys.is_empty(),
            ),
        ];
        let used = each.into_iter().filter(|(_, is_used)| *is_used);
        used.map(|(parameter, _)| parameter)
    }
}

impl ServeRule {
    /// A server that listens on this address and writes its token to this file. `group` says whether the file's group can
    /// read it.
    ///
    /// # Errors
    ///
    /// When the path cannot be written into a policy.
    pub fn new(listen: LoopbackAddress, token: &Path, group: bool) -> Result<Self, PolicyError> {
        Ok(Self {
            listen,
            token_file: file("/serve/token_file", token)?,
            token_group: group,
        })
    }
}

fn each_once<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for one in all {
        if !once.contains(&one) {
            once.push(one);
        }
    }
    once
}

fn file(at: &str, path: &Path) -> Result<FilePath, PolicyError> {
    FilePath::named(path).map_err(|error| ungrantable(at, &error))
}

/// The error for a value that cannot be written into a policy. It does not show the value, because the path of an ECS task
/// is a secret.
pub(super) fn ungrantable(at: &str, error: &MemberError) -> PolicyError {
    let why = format!("{}: {error}", name(at));
    PolicyError::new(PolicyFailure::Ungrantable, why, remedy(at, error.remedy()))
}
