//! Reads a policy from JSON, strictly: unknown members are errors.

use super::error::{MemberError, PolicyError, PolicyFailure};
use super::model::Policy;
use super::rules::{name, remedy};
use epicac_component::endpoint::Scheme;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN_FILE};
use epicac_component::printable::Line;
use epicac_component::sts::environment::VARIABLES;
use serde_path_to_error::Segment;

/// The size of a policy file, in bytes, at most.
pub const MAX_BYTES: usize = 64 << 10;

impl Policy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    ///
    /// The first error: a text that is not JSON, a value that a policy cannot have, with line and column, or a member that
    /// contradicts another one.
    pub fn parse(json: &[u8]) -> Result<Self, PolicyError> {
        if json.len() > MAX_BYTES {
            return Err(Self::too_large());
        }
        let mut reader = serde_json::Deserializer::from_slice(json);
        let policy: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            // What is not JSON is not the fault of a member.
            let is_of_member = error.inner().is_data();
            let at = is_of_member.then(|| pointer(error.path()));
            unreadable(&at.unwrap_or_default(), error.inner())
        })?;
        reader.end().map_err(|error| unreadable("", &error))?;
        match contradiction(&policy) {
            Some((at, error)) => Err(invalid("", at, &error)),
            None => Ok(policy),
        }
    }

    /// The error for a policy that is too large for a file.
    pub fn too_large() -> PolicyError {
        invalid("", "", &MemberError::TooLarge)
    }
}

/// The error for the member at the pointer `at`. `place` begins the reason: where in the file it is.
pub(super) fn invalid(place: &str, at: &str, error: &MemberError) -> PolicyError {
    let member = match name(at) {
        root if root.is_empty() => root,
        member => format!("{}: ", Line(&member)),
    };
    let why = format!("{place}{member}{error}");
    PolicyError::new(PolicyFailure::Invalid, why, remedy(at, error.remedy()))
}

/// serde's error, on one line and of limited length, with the place where serde stopped to read.
fn unreadable(at: &str, error: &serde_json::Error) -> PolicyError {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = Line(text.strip_suffix(&place).unwrap_or(&text)).to_string();
    let (line, column) = (error.line().max(1), error.column().max(1));
    let place = format!("line {line}, column {column}: ");
    invalid(&place, at, &MemberError::Json(text))
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

/// The first member that contradicts another one.
fn contradiction(policy: &Policy) -> Option<(&'static str, MemberError)> {
    let granted = |name: &str| policy.environment.iter().any(|variable| variable.0 == name);
    let (relative, full) = (granted(RELATIVE_URI), granted(FULL_URI));
    if let Some(endpoint) = &policy.endpoint {
        let is_http = endpoint.scheme == Scheme::Http;
        let is_ecs = is_http && endpoint.host.is_ecs() && endpoint.port.get() == 80;
        if !relative && !full {
            return Some(("/endpoint", MemberError::EndpointWithoutVariable));
        }
        if !full && !is_ecs {
            return Some(("/endpoint", MemberError::EndpointOfRelativeUri));
        }
        if is_http && !endpoint.host.is_asked_over_http() {
            return Some(("/endpoint/host", MemberError::HostOverHttp));
        }
        if is_http && endpoint.ca_bundle.is_some() {
            return Some(("/endpoint/ca_bundle", MemberError::BundleOverHttp));
        }
    }
    if policy.token_file.is_some() && !granted(TOKEN_FILE) {
        return Some(("/token_file", MemberError::FileWithoutVariable));
    }
    let mut variables = policy.environment.iter();
    let is_of_roles = variables.any(|variable| VARIABLES.contains(&variable.0.as_str()));
    (is_of_roles && policy.roles.is_none())
        .then_some(("/environment", MemberError::VariableWithoutRoles))
}
