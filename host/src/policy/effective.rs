//! The effective policy: exactly what this build needs in an environment.

use super::error::{PolicyError, PolicyFailure};
use super::model::{
    ComponentRule, EndpointRule, Method, Parameter, Policy, RolesRule, Scheme, SessionPolicy,
};
use super::rules::Rule;
use super::values::{FilePath, NAMES, PathRule, ProxyOrigin, RoleArn, StsOrigin, Variable};
use crate::grants::Grants;
use crate::grants::Roles;
use crate::limits::Limits;
use crate::sandbox::WASM_SHA256;
use epicac_component::endpoint::{self, Endpoint};
use epicac_component::sts::role::{Role, RoleRequest};
use std::num::NonZeroU16;
use std::path::Path;

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
        let is_set = |name: &str| grants.variables().iter().any(|(set, _)| set == name);
        let names = NAMES.concat().into_iter().filter(|name| is_set(name));
        let environment =
            names.map(|name| said("/environment", Variable::try_from(name.to_owned())));
        let token_file = grants.token_file().map(|file| file.path());
        Ok(Self {
            version: 1,
            component: ComponentRule {
                sha256: WASM_SHA256.to_owned(),
                imports: IMPORTS.lines().map(str::to_owned).collect(),
            },
            environment: environment.collect::<Result<_, _>>()?,
            token_file: file("/token_file", token_file)?,
            endpoint: grants
                .endpoint()
                .map(|it| EndpointRule::of(it, grants))
                .transpose()?,
            roles: grants.roles().map(RolesRule::of).transpose()?,
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
            scheme: match endpoint.scheme() {
                endpoint::Scheme::Http => Scheme::Http,
                endpoint::Scheme::Https => Scheme::Https,
            },
            host: said("/endpoint/host", endpoint.host().to_string().try_into())?,
            // A port is never 0: the endpoint's own rule.
            port: NonZeroU16::new(endpoint.port_or_default()).unwrap_or(NonZeroU16::MAX),
            path: said(
                "/endpoint/path",
                PathRule::exact(endpoint.path_with_query()),
            )?,
            ca_bundle: file("/endpoint/ca_bundle", grants.ca_bundle())?,
        })
    }
}

impl RolesRule {
    /// What assuming these roles takes.
    fn of(roles: &Roles) -> Result<Self, PolicyError> {
        type IsUsed = fn(&RoleRequest) -> bool;
        let requests: Vec<&RoleRequest> = roles.chain().iter().map(Role::request).collect();
        let last = requests.last();
        let is_limited =
            last.is_some_and(|it| it.session_policy.is_some() || !it.policy_arns.is_empty());
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
        let mut arns: Vec<RoleArn> = Vec::new();
        for request in &requests {
            let arn = said("/roles/arns", RoleArn::try_from(request.arn.clone()))?;
            if !arns.contains(&arn) {
                arns.push(arn);
            }
        }
        let durations = requests
            .iter()
            .map(|it| it.duration.unwrap_or(DEFAULT_DURATION));
        let proxy = roles.proxy();
        Ok(Self {
            arns,
            sts: vec![StsOrigin::from(roles.endpoint())],
            parameters: used.map(|(parameter, _)| parameter).collect(),
            max_duration_seconds: durations.max().unwrap_or(DEFAULT_DURATION),
            session_policy: match is_limited {
                true => SessionPolicy::Required,
                false => SessionPolicy::Optional,
            },
            proxy: proxy.map(|proxy| ProxyOrigin::new(proxy.host(), proxy.port())),
            ca_bundle: file("/roles/ca_bundle", roles.ca_bundle())?,
        })
    }
}

/// The file as the environment names it, relative to the working directory when its path is not absolute.
fn file(at: &str, path: Option<&Path>) -> Result<Option<FilePath>, PolicyError> {
    let Some(path) = path else {
        return Ok(None);
    };
    let absolute = std::path::absolute(path).map_err(|error| {
        let why =
            format!("its path is relative, and the working directory cannot be told: {error}");
        ungrantable(at, &why)
    })?;
    let text = absolute.into_os_string().into_string();
    let text = text.map_err(|_| ungrantable(at, "its path is not UTF-8"))?;
    said(at, FilePath::try_from(text)).map(Some)
}

fn said<T>(at: &str, value: Result<T, &'static str>) -> Result<T, PolicyError> {
    value.map_err(|why| ungrantable(at, why))
}

/// Without the value: the path of ECS's endpoint is not to be shown.
fn ungrantable(at: &str, why: &str) -> PolicyError {
    let why = format!("{}: {why}", super::rules::name(at));
    let remedy = Rule::of(at).map_or("", |rule| rule.write);
    PolicyError::new(PolicyFailure::Ungrantable, why, remedy)
}
