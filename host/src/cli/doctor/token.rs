//! The authorization token: whether it can be sent, whether EKS would accept it, and what its times say about this
//! node's clock. Only the token's subject and lifetime are shown. Only EKS can verify its signature.

use super::finding::Finding;
use super::report::{Check, span};
use crate::cli::folder::is_mounted;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epicac::Grants;
use epicac_component::endpoint::Agent;
use epicac_component::{Endpoint, Environment, Error, Token, TokenSource, TokenSourceError};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// The audience that EKS Pod Identity asks for.
const AUDIENCE: &str = "pods.eks.amazonaws.com";

/// How far off a signature may be, in seconds: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>.
const ALLOWED: i64 = 300;

/// The claims of a JSON Web Token (RFC 7519) that say why EKS would refuse it. Times are seconds since 1970.
#[derive(Deserialize)]
struct Claims {
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    sub: Option<String>,
    /// A text, or a list of them.
    #[serde(default)]
    aud: Value,
}

impl Claims {
    /// Those of a token with three parts in base64url, the first two of them JSON objects.
    fn parse(token: &str) -> Option<Self> {
        let mut parts = token.trim_matches(' ').split('.');
        let mut decoded = || URL_SAFE_NO_PAD.decode(parts.next()?).ok();
        let (header, claims, _signature) = (decoded()?, decoded()?, decoded()?);
        if parts.next().is_some() || !header.starts_with(b"{") {
            return None;
        }
        serde_json::from_slice(&claims).ok()
    }

    fn is_for_eks(&self) -> bool {
        match &self.aud {
            Value::Array(all) => all.iter().any(|audience| audience == AUDIENCE),
            audience => audience == AUDIENCE,
        }
    }

    /// What EKS would say at `now` of the token, by where it is from.
    fn judged(&self, from: String, now: i64, is_mounted: bool) -> Finding {
        let Some(expires) = self.exp else {
            return Finding::NoExpiry(from);
        };
        let left = expires.saturating_sub(now);
        if left <= 0 {
            return Finding::Expired(from, span(left));
        }
        if let Some(start) = self.nbf.filter(|start| *start > now) {
            let later = span(start.saturating_sub(now));
            // A token that was issued in the future tells of a clock that is behind.
            return match self.iat.is_some_and(|issued| issued <= now) {
                true => Finding::NotValidYet(from, later),
                false => Finding::OfTheFuture(from, later),
            };
        }
        if !self.is_for_eks() {
            return Finding::Audience(from);
        }
        let subject = self.sub.clone().unwrap_or("nobody".to_owned());
        // The kubelet renews a token by a new file, in the folder that is the volume.
        match is_mounted {
            true => Finding::TokenAlone(from, subject, span(left)),
            false => Finding::Token(from, subject, span(left)),
        }
    }
}

/// The token that the component would send now, where it comes from, and what it says of itself.
pub(super) struct Read {
    from: String,
    claims: Option<Claims>,
    /// Whether the file itself is mounted, and not a folder that it is in.
    is_mounted: bool,
}

/// Reads it by the rules of the component. None when the environment names none.
pub(super) fn read(grants: &Grants, environment: &Environment) -> Option<Result<Read, Error>> {
    let (from, token) = match TokenSource::from_environment(environment) {
        TokenSource::Absent => return None,
        TokenSource::Variable(value) => {
            let name = epicac_component::environment::TOKEN;
            let invalid = |error| TokenSourceError::Variable(error).into();
            let token = Token::from_variable(&value).map_err(invalid);
            (name.to_owned(), token)
        }
        TokenSource::File(path) => (path, grants.token_file()?.token()),
    };
    Some(token.map(|token| Read {
        is_mounted: is_mounted(Path::new(&from)).unwrap_or(false),
        from,
        claims: Claims::parse(token.expose()),
    }))
}

/// Whether the endpoint would take it, at `now`.
pub(super) fn check(
    read: &Option<Result<Read, Error>>,
    endpoint: Option<&Endpoint>,
    now: i64,
) -> Check {
    let is_eks = endpoint.is_some_and(|endpoint| endpoint.agent() == Agent::Eks);
    let read = match read {
        None if is_eks => return Finding::NoTokenForEks.into(),
        None => return Finding::NoToken.into(),
        Some(Err(error)) => return Check::failed("token", &error.message()),
        Some(Ok(read)) => read,
    };
    let from = read.from.clone();
    Check::from(match &read.claims {
        Some(claims) => claims.judged(from, now, read.is_mounted),
        None if is_eks => Finding::NoJwt(from),
        // On ECS, and elsewhere, it is what the agent made up.
        None => Finding::OtherToken(from),
    })
}

/// Whether this node's clock is right, as far as the token tells: the cluster cannot have issued it in the future.
pub(super) fn check_clock(read: &Option<Result<Read, Error>>, now: i64) -> Check {
    let read = read.as_ref().and_then(|read| read.as_ref().ok());
    let claims = read.and_then(|read| read.claims.as_ref());
    let issued = claims.and_then(|claims| claims.iat.or(claims.nbf));
    let ahead = issued.map(|issued| issued.saturating_sub(now));
    Check::from(match ahead {
        None => Finding::NoTime,
        Some(ahead) if ahead > ALLOWED => Finding::IssuedLater(span(ahead)),
        Some(_) => Finding::IssuedBefore,
    })
}
