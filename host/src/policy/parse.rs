//! Reads a policy from JSON, strictly: unknown members are errors.

use super::model::Policy;
use super::rules::{Held, RULES, Rule, name, remedy};
use crate::error::{Flaw, PolicyError, PolicyFailure};
use epicac_component::endpoint::Scheme;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN_FILE};
use epicac_component::printable::Line;
use epicac_component::rows::Field as _;
use epicac_component::sts::environment::VARIABLES;
use serde_json::Value;
use serde_json::value::RawValue;
use serde_path_to_error::Segment;
use std::collections::HashMap;

/// The size of a policy file, in bytes, at most.
pub const MAX_BYTES: usize = 64 << 10;

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with line, column and member.
    pub fn parse(json: &[u8]) -> Result<Self, PolicyError> {
        if json.len() > MAX_BYTES {
            return Err(Self::too_large());
        }
        let tree: Value = serde_json::from_slice(json).map_err(|error| {
            let (line, column) = (error.line().max(1), error.column().max(1));
            let place = format!("line {line}, column {column}: ");
            invalid(&place, "", &said(&error))
        })?;
        let json = str::from_utf8(json).unwrap_or_default();
        let wrong = |at: &str, flaw: &Flaw| invalid(&place(json, at), at, flaw);
        if let Some(at) = array_for_object(&tree) {
            return Err(wrong(at, &Flaw::Array));
        }
        // First, as a member of another version would be called unknown.
        let version = tree.get("version").and_then(Value::as_u64);
        if let Some(other) = version.filter(|version| *version != 1) {
            return Err(wrong("/version", &Flaw::Version(other)));
        }
        let mut reader = serde_json::Deserializer::from_str(json);
        let policy: Self = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| wrong(&pointer(error.path()), &said(error.inner())))?;
        if let Some((at, flaw)) = out_of_range(&tree) {
            return Err(wrong(&at, &flaw));
        }
        match contradiction(&policy) {
            Some((at, flaw)) => Err(wrong(at, &flaw)),
            None => Ok(policy),
        }
    }

    /// The error for a policy that is too large for a file.
    pub fn too_large() -> PolicyError {
        invalid("", "", &Flaw::TooLarge)
    }
}

/// The error for this flaw of the member at the pointer `at`. `place` begins the reason: where in the file it is.
pub(super) fn invalid(place: &str, at: &str, flaw: &Flaw) -> PolicyError {
    let why = format!("{place}{flaw}");
    PolicyError::new(PolicyFailure::Invalid, why, remedy(at, flaw.remedy()))
}

/// serde's message without the place, on one line and of limited length.
fn said(error: &serde_json::Error) -> Flaw {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    Flaw::Json(Line(text.strip_suffix(&place).unwrap_or(&text)).to_string())
}

/// The JSON pointer to the value that serde was reading.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let steps = path.iter().filter_map(|step| match step {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{key}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect()
}

/// Line, column and name of the member at this pointer. If the member is not there, line and column are those of the
/// object that it belongs in.
fn place(json: &str, at: &str) -> String {
    let mut part = json;
    for step in at.split('/').skip(1) {
        let member = match step.parse::<usize>() {
            Ok(index) => serde_json::from_str::<Vec<&RawValue>>(part)
                .ok()
                .and_then(|list| list.get(index).copied()),
            Err(_) => serde_json::from_str::<HashMap<String, &RawValue>>(part)
                .ok()
                .and_then(|members| members.get(step).copied()),
        };
        let Some(member) = member else { break };
        part = member.get();
    }
    // A `RawValue` borrows from the text, so that the difference of the addresses is its offset.
    let offset = part.as_ptr().addr().saturating_sub(json.as_ptr().addr());
    let before = json.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    match name(at) {
        root if root.is_empty() => format!("line {line}, column {column}: "),
        member => format!("line {line}, column {column}: {}: ", Line(&member)),
    }
}

/// The pointer to an array where an object belongs. serde would read its elements as members.
fn array_for_object(tree: &Value) -> Option<&'static str> {
    let mut objects = RULES.iter().filter_map(|rule| rule.at.rsplit_once('/'));
    let object = objects.find(|(object, _)| tree.pointer(object).is_some_and(Value::is_array))?;
    Some(object.0)
}

/// The first value that has the right type and cannot be enforced.
fn out_of_range(tree: &Value) -> Option<(String, Flaw)> {
    RULES.iter().find_map(|rule| {
        let value = tree.pointer(rule.at)?;
        let has_members = |it: &Rule| it.at.rsplit_once('/').is_some_and(|(at, _)| at == rule.at);
        match (rule.held, value.as_u64()) {
            (Held::AtMost, Some(0)) => Some((rule.at.to_owned(), Flaw::Zero)),
            (Held::AtLeast, Some(..900 | 43_201..)) => Some((rule.at.to_owned(), Flaw::Duration)),
            // serde reads `{"GET": null}` as it reads `"GET"`.
            _ if value.is_object() && !RULES.iter().any(has_members) => {
                Some((rule.at.to_owned(), Flaw::Object))
            }
            _ => {
                let list = value.as_array()?;
                if let Some(at) = list.iter().position(Value::is_object) {
                    return Some((format!("{}/{at}", rule.at), Flaw::Object));
                }
                let earlier = |at: usize| list.iter().take(at);
                let is_there = |at: &usize| earlier(*at).any(|it| list.get(*at) == Some(it));
                let twice = (0..list.len()).find(is_there)?;
                Some((format!("{}/{twice}", rule.at), Flaw::Twice))
            }
        }
    })
}

/// The first member that contradicts another one.
fn contradiction(policy: &Policy) -> Option<(&'static str, Flaw)> {
    let granted = |name: &str| policy.environment.iter().any(|it| it.0 == name);
    let (relative, full) = (granted(RELATIVE_URI), granted(FULL_URI));
    if let Some(endpoint) = &policy.endpoint {
        let is_http = endpoint.scheme == Scheme::Http;
        let is_ecs = is_http && endpoint.host.is_ecs() && endpoint.port.get() == 80;
        if !relative && !full {
            return Some(("/endpoint", Flaw::EndpointWithoutVariable));
        }
        if !full && !is_ecs {
            return Some(("/endpoint", Flaw::EndpointOfRelativeUri));
        }
        if is_http && !endpoint.host.is_asked_over_http() {
            return Some(("/endpoint/host", Flaw::HostOverHttp));
        }
        if is_http && endpoint.ca_bundle.is_some() {
            return Some(("/endpoint/ca_bundle", Flaw::BundleOverHttp));
        }
    }
    if policy.token_file.is_some() && !granted(TOKEN_FILE) {
        return Some(("/token_file", Flaw::FileWithoutVariable));
    }
    let mut variables = policy.environment.iter();
    let is_of_roles = variables.any(|it| VARIABLES.contains(&it.0.as_str()));
    (is_of_roles && policy.roles.is_none()).then_some(("/environment", Flaw::VariableWithoutRoles))
}
