//! The format of a policy, as types. [`rules`](super::rules) says how each member is compared. The limits are in
//! `limits.rs`.

use super::values::{
    FilePath, HostName, LoopbackAddress, PathRule, ProxyOrigin, RoleArn, StsOrigin, Variable,
    each_once, session_seconds, version,
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
    #[serde(deserialize_with = "version")]
    pub(super) version: u64,
    pub(super) component: ComponentRule,
    /// The variables that the component may see.
    #[serde(default, deserialize_with = "each_once")]
    pub(super) environment: Vec<Variable>,
    /// The one file that the component may read, its authorization token. Links are followed.
    pub(super) token_file: Option<FilePath>,
    /// The one request that the component may send.
    pub(super) endpoint: Option<EndpointRule>,
    /// The roles that may be assumed, how, and at which STS.
    pub(super) roles: Option<RolesRule>,
    /// How the credentials may be served to other programs.
    pub(super) serve: Option<ServeRule>,
    /// How much of everything a run may use.
    pub(super) limits: Limits,
    /// The layers of the second wall without which a run is refused.
    #[serde(default, deserialize_with = "each_once")]
    pub(super) wall: Vec<Layer>,
}

/// The component that may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct ComponentRule {
    /// The SHA-256 digest of `epicac.wasm`, 64 hexadecimal digits in lower case.
    pub(super) sha256: String,
    /// Every function that it imports, as `package:name/interface@version#function`: no more, no less.
    #[serde(deserialize_with = "each_once")]
    pub(super) imports: Vec<String>,
}

/// The one request that the component may send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct EndpointRule {
    pub(super) method: Method,
    pub(super) scheme: Scheme,
    /// Over http one of the hosts of `behaviour.md` §1, over https any.
    pub(super) host: HostName,
    /// A URI without a port means 80 for http and 443 for https.
    pub(super) port: NonZeroU16,
    pub(super) path: PathRule,
    /// Over https, the file with the certificates of the authorities that TLS trusts, in place of the built-in ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca_bundle: Option<FilePath>,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Method {
    #[serde(rename = "GET")]
    Get,
}

/// The roles that may be assumed, how, and at which STS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub(super) struct RolesRule {
    #[serde(deserialize_with = "each_once")]
    pub(super) arns: Vec<RoleArn>,
    /// Where STS may be asked. An STS that is neither AWS's own nor on this machine must be named here.
    #[serde(deserialize_with = "each_once")]
    pub(super) sts: Vec<StsOrigin>,
    /// The parameters of `AssumeRole` that may be used beside `RoleArn`, `RoleSessionName` and
    /// `DurationSeconds`.
    #[serde(default, deserialize_with = "each_once")]
    pub(super) parameters: Vec<Parameter>,
    /// The longest session that may be asked for. A session without a duration counts as 3,600 seconds.
    #[serde(deserialize_with = "session_seconds")]
    pub(super) max_duration_seconds: u32,
    /// Whether a session policy or a managed policy has to limit the last session, whose credentials are printed.
    #[serde(default)]
    pub(super) session_policy: SessionPolicy,
    /// The HTTP proxy through which STS may be asked.
    pub(super) proxy: Option<ProxyOrigin>,
    /// The file with the certificates of the authorities that TLS trusts, in place of the built-in ones.
    pub(super) ca_bundle: Option<FilePath>,
}

/// A parameter of `AssumeRole`, by AWS's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Parameter {
    ExternalId,
    Policy,
    PolicyArns,
    SourceIdentity,
    Tags,
    TransitiveTagKeys,
}

/// Whether a policy has to limit the last session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionPolicy {
    #[default]
    Optional,
    Required,
}

/// How credentials may be served to other programs, by `epicac serve`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct ServeRule {
    /// The address that may be listened on.
    pub(super) listen: LoopbackAddress,
    /// The file that the token of callers may be written to.
    pub(super) token_file: FilePath,
    /// Whether the group of this file may read it, beside the user that writes it.
    #[serde(default)]
    pub(super) token_group: bool,
}

impl Policy {
    /// The policy as JSON, for people to read, in ASCII. [`Policy::parse`] reads it as the same policy.
    pub fn to_json(&self) -> String {
        ascii(&serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// The policy as a tree, in which a rule finds its member.
    pub(super) fn to_tree(&self) -> Value {
        tree(self)
    }
}

/// A member of a policy as a tree.
pub(super) fn tree(member: &impl Serialize) -> Value {
    serde_json::to_value(member).unwrap_or_default()
}

/// JSON with all characters but printable ASCII escaped, so that nothing in it is invisible or acts on a terminal.
pub(super) fn ascii(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if matches!(c, '\n' | ' '..='~') {
            escaped.push(c);
        } else {
            // Such a character is always within a string, where an escape means the same.
            for unit in c.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    escaped
}
