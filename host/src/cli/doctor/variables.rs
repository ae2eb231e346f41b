//! The variables that EKS and ECS set, and the endpoint that they name.

use super::finding::Finding;
use super::report::Check;
use epicac::{Admitted, Grants};
use epicac_component::endpoint::EndpointError;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::{Environment, Message};
use std::env;

/// What gives an SDK credentials before it looks at a profile or an endpoint; for some SDKs, at least.
pub(super) fn earlier() -> Option<Finding> {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("AWS_ACCESS_KEY_ID") {
        Some(Finding::Keys)
    } else {
        is_set("AWS_WEB_IDENTITY_TOKEN_FILE").then_some(Finding::WebIdentity)
    }
}

/// Whether the variables are there, and no others in their way.
pub(super) fn check(environment: &Environment) -> Check {
    let Environment {
        relative_uri,
        full_uri,
        token_file,
        token,
    } = environment;
    if relative_uri.is_none() && full_uri.is_none() {
        return Check::failed("variables", &Message::of(&EndpointError::Unset));
    }
    let known = [
        (RELATIVE_URI, relative_uri.is_some()),
        (FULL_URI, full_uri.is_some()),
        (TOKEN_FILE, token_file.is_some()),
        (TOKEN, token.is_some()),
    ];
    let set = known.iter().filter(|(_, is_set)| *is_set);
    let set: Vec<&str> = set.map(|(name, _)| *name).collect();
    let mut pairs = [(RELATIVE_URI, FULL_URI), (TOKEN_FILE, TOKEN)].into_iter();
    let both = pairs.find(|(first, second)| set.contains(first) && set.contains(second));
    Check::from(match (earlier(), both) {
        (Some(earlier), _) => earlier,
        (None, Some((first, second))) => Finding::BothSet(first, second),
        (None, None) => Finding::Variables(set.join(", ")),
    })
}

/// Whether the endpoint may be asked.
pub(super) fn check_endpoint(grants: &Grants, admitted: &Admitted) -> Check {
    match grants.endpoint() {
        Err(EndpointError::Unset) => Finding::NoEndpoint.into(),
        Err(error) => Check::failed("endpoint", &Message::of(error)),
        Ok(endpoint) => match admitted.endpoint() {
            Err(denial) => Check::run("endpoint", &epicac::Error::Denied(denial)),
            // On ECS the path holds the one thing that a request needs to know.
            Ok(_) => Finding::Endpoint(endpoint.origin()).into(),
        },
    }
}
