//! The authorization token: whether it can be sent, and whether EKS would take it. Of the token itself
//! nothing is shown, but whom it speaks for and how long.

use super::jwt::{Claims, JwtFlaw};
use super::report::{Check, Span};
use epicac::Grants;
use epicac_component::{Endpoint, Environment, Error, Host, Scheme, Token, TokenSource};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The token that the component would send now, and where it comes from.
pub(super) struct Read {
    from: String,
    token: Token,
}

/// Reads it by the rules of the component. None when the environment names none.
pub(super) fn read(grants: &Grants, environment: &Environment) -> Option<Result<Read, Error>> {
    let (from, token) = match TokenSource::from_environment(environment) {
        TokenSource::Absent => return None,
        TokenSource::Variable(value) => {
            let name = epicac_component::environment::TOKEN;
            (name.to_owned(), Token::from_variable(&value))
        }
        TokenSource::File(path) => (path, grants.token_file()?.token()),
    };
    Some(token.map(|token| Read { from, token }))
}

/// When the token was issued, if it says so.
pub(super) fn issued(read: &Option<Result<Read, Error>>) -> Option<i64> {
    let read = read.as_ref()?.as_ref().ok()?;
    Claims::parse(read.token.expose()).ok()?.issued()
}

/// Whether the endpoint would take it, at `now`.
pub(super) fn check(
    read: &Option<Result<Read, Error>>,
    endpoint: Option<&Endpoint>,
    now: i64,
) -> Check {
    const NAME: &str = "token";
    let Read { from, token } = match read {
        None if endpoint.is_some_and(is_eks) => {
            let detail = "neither AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE nor \
                          AWS_CONTAINER_AUTHORIZATION_TOKEN is set";
            let remedy = "EKS sets the first one: does the pod's specification override it?";
            return Check::fail(NAME, detail, remedy).into_hint();
        }
        None => return Check::skipped(NAME, "no variable names one, and none is sent"),
        Some(Err(error)) => return Check::failed(NAME, error),
        Some(Ok(read)) => read,
    };
    let claims = match Claims::parse(token.expose()) {
        Ok(claims) => claims,
        // On ECS, and elsewhere, it is what the agent made up.
        Err(_) if !endpoint.is_some_and(is_eks) => {
            let detail = format!("{from}: it is no JSON Web Token, as that of EKS would be");
            return Check::warn(NAME, detail, "of another agent that is as it should be");
        }
        Err(flaw) => return refused(from, &flaw),
    };
    match claims.check(now) {
        Err(flaw) => refused(from, &flaw),
        Ok(()) => {
            let left = Span(claims.seconds_left(now));
            let subject = claims.subject().unwrap_or("nobody");
            Check::ok(NAME, format_args!("{from}: of {subject}, valid for {left}"))
        }
    }
}

fn refused(from: &str, flaw: &JwtFlaw) -> Check {
    const MOUNT: &str = "is the volume that EKS projects mounted there, and nothing else?";
    let (why, remedy) = match flaw {
        JwtFlaw::NotAJwt => ("it is no JSON Web Token".to_owned(), MOUNT),
        JwtFlaw::NoExpiry => ("it has no expiry".to_owned(), MOUNT),
        JwtFlaw::Expired(ago) => (
            format!("it expired {} ago", Span(*ago)),
            "the kubelet renews it in its volume: is it a copy, or mounted by subPath, or is the clock wrong?",
        ),
        JwtFlaw::NotYet(later) => (
            format!("it is valid only in {}", Span(*later)),
            "set the clock of the node, by NTP",
        ),
        JwtFlaw::Audience => (
            "its audience is not pods.eks.amazonaws.com".to_owned(),
            "name the token of EKS Pod Identity, not the one for the Kubernetes API or for IRSA",
        ),
    };
    Check::fail("token", format_args!("{from}: {why}"), remedy).into_hint()
}

/// Whether this is the agent of EKS.
fn is_eks(endpoint: &Endpoint) -> bool {
    let is_eks = match endpoint.host() {
        Host::Ipv4(address) => *address == Ipv4Addr::new(169, 254, 170, 23),
        Host::Ipv6(address) => *address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),
        Host::Name(_) => false,
    };
    is_eks && endpoint.scheme() == Scheme::Http
}
