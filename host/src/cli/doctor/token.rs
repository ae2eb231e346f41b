//! The authorization token: whether it can be sent, whether EKS would take it, and what it says of this node's clock.
//! Only the token's subject and lifetime are shown. Only EKS can verify its signature.

use super::report::{Check, Span};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epicac::Grants;
use epicac_component::endpoint::Agent;
use epicac_component::{Endpoint, Environment, Error, Token, TokenSource};
use serde::Deserialize;
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
    aud: Option<Audience>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
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
            Some(Audience::One(audience)) => audience == AUDIENCE,
            Some(Audience::Many(all)) => all.iter().any(|audience| audience == AUDIENCE),
            None => false,
        }
    }

    /// Why EKS would refuse it at `now`, and what to do.
    fn flaw(&self, now: i64) -> Option<(String, &'static str)> {
        let Some(expires) = self.exp else {
            return Some(("it has no expiry".to_owned(), MOUNT));
        };
        if expires <= now {
            let ago = Span(now.saturating_sub(expires));
            return Some((
                format!("it expired {ago} ago"),
                "the kubelet renews it in its volume: is it a copy, or mounted by subPath, or is the clock wrong?",
            ));
        }
        if let Some(start) = self.nbf.filter(|start| *start > now) {
            let later = Span(start.saturating_sub(now));
            // A token of the future tells of a clock that is behind; this one is itself made for later.
            let is_issued = self.iat.is_some_and(|issued| issued <= now);
            let remedy = if is_issued { NEW_POD } else { CLOCK };
            return Some((format!("it is valid only in {later}"), remedy));
        }
        (!self.is_for_eks()).then(|| {
            (
                "its audience is not pods.eks.amazonaws.com".to_owned(),
                "name the token of EKS Pod Identity, not the one for the Kubernetes API or for IRSA",
            )
        })
    }
}

const MOUNT: &str = "is the volume that EKS projects mounted there, and nothing else?";
const CLOCK: &str = "set the clock of the node, by NTP";
const NEW_POD: &str = "delete the pod, so that a new one gets a new token";

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
            let token = Token::from_variable(&value).map_err(Error::InvalidToken);
            (name.to_owned(), token)
        }
        TokenSource::File(path) => (path, grants.token_file()?.token()),
    };
    Some(token.map(|token| Read {
        is_mounted: is_mounted(Path::new(&from)),
        from,
        claims: Claims::parse(token.expose()),
    }))
}

/// Whether something is mounted at this very path.
#[cfg(target_os = "linux")]
fn is_mounted(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::empty());
    found.is_ok_and(|found| found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
fn is_mounted(_: &Path) -> bool {
    false
}

/// Whether the endpoint would take it, at `now`.
pub(super) fn check(
    read: &Option<Result<Read, Error>>,
    endpoint: Option<&Endpoint>,
    now: i64,
) -> Check {
    const NAME: &str = "token";
    let is_eks = endpoint.is_some_and(|endpoint| endpoint.agent() == Agent::Eks);
    let Read {
        from,
        claims,
        is_mounted,
    } = match read {
        None if is_eks => {
            let detail = "neither AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE nor \
                          AWS_CONTAINER_AUTHORIZATION_TOKEN is set";
            let remedy = "EKS sets the first one: does the pod's specification override it?";
            return Check::fail(NAME, detail, remedy).into_hint();
        }
        None => return Check::skipped(NAME, "no variable names one, and none is sent"),
        Some(Err(error)) => return Check::told(NAME, error.told()),
        Some(Ok(read)) => read,
    };
    let refused = |why: &str, remedy: &str| {
        Check::fail(NAME, format_args!("{from}: {why}"), remedy).into_hint()
    };
    let Some(claims) = claims else {
        // On ECS, and elsewhere, it is what the agent made up.
        let why = "it is no JSON Web Token";
        let detail = format!("{from}: {why}, as that of EKS would be");
        return match is_eks {
            true => refused(why, MOUNT),
            false => Check::warn(NAME, detail, "of another agent that is as it should be"),
        };
    };
    if let Some((why, remedy)) = claims.flaw(now) {
        return refused(&why, remedy);
    }
    let left = Span(claims.exp.unwrap_or(now).saturating_sub(now));
    let subject = claims.sub.as_deref().unwrap_or("nobody");
    let detail = format!("{from}: of {subject}, valid for {left}");
    if *is_mounted {
        // The kubelet renews a token by a new file, in the folder that is the volume.
        let detail = format!("{detail}, and never renewed: this one file is mounted");
        return Check::warn(NAME, detail, "mount the whole volume, without subPath");
    }
    Check::ok(NAME, detail)
}

/// Whether this node's clock is right, as far as the token tells: the cluster cannot have issued it in the future.
pub(super) fn check_clock(read: &Option<Result<Read, Error>>, now: i64) -> Check {
    const NAME: &str = "clock";
    let claims = read
        .as_ref()
        .and_then(|read| read.as_ref().ok()?.claims.as_ref());
    let Some(issued) = claims.and_then(|claims| claims.iat.or(claims.nbf)) else {
        return Check::skipped(NAME, "no token tells the time");
    };
    let ahead = issued.saturating_sub(now);
    if ahead > ALLOWED {
        let detail = format!("the token will only be issued in {}", Span(ahead));
        return Check::fail(NAME, detail, CLOCK);
    }
    Check::ok(NAME, "the token was issued in the past")
}
