//! The format of a policy, as types. [`rules`](super::rules) says how each member is compared. The limits are in
//! `limits.rs`.

use super::values::{
    FilePath, HostName, LoopbackAddress, PathRule, ProxyOrigin, RoleArn, StsOrigin, Variable,
};
use crate::limits::Limits;
use crate::wall::Layer;
use epicac_component::endpoint::Scheme;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::num::NonZeroU16;

/// What epicac may do. Everything that is not named is denied. Everything that is named is enforced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct Policy {
    /// The version of this format: 1.
    pub version: u64,
    /// The component that may run.
    pub component: ComponentRule,
    /// The variables that the component may see.
    #[serde(default)]
    pub environment: Vec<Variable>,
    /// The one file that the component may read, its authorization token. Links are followed.
    pub token_file: Option<FilePath>,
    /// The one request that the component may send.
    pub endpoint: Option<EndpointRule>,
    /// The roles that may be assumed, and what that takes.
    pub roles: Option<RolesRule>,
    /// How the credentials may be served to other programs.
    pub serve: Option<ServeRule>,
    /// How much of everything a run may use.
    pub limits: Limits,
    /// The layers of the second wall without which a run is refused.
    #[serde(default)]
    pub wall: Vec<Layer>,
}

/// The component that may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct ComponentRule {
    /// The SHA-256 digest of `epicac.wasm`, 64 hexadecimal digits in lower case.
    pub sha256: String,
    /// Every function that it imports, as `package:name/interface@version#function`: no more, no less.
    pub imports: Vec<String>,
}

/// The one request that the component may send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct EndpointRule {
    /// The method.
    pub method: Method,
    /// The scheme.
    pub scheme: Scheme,
    /// The host: over http one of `behaviour.md` §1's, over https any.
    pub host: HostName,
    /// The port; where the URI names none, 80 for http and 443 for https.
    pub port: NonZeroU16,
    /// Path and query.
    pub path: PathRule,
    /// Over https, the file with the certificates of the authorities that TLS trusts, in place of the built-in ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<FilePath>,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// `GET`
    #[serde(rename = "GET")]
    Get,
}

/// The roles that may be assumed, how, and at which STS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct RolesRule {
    /// The roles.
    pub arns: Vec<RoleArn>,
    /// Where STS may be asked. An STS that is neither AWS's own nor on this machine must be named here.
    pub sts: Vec<StsOrigin>,
    /// The parameters of `AssumeRole` that may be used beside `RoleArn`, `RoleSessionName` and
    /// `DurationSeconds`.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// The longest session that may be asked for. A session without a duration counts as 3,600 seconds.
    pub max_duration_seconds: u32,
    /// Whether a session policy or a managed policy has to limit the last session, whose credentials are printed.
    #[serde(default)]
    pub session_policy: SessionPolicy,
    /// The HTTP proxy through which STS may be asked.
    pub proxy: Option<ProxyOrigin>,
    /// The file with the certificates of the authorities that TLS trusts, in place of the built-in ones.
    pub ca_bundle: Option<FilePath>,
}

/// A parameter of `AssumeRole`, by AWS's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a policy says of the policy of the last session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionPolicy {
    /// There may be none.
    #[default]
    Optional,
    /// A run is refused without one.
    Required,
}

/// How credentials may be served to other programs, by `epicac serve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct ServeRule {
    /// The address that may be listened on.
    pub listen: LoopbackAddress,
    /// The file that the token of callers may be written to.
    pub token_file: FilePath,
    /// Whether the group of this file may read it, beside the user that writes it.
    #[serde(default)]
    pub token_group: bool,
}

impl Policy {
    /// The policy as JSON, for people to read, in ASCII. [`Policy::parse`] reads it as the same policy.
    pub fn to_json(&self) -> String {
        ascii(&serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// The policy as a tree, in which a rule finds its member.
    pub(super) fn to_tree(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// JSON with every other character escaped, so that nothing in it is invisible or acts on a terminal.
pub(super) fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, '\n' | ' '..='~') {
            escaped.push(c);
        } else {
            // Outside of strings JSON has no such characters.
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}
