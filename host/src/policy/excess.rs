//! What of a needed policy another one does not grant: a pure comparison, rule by rule.

use super::model::{EndpointRule, LimitsRule, Policy, Variable, WallRule};
use super::parse::ascii;
use super::path::PathRule;
use super::role::{
    Duration, Parameter, ProxyOrigin, RoleArn, RolesRule, SessionPolicyRule, StsOrigin,
};
use super::text::{FilePath, Import, LayerRule, Sha256};
use crate::error::Error;
use crate::grants::Grants;
use crate::limits::Limit;
use std::fmt;

/// Something that is needed and not granted, or granted and not to be had. Displays as
/// `rule: why (the JSON line that would grant it)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Excess {
    /// This build's component, of this digest, is not the one that is granted.
    Component(Sha256),
    /// The component imports this function.
    Import(Import),
    /// The component does not import this function.
    NoImport(Import),
    /// This variable is set.
    Variable(Variable),
    /// The environment names this token file.
    TokenFile(FilePath),
    /// The environment names this endpoint, where none is granted.
    Endpoint(Box<EndpointRule>),
    /// The environment names an endpoint with another value of this member.
    EndpointMember {
        /// The member's name.
        member: &'static str,
        /// What the policy has to say.
        needed: String,
    },
    /// Roles are to be assumed, where none is granted.
    Roles(Box<RolesRule>),
    /// This role is to be assumed.
    Role(RoleArn),
    /// STS is to be asked here.
    Sts(StsOrigin),
    /// A role is to be assumed with this parameter.
    Parameter(Parameter),
    /// A session as long as this is to be asked for.
    Duration(Duration),
    /// The last session has to be limited by a policy, and has none.
    SessionPolicy,
    /// STS is to be asked through this proxy.
    Proxy(ProxyOrigin),
    /// TLS is to trust whom this file names, or else the built-in authorities, at STS.
    CaBundle(Option<FilePath>),
    /// More is granted than this build allows.
    LimitTooHigh {
        /// The limit's name.
        name: &'static str,
        /// What this build allows.
        most: u64,
    },
    /// This build has another bound.
    Bound {
        /// The bound's name.
        name: &'static str,
        /// What it is in this build.
        is: u64,
    },
    /// A layer of the second wall is required, and does not stand.
    Wall {
        /// The layer's name.
        name: &'static str,
    },
    /// A run went over this limit, and this build would have allowed more.
    LimitHit {
        /// The limit's name.
        name: &'static str,
        /// What this build allows.
        most: u64,
    },
}

impl Policy {
    /// The same grants, if a run with them is within this policy: what only a policy can grant is then granted.
    /// If it is not, what it needs beyond it. Only the wall is left out, which is judged when it stands.
    ///
    /// # Errors
    ///
    /// As [`Policy::effective`].
    pub fn admit(&self, grants: Grants) -> Result<Result<Grants, Vec<Excess>>, Error> {
        let without_wall = Self {
            wall: WallRule::default(),
            ..self.clone()
        };
        let excesses = without_wall.excesses(&Self::effective(&grants)?);
        Ok(if excesses.is_empty() {
            Ok(grants.at_any_https_endpoint().at_any_sts())
        } else {
            Err(excesses)
        })
    }

    /// What is in `needed` and not granted by this policy; nothing when a run that needs no more than
    /// that is within this policy. The limits are not needed but kept: those of this policy have to be
    /// at most the ones of `needed`. A layer of the wall that this policy requires has to stand in `needed`.
    pub fn excesses(&self, needed: &Self) -> Vec<Excess> {
        let mut excesses = Vec::new();
        if self.component.sha256 != needed.component.sha256 {
            excesses.push(Excess::Component(needed.component.sha256.clone()));
        }
        let (granted, imported) = (&self.component.imports, &needed.component.imports);
        let lacking = imported.iter().filter(|import| !granted.contains(import));
        excesses.extend(lacking.cloned().map(Excess::Import));
        let surplus = granted.iter().filter(|import| !imported.contains(import));
        excesses.extend(surplus.cloned().map(Excess::NoImport));

        let limits = self.limits.named().into_iter().zip(needed.limits.named());
        excesses.extend(
            limits
                .filter(|((_, granted), (_, most))| granted > most)
                .map(|(_, (name, most))| Excess::LimitTooHigh { name, most }),
        );
        if let (Some(granted), Some(this)) = (&self.bounds, &needed.bounds) {
            let bounds = granted.named().into_iter().zip(this.named());
            excesses.extend(
                bounds
                    .filter(|((_, granted), (_, is))| granted != is)
                    .map(|(_, (name, is))| Excess::Bound { name, is }),
            );
        }

        let variables = needed.environment.iter();
        excesses.extend(
            variables
                .filter(|variable| !self.environment.contains(variable))
                .map(|variable| Excess::Variable(*variable)),
        );
        if let Some(file) = &needed.token_file
            && self.token_file.as_ref() != Some(file)
        {
            excesses.push(Excess::TokenFile(file.clone()));
        }
        match (&self.endpoint, &needed.endpoint) {
            (_, None) => {}
            (None, Some(needed)) => excesses.push(Excess::Endpoint(Box::new(grantable(needed)))),
            (Some(granted), Some(needed)) => excesses.extend(members(granted, needed)),
        }
        match (&self.roles, &needed.roles) {
            (_, None) => {}
            (None, Some(needed)) => excesses.push(Excess::Roles(Box::new(needed.clone()))),
            (Some(granted), Some(needed)) => excesses.extend(of_roles(granted, needed)),
        }
        let layers = self.wall.named().into_iter().zip(needed.wall.named());
        excesses.extend(
            layers
                .filter(|((_, asked), (_, is))| {
                    *asked == LayerRule::Required && *is == LayerRule::Unavailable
                })
                .map(|(_, (name, _))| Excess::Wall { name }),
        );
        excesses
    }
}

/// What assuming roles needs beyond what is granted.
fn of_roles(granted: &RolesRule, needed: &RolesRule) -> Vec<Excess> {
    // Without `..`: a member that is added there has to be compared here.
    let RolesRule {
        arns,
        sts,
        parameters,
        max_duration_seconds,
        session_policy,
        proxy,
        ca_bundle,
    } = needed;
    let arns = arns.iter().filter(|arn| !granted.arns.contains(arn));
    let mut excesses: Vec<_> = arns.cloned().map(Excess::Role).collect();
    let sts = sts.iter().filter(|sts| !granted.sts.contains(sts));
    excesses.extend(sts.cloned().map(Excess::Sts));
    let parameters = parameters
        .iter()
        .filter(|parameter| !granted.parameters.contains(parameter));
    excesses.extend(parameters.copied().map(Excess::Parameter));
    if *max_duration_seconds > granted.max_duration_seconds {
        excesses.push(Excess::Duration(*max_duration_seconds));
    }
    if granted.session_policy == SessionPolicyRule::Required
        && *session_policy == SessionPolicyRule::Optional
    {
        excesses.push(Excess::SessionPolicy);
    }
    let proxy = proxy
        .as_ref()
        .filter(|it| granted.proxy.as_ref() != Some(it));
    excesses.extend(proxy.cloned().map(Excess::Proxy));
    if *ca_bundle != granted.ca_bundle {
        excesses.push(Excess::CaBundle(ca_bundle.clone()));
    }
    excesses
}

/// The endpoint as a policy would grant it. On ECS the last segment is the task's own: it changes with
/// each task, and who knows it can ask for the task's credentials, so it is not shown either.
fn grantable(needed: &EndpointRule) -> EndpointRule {
    let any_task = || PathRule::any_last_segment(needed.path.exact_text()?);
    let path = if needed.host.is_ecs() {
        any_task()
    } else {
        None
    };
    EndpointRule {
        path: path.unwrap_or_else(|| needed.path.clone()),
        ..needed.clone()
    }
}

/// The members of an endpoint that differ.
fn members(granted: &EndpointRule, needed: &EndpointRule) -> Vec<Excess> {
    // Without `..`: a member that is added there has to be compared here.
    let EndpointRule {
        method,
        scheme,
        host,
        port,
        path,
        ca_bundle,
    } = needed;
    let is_path_granted = granted.path == *path
        || path
            .exact_text()
            .is_some_and(|path| granted.path.grants(path));
    let is_bundle_granted = *ca_bundle == granted.ca_bundle;
    [
        ("method", *method == granted.method, json(method)),
        ("scheme", *scheme == granted.scheme, json(scheme)),
        ("host", *host == granted.host, json(host)),
        ("port", *port == granted.port, json(port)),
        ("path", is_path_granted, json(&grantable(needed).path)),
        ("ca_bundle", is_bundle_granted, json(ca_bundle)),
    ]
    .into_iter()
    .filter(|(_, is_granted, _)| !is_granted)
    .map(|(member, _, needed)| Excess::EndpointMember { member, needed })
    .collect()
}

impl Excess {
    /// The limit of `granted` that a run went over, when `most` allows more.
    pub fn of_limit(limit: Limit, granted: &LimitsRule, most: &LimitsRule) -> Option<Self> {
        let limit = match limit {
            Limit::Deadline => "deadline_ms",
            Limit::Fuel => "fuel",
            Limit::Memory => "memory_bytes",
            Limit::Table => "table_elements",
            Limit::Resources => "resources",
            Limit::Requests => "requests",
            Limit::Header => "header_bytes",
            Limit::Stack => return None,
        };
        let mut limits = granted.named().into_iter().zip(most.named());
        limits.find_map(|((name, granted), (_, most))| {
            (name == limit && granted < most).then_some(Self::LimitHit { name, most })
        })
    }

    /// The rule, as the path of a member of the policy: `component.sha256`.
    pub fn rule(&self) -> String {
        match self {
            Self::Component(_) => "component.sha256".to_owned(),
            Self::Import(_) | Self::NoImport(_) => "component.imports".to_owned(),
            Self::Variable(_) => "environment".to_owned(),
            Self::TokenFile(_) => "token_file".to_owned(),
            Self::Endpoint(_) => "endpoint".to_owned(),
            Self::EndpointMember { member, .. } => format!("endpoint.{member}"),
            Self::Roles(_) => "roles".to_owned(),
            Self::Role(_) => "roles.arns".to_owned(),
            Self::Sts(_) => "roles.sts".to_owned(),
            Self::Parameter(_) => "roles.parameters".to_owned(),
            Self::Duration(_) => "roles.max_duration_seconds".to_owned(),
            Self::SessionPolicy => "roles.session_policy".to_owned(),
            Self::Proxy(_) => "roles.proxy".to_owned(),
            Self::CaBundle(_) => "roles.ca_bundle".to_owned(),
            Self::LimitTooHigh { name, .. } | Self::LimitHit { name, .. } => {
                format!("limits.{name}")
            }
            Self::Bound { name, .. } => format!("bounds.{name}"),
            Self::Wall { name } => format!("wall.{name}"),
        }
    }

    /// The line of JSON that the policy lacks, or has too much.
    pub fn line(&self) -> String {
        match self {
            Self::Component(sha256) => format!("\"sha256\": {}", json(sha256)),
            Self::Import(import) | Self::NoImport(import) => json(import),
            Self::Variable(variable) => json(variable),
            Self::TokenFile(file) => format!("\"token_file\": {}", json(file)),
            Self::Endpoint(endpoint) => format!("\"endpoint\": {}", json(endpoint)),
            Self::EndpointMember { member, needed } => format!("\"{member}\": {needed}"),
            Self::Roles(roles) => format!("\"roles\": {}", json(roles)),
            Self::Role(arn) => json(arn),
            Self::Sts(sts) => json(sts),
            Self::Parameter(parameter) => json(parameter),
            Self::Duration(seconds) => format!("\"max_duration_seconds\": {seconds}"),
            Self::SessionPolicy => {
                format!("\"session_policy\": \"{}\"", SessionPolicyRule::Optional)
            }
            Self::Proxy(proxy) => format!("\"proxy\": {}", json(proxy)),
            Self::CaBundle(file) => format!("\"ca_bundle\": {}", json(file)),
            Self::LimitTooHigh { name, most } | Self::LimitHit { name, most } => {
                format!("\"{name}\": {most}")
            }
            Self::Bound { name, is } => format!("\"{name}\": {is}"),
            Self::Wall { name } => format!("\"{name}\": \"{}\"", LayerRule::Unavailable),
        }
    }
}

const OTHER_AUTHORITIES: &str = "by AWS_CA_BUNDLE, or without it, TLS is to trust other authorities than those that are granted";

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            Self::Component(_) => "the component of this build is not the one that is pinned",
            Self::Import(_) => "the component imports a function that is not granted",
            Self::NoImport(_) => "a function is granted that the component does not import",
            Self::Variable(_) => "a variable is set that is not granted",
            Self::TokenFile(_) => "the environment names a token file that is not granted",
            Self::Endpoint(_) => "the environment names an endpoint, and none is granted",
            Self::EndpointMember {
                member: "ca_bundle",
                ..
            } => OTHER_AUTHORITIES,
            Self::EndpointMember { .. } => "the environment names another endpoint",
            Self::Roles(_) => "roles are to be assumed, and none is granted",
            Self::Role(_) => "a role is to be assumed that is not granted",
            Self::Sts(_) => "STS is to be asked at an endpoint that is not granted",
            Self::Parameter(_) => "a role is to be assumed with a parameter that is not granted",
            Self::Duration(_) => "a longer session is to be asked for than is granted",
            Self::SessionPolicy => {
                "the last session has to be limited by a policy, and neither --session-policy nor --policy-arn does"
            }
            Self::Proxy(_) => "the environment names a proxy that is not granted",
            Self::CaBundle(_) => OTHER_AUTHORITIES,
            Self::LimitTooHigh { .. } => "this build never allows as much as is granted",
            Self::LimitHit { .. } => "the component was stopped: it needs more than is granted",
            Self::Bound { .. } => "this build has another bound",
            Self::Wall { .. } => {
                "this layer of the second wall is required, and the kernel or the container does not allow it"
            }
        };
        let line = self.line();
        write!(f, "{}: {why} (", self.rule())?;
        match self {
            Self::Import(_) => write!(f, "review it; the line to add to \"imports\" is {line}")?,
            Self::NoImport(_) => write!(f, "the line to leave out of \"imports\" is {line}")?,
            Self::Variable(_) => write!(f, "the line to add to \"environment\" is {line}")?,
            Self::Role(_) => write!(f, "the line to add to \"arns\" is {line}")?,
            Self::Sts(_) => write!(f, "the line to add to \"sts\" is {line}")?,
            Self::Parameter(_) => write!(f, "the line to add to \"parameters\" is {line}")?,
            Self::SessionPolicy => write!(f, "the line that does without it is {line}")?,
            Self::Component(_) => write!(f, "review it; the line that grants it is {line}")?,
            Self::LimitTooHigh { .. } | Self::Bound { .. } => {
                write!(f, "the line of this build is {line}")?;
            }
            Self::Wall { .. } => write!(f, "the line that does without it is {line}")?,
            Self::TokenFile(_)
            | Self::Endpoint(_)
            | Self::EndpointMember { .. }
            | Self::Roles(_)
            | Self::Duration(_)
            | Self::Proxy(_)
            | Self::CaBundle(_)
            | Self::LimitHit { .. } => write!(f, "the line that grants it is {line}")?,
        }
        f.write_str(")")
    }
}

fn json(value: &impl serde::Serialize) -> String {
    ascii(&serde_json::to_string(value).unwrap_or_default())
}

#[cfg(test)]
mod tests;
