//! Reads a policy from JSON, strictly: what is not understood is not accepted.

use super::flaw::{Contradiction, PolicyFlaw};
use super::model::{MAX_BYTES, Policy, Variable};
use super::shape::Object;
use super::text::{Scheme, Version};
use epicac_component::printable::Line;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use std::fmt;

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, and where.
    pub fn parse(json: &[u8]) -> Result<Self, PolicyFlaw> {
        if json.len() > MAX_BYTES {
            return Err(PolicyFlaw::TooLarge);
        }
        // The version first: what another one knows is not unknown, but not for us to judge.
        let _: Object<AnyVersion> = serde_json::from_slice(json).map_err(|error| flaw(&error))?;
        let Object(policy): Object<Self> =
            serde_json::from_slice(json).map_err(|error| flaw(&error))?;
        match contradiction(&policy) {
            None => Ok(policy),
            Some(what) => {
                let (line, column) = place(json, what.member());
                Err(PolicyFlaw::Contradiction { line, column, what })
            }
        }
    }

    /// The policy as JSON, for people to read, in ASCII. [`Policy::parse`] reads it as the same policy.
    pub fn to_json(&self) -> String {
        let json = serde_json::to_string_pretty(self).unwrap_or_default();
        ascii(&json)
    }
}

/// What every version has.
#[derive(Deserialize)]
struct AnyVersion {
    #[serde(rename = "version")]
    _version: Version,
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

fn contradiction(policy: &Policy) -> Option<Contradiction> {
    let granted = |variable| policy.environment.contains(&variable);
    let relative = granted(Variable::RelativeUri);
    let full = granted(Variable::FullUri);
    if let Some(endpoint) = &policy.endpoint {
        if !relative && !full {
            return Some(Contradiction::EndpointUnnamed);
        }
        let is_http = endpoint.scheme == Scheme::Http;
        let is_ecs = is_http && endpoint.host.is_ecs() && endpoint.port.get() == 80;
        if !full && !is_ecs {
            return Some(Contradiction::EndpointElsewhere);
        }
        if is_http && !endpoint.host.is_asked_over_http() {
            return Some(Contradiction::HostOverHttp);
        }
        if is_http && endpoint.ca_bundle.is_some() {
            return Some(Contradiction::CaBundleOverHttp);
        }
    }
    if policy.token_file.is_some() && !granted(Variable::TokenFile) {
        return Some(Contradiction::TokenFileUnnamed);
    }
    if policy.roles.is_none() && Variable::ROLES.into_iter().any(granted) {
        return Some(Contradiction::RolesUngranted);
    }
    None
}

fn flaw(error: &serde_json::Error) -> PolicyFlaw {
    let (line, column) = (error.line().max(1), error.column().max(1));
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let what = text.strip_suffix(&place).unwrap_or(&text);
    // Our own words end with their remedy. Serde's do not, whatever the text that they quote ends with; and
    // what is quoted of the file is kept short.
    let is_serde = SERDE_BEGINS.iter().any(|begin| what.starts_with(begin));
    let what = if error.is_data() && !is_serde && what.ends_with(')') {
        what.to_owned()
    } else {
        format!(
            "{} (compare it with the output of `epicac policy`)",
            Line(what)
        )
    };
    PolicyFlaw::Json { line, column, what }
}

/// How the errors begin that serde itself has for data: the methods of `serde::de::Error`.
const SERDE_BEGINS: [&str; 7] = [
    "invalid type: ",
    "invalid value: ",
    "invalid length ",
    "unknown variant ",
    "unknown field ",
    "missing field ",
    "duplicate field ",
];

/// Line and column of the end of the name of this member of the object.
fn place(json: &[u8], member: &str) -> (usize, usize) {
    let mut reader = serde_json::Deserializer::from_slice(json);
    match (Until { member }).deserialize(&mut reader) {
        Err(error) => (error.line().max(1), error.column().max(1)),
        Ok(()) => (1, 1),
    }
}

/// Reads an object up to the name of a member, and fails there: a failure knows its place.
struct Until<'a> {
    member: &'a str,
}

impl<'de> DeserializeSeed<'de> for Until<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Until<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            if name == self.member {
                return Err(A::Error::custom("here"));
            }
            members.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

// With their paths, as the fuzz target includes this file from elsewhere.
#[cfg(test)]
#[path = "parse/refused.rs"]
mod refused;
#[cfg(test)]
#[path = "parse/tests.rs"]
mod tests;
