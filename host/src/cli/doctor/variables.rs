//! The variables that EKS and ECS set, and the endpoint that they name.

use super::report::Check;
use epicac::Admitted;
use epicac_component::endpoint::EndpointError;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::{Endpoint, Environment, Error};
use std::env;

/// Variables that give an SDK credentials before it looks at a profile or an endpoint; for some SDKs, at
/// least.
const EARLIER: [&str; 2] = ["AWS_ACCESS_KEY_ID", WEB_IDENTITY];
const WEB_IDENTITY: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// The first of these that is set.
pub(super) fn earlier() -> Option<&'static str> {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    EARLIER.into_iter().find(is_set)
}

/// Whether the variables are there, and no others in their way.
pub(super) fn check(environment: &Environment) -> Check {
    const NAME: &str = "variables";
    let Environment {
        relative_uri,
        full_uri,
        token_file,
        token,
    } = environment;
    if relative_uri.is_none() && full_uri.is_none() {
        return Check::told(NAME, Error::from(EndpointError::Unset).told());
    }
    let set: Vec<&str> = [
        (RELATIVE_URI, relative_uri.is_some()),
        (FULL_URI, full_uri.is_some()),
        (TOKEN_FILE, token_file.is_some()),
        (TOKEN, token.is_some()),
    ]
    .into_iter()
    .filter_map(|(name, is_set)| is_set.then_some(name))
    .collect();
    if let Some(name) = earlier() {
        let detail = format!("{name} is set, and SDKs may take its credentials before any other");
        let remedy = match name {
            WEB_IDENTITY => {
                "remove the annotation eks.amazonaws.com/role-arn of the service account, by which EKS sets it"
            }
            _ => "remove it from the pod's specification",
        };
        return Check::warn(NAME, detail, remedy);
    }
    for (first, second) in [(RELATIVE_URI, FULL_URI), (TOKEN_FILE, TOKEN)] {
        if set.contains(&first) && set.contains(&second) {
            let detail = format!("{first} and {second} are both set, and the first one wins");
            return Check::warn(NAME, detail, "remove one of them");
        }
    }
    Check::ok(NAME, set.join(", "))
}

/// Whether the endpoint may be asked.
pub(super) fn check_endpoint(
    endpoint: &Result<Endpoint, EndpointError>,
    admitted: &Admitted,
) -> Check {
    const NAME: &str = "endpoint";
    match endpoint {
        Err(EndpointError::Unset) => Check::skipped(NAME, "no variable names one"),
        Err(error) => Check::told(NAME, Error::from(error.clone()).told()),
        Ok(endpoint) => match admitted.endpoint() {
            Err(denial) => Check::run(NAME, &epicac::Error::Denied(denial)),
            // On ECS the path holds the one thing that a request needs to know.
            Ok(_) => Check::ok(NAME, format_args!("{} may be asked", endpoint.origin())),
        },
    }
}
