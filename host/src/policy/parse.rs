//! Reads a policy from JSON, strictly: unknown members are errors.

use super::error::{PolicyError, PolicyFailure};
use super::model::{Policy, Scheme};
use super::rules::{COMPARE, RULES, Rule, name};
use super::values::Variable;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN_FILE};
use epicac_component::printable::Line;
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
            invalid(
                format!("line {line}, column {column}: {}", told(&error)),
                COMPARE,
            )
        })?;
        let json = str::from_utf8(json).unwrap_or_default();
        let wrong = |at: &str, why: &str| {
            let remedy = Rule::of(at).map_or(COMPARE, |rule| rule.write);
            invalid(placed(json, at, why), remedy)
        };
        if let Some(at) = array_for_object(&tree) {
            return Err(wrong(at, "an array stands where an object belongs"));
        }
        // Before what another version knows is called unknown.
        let version = tree.get("version").and_then(Value::as_u64);
        if let Some(other) = version.filter(|version| *version != 1) {
            return Err(wrong(
                "/version",
                &format!("version {other} is not known to this build"),
            ));
        }
        let mut reader = serde_json::Deserializer::from_str(json);
        let policy: Self = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| wrong(&pointer(error.path()), &told(error.inner())))?;
        if let Some((at, why)) = out_of_range(&policy, &tree) {
            return Err(wrong(&at, why));
        }
        match contradiction(&policy) {
            Some((at, why, remedy)) => Err(invalid(placed(json, at, why), remedy)),
            None => Ok(policy),
        }
    }

    /// The error for a policy that is too large for a file.
    pub fn too_large() -> PolicyError {
        let why = format!("it has more than {MAX_BYTES} bytes");
        invalid(why, "is it the output of `epicac policy`?")
    }
}

fn invalid(why: String, remedy: &str) -> PolicyError {
    PolicyError::new(PolicyFailure::Invalid, why, remedy)
}

/// serde's message without the place, on one line and of limited length.
fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    Line(text.strip_suffix(&place).unwrap_or(&text)).to_string()
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    let steps = path.iter().filter_map(|step| match step {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{key}")),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect()
}

/// `why`, with line and column of the member at this pointer, or else of the one that it belongs in.
fn placed(json: &str, at: &str, why: &str) -> String {
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
    // A part of the text begins where it stands in the text.
    let offset = part.as_ptr().addr().saturating_sub(json.as_ptr().addr());
    let before = json.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
    match name(at) {
        root if root.is_empty() => format!("line {line}, column {column}: {why}"),
        member => format!("line {line}, column {column}: {}: {why}", Line(&member)),
    }
}

/// The pointer to an array where an object belongs. serde would read its elements as members.
fn array_for_object(tree: &Value) -> Option<&'static str> {
    let mut objects = RULES.iter().filter_map(|rule| rule.at.rsplit_once('/'));
    let object = objects.find(|(object, _)| tree.pointer(object).is_some_and(Value::is_array))?;
    Some(object.0)
}

/// The first value that has the right type and cannot be enforced.
fn out_of_range(policy: &Policy, tree: &Value) -> Option<(String, &'static str)> {
    let seconds = policy
        .roles
        .as_ref()
        .map(|roles| roles.max_duration_seconds);
    if seconds.is_some_and(|seconds| !(900..=43_200).contains(&seconds)) {
        return Some((
            "/roles/max_duration_seconds".to_owned(),
            "no session is as long",
        ));
    }
    for rule in RULES {
        let value = tree.pointer(rule.at).unwrap_or(&Value::Null);
        if rule.at.starts_with("/limits/") && value.as_u64() == Some(0) {
            return Some((rule.at.to_owned(), "no run gets by on nothing"));
        }
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, element) in list.iter().enumerate() {
            if list.iter().take(index).any(|earlier| earlier == element) {
                return Some((format!("{}/{index}", rule.at), "this comes twice"));
            }
        }
    }
    None
}

/// Two members that cannot both be meant: where, why, and what to do.
fn contradiction(policy: &Policy) -> Option<(&'static str, &'static str, &'static str)> {
    let granted = |name: &str| policy.environment.iter().any(|it| it.is(name));
    let (relative, full) = (granted(RELATIVE_URI), granted(FULL_URI));
    let endpoint = policy.endpoint.as_ref();
    let is_http = endpoint.is_some_and(|it| it.scheme == Scheme::Http);
    let is_ecs = is_http && endpoint.is_some_and(|it| it.host.is_ecs() && it.port.get() == 80);
    [
        (
            endpoint.is_some() && !relative && !full,
            "/endpoint",
            "an endpoint is granted, but no variable that names it",
            "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"endpoint\": null",
        ),
        (
            endpoint.is_some() && !full && !is_ecs,
            "/endpoint",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone is granted, which can name only http, 169.254.170.2 and port 80",
            "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"scheme\": \"http\", \"host\": \"169.254.170.2\" and \"port\": 80",
        ),
        (
            is_http && endpoint.is_some_and(|it| !it.host.is_asked_over_http()),
            "/endpoint/host",
            "this endpoint's host is never asked over http",
            "set \"host\" to an address of 127.0.0.0/8, [::1], localhost, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23], or \"scheme\" to \"https\"",
        ),
        (
            is_http && endpoint.is_some_and(|it| it.ca_bundle.is_some()),
            "/endpoint/ca_bundle",
            "a CA bundle is granted for an endpoint that is asked over http",
            "leave out its \"ca_bundle\", or set \"scheme\" to \"https\"",
        ),
        (
            policy.token_file.is_some() && !granted(TOKEN_FILE),
            "/token_file",
            "a token file is granted, but not the variable that names it",
            "add \"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\" to \"environment\", or set \"token_file\": null",
        ),
        (
            policy.roles.is_none() && policy.environment.iter().any(Variable::is_of_roles),
            "/environment",
            "a variable is granted that is read for roles alone, but no roles are",
            "leave it out, or grant \"roles\"",
        ),
    ]
    .into_iter()
    .find_map(|(is_so, at, why, remedy)| is_so.then_some((at, why, remedy)))
}
