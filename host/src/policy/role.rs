//! What a policy says of assuming roles.

use super::flaw::ValueFlaw;
use super::shape::{self, Set};
use super::text::FilePath;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use epicac_component::sts::role::{Role, RoleRequest};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// The roles that may be assumed, how, and at which STS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RolesRule {
    /// The roles, by their ARNs, each compared to the letter.
    pub arns: Set<RoleArn>,
    /// Where STS may be asked: scheme and host, and the port where it is not the scheme's own. `http` only
    /// on this machine. What is neither AWS's own nor on this machine is asked only under a policy that names
    /// it here.
    pub sts: Set<StsOrigin>,
    /// The parameters of `AssumeRole` that may be used beside `RoleArn`, `RoleSessionName` and
    /// `DurationSeconds`. None by default.
    #[serde(default)]
    pub parameters: Set<Parameter>,
    /// The longest session that may be asked for, in seconds, from 900 to 43,200; a session that nobody says
    /// a duration of counts as 3,600.
    pub max_duration_seconds: Duration,
    /// Whether the last session, the credentials of which are printed, has to be limited by a session policy
    /// or a managed policy: `required`, or `optional`, which is the default.
    #[serde(default)]
    pub session_policy: SessionPolicyRule,
    /// The HTTP proxy through which STS may be asked, as `http://host:port`. None by default.
    #[serde(default)]
    pub proxy: Option<ProxyOrigin>,
    /// The file that may say whom TLS trusts, in place of the built-in authorities: an absolute path, written
    /// as `token_file`. None by default.
    #[serde(default)]
    pub ca_bundle: Option<FilePath>,
}

/// The ARN of a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RoleArn(String);

impl TryFrom<String> for RoleArn {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        // The rules of what can be assumed are the rules of what can be granted.
        match Role::check(RoleRequest::new(text.clone()), "epicac", false) {
            Ok(_) => Ok(Self(text)),
            Err(_) => Err(ValueFlaw::RoleArn(text)),
        }
    }
}

impl From<&Role> for RoleArn {
    fn from(role: &Role) -> Self {
        Self(role.request().arn.clone())
    }
}

/// Where STS is, in one canonical spelling: `https://sts.eu-central-1.amazonaws.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct StsOrigin(String);

impl TryFrom<String> for StsOrigin {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        let Ok(endpoint) = Endpoint::from_full_uri(&text) else {
            return Err(ValueFlaw::StsOrigin(text));
        };
        if endpoint.scheme() == Scheme::Http && !is_loopback(endpoint.host()) {
            return Err(ValueFlaw::StsOrigin(text));
        }
        let origin = Self::from(&endpoint);
        match endpoint.path_with_query() == "/" && !text.ends_with('/') {
            true if origin.0 == text => Ok(origin),
            true => Err(ValueFlaw::OriginSpelling(origin.0)),
            false => Err(ValueFlaw::StsOrigin(text)),
        }
    }
}

impl From<&Endpoint> for StsOrigin {
    fn from(endpoint: &Endpoint) -> Self {
        let (scheme, own) = match endpoint.scheme() {
            Scheme::Http => ("http", 80),
            Scheme::Https => ("https", 443),
        };
        let host = endpoint.host();
        Self(match endpoint.port().filter(|port| *port != own) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        })
    }
}

/// Whether this is this machine itself, so that nobody else can listen.
fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Name(name) => name == "localhost",
    }
}

/// A proxy, in one canonical spelling: `http://proxy.example:3128`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProxyOrigin(String);

impl ProxyOrigin {
    /// The proxy at this host and port.
    pub fn new(host: &Host, port: u16) -> Self {
        Self(format!("http://{host}:{port}"))
    }
}

impl TryFrom<String> for ProxyOrigin {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        // A host is one whatever it is asked by.
        let named = text.strip_prefix("http://").and_then(|authority| {
            let named = Endpoint::from_full_uri(&format!("https://{authority}")).ok()?;
            Some(Self::new(named.host(), named.port()?))
        });
        match named {
            Some(named) if named.0 == text => Ok(named),
            _ => Err(ValueFlaw::Proxy(text)),
        }
    }
}

/// A parameter of `AssumeRole`, by AWS's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Parameter {
    /// What the role's trust policy asks for.
    ExternalId,
    /// A session policy.
    Policy,
    /// Managed policies that limit the session.
    PolicyArns,
    /// Who is behind the session.
    SourceIdentity,
    /// Session tags.
    Tags,
    /// Which of the tags further sessions keep.
    TransitiveTagKeys,
}

impl Parameter {
    /// Every one there is.
    pub const ALL: [Self; 6] = [
        Self::ExternalId,
        Self::Policy,
        Self::PolicyArns,
        Self::SourceIdentity,
        Self::Tags,
        Self::TransitiveTagKeys,
    ];

    /// AWS's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExternalId => "ExternalId",
            Self::Policy => "Policy",
            Self::PolicyArns => "PolicyArns",
            Self::SourceIdentity => "SourceIdentity",
            Self::Tags => "Tags",
            Self::TransitiveTagKeys => "TransitiveTagKeys",
        }
    }

    /// Whether this is asked for with it.
    pub fn is_used_by(self, request: &RoleRequest) -> bool {
        match self {
            Self::ExternalId => request.external_id.is_some(),
            Self::Policy => request.session_policy.is_some(),
            Self::PolicyArns => !request.policy_arns.is_empty(),
            Self::SourceIdentity => request.source_identity.is_some(),
            Self::Tags => !request.tags.is_empty(),
            Self::TransitiveTagKeys => !request.transitive_tag_keys.is_empty(),
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How long a session may be, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Duration(u32);

impl Duration {
    /// What STS takes when nobody says anything.
    pub const DEFAULT: Self = Self(3_600);

    /// That of the session that is asked for.
    pub fn of(request: &RoleRequest) -> Self {
        request.duration.map_or(Self::DEFAULT, Self)
    }
}

impl TryFrom<u64> for Duration {
    type Error = ValueFlaw;

    fn try_from(seconds: u64) -> Result<Self, ValueFlaw> {
        match u32::try_from(seconds) {
            Ok(short @ 900..=43_200) => Ok(Self(short)),
            _ => Err(ValueFlaw::Duration(seconds)),
        }
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        shape::number(deserializer)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a policy says of the policy of the last session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionPolicyRule {
    /// There may be none.
    #[default]
    Optional,
    /// A run is refused without one.
    Required,
}

impl TryFrom<String> for SessionPolicyRule {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        match text.as_str() {
            "optional" => Ok(Self::Optional),
            "required" => Ok(Self::Required),
            _ => Err(ValueFlaw::SessionPolicy(text)),
        }
    }
}

impl fmt::Display for SessionPolicyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Optional => "optional",
            Self::Required => "required",
        })
    }
}

macro_rules! is_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
is_text!(RoleArn, StsOrigin, ProxyOrigin);

macro_rules! reads_a_text {
    ($($name:ident),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                shape::text(deserializer)
            }
        }
    )*};
}
reads_a_text!(RoleArn, StsOrigin, ProxyOrigin, SessionPolicyRule);
