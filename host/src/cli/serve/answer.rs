//! Decides who may ask what, and answers. A request has to be a GET with the token, to the address that the server
//! listens on. Every other request is refused.

use super::token::CallerToken;
use crate::cli::sentences::CallerError;
use bytes::Bytes;
use epicac_component::Told;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use std::net::SocketAddr;

/// The path of the first profile; `/NAME` behind it is that of another one.
pub(super) const PATH: &str = "/v1/credentials";

/// The answer in place of credentials: a status, and a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) line: String,
}

/// The name of the profile that is asked for; `None` for the first one. This decides whether a caller may ask at all.
pub(super) fn asked<'a, B>(
    request: &'a Request<B>,
    address: SocketAddr,
    token: &CallerToken,
) -> Result<Option<&'a str>, Refusal> {
    // As the agent does, against DNS rebinding: a web page whose own name resolves to this address sends that name.
    if request.uri().authority().is_some() || !is_addressed(request.headers(), address) {
        return Err(CallerError::Host(format!("http://{address}{PATH}")).into());
    }
    let mut sent = request.headers().get_all(AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (Some(sent), None) if token.is(sent.as_bytes()) => {}
        _ => return Err(CallerError::NoToken.into()),
    }
    if request.method() != Method::GET {
        return Err(CallerError::Method.into());
    }
    match request.uri().path().strip_prefix(PATH) {
        Some("") => Ok(None),
        Some(profile) if profile.starts_with('/') => Ok(profile.get(1..)),
        _ => Err(CallerError::Path.into()),
    }
}

impl From<CallerError> for Refusal {
    fn from(error: CallerError) -> Self {
        let ((status, what), why, remedy) = error.row();
        let line = Told::new(what, why, remedy).to_string();
        Self { status, line }
    }
}

/// Whether the one `Host` is the address that is listened on, by its canonical text.
fn is_addressed(headers: &HeaderMap, address: SocketAddr) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let with_port = address.to_string();
    let (without_port, _) = with_port.rsplit_once(':').unwrap_or_default();
    host == with_port.as_str() || host == without_port
}

/// Credentials or an error, as the agent writes them.
pub(super) fn response(answer: Result<Vec<u8>, Refusal>) -> Response<Full<Bytes>> {
    let (status, kind, body) = match answer {
        Ok(body) => (StatusCode::OK, "application/json", Bytes::from(body)),
        Err(Refusal { status, line }) => {
            let body = format!("{line}\n").into();
            (status, "text/plain; charset=utf-8", body)
        }
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let allow = (status == StatusCode::METHOD_NOT_ALLOWED).then_some((ALLOW, "GET"));
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")];
    let headers = headers.into_iter().chain(allow);
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(headers);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What callers over IPv4 write is in tests/behaviour/serve.rs.
    #[test]
    fn an_ipv6_address_is_written_in_one_way() {
        let accepted = |host: &str| {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            is_addressed(&headers, "[::1]:80".parse().unwrap())
        };
        assert!(accepted("[::1]") && accepted("[::1]:80"));
        for host in ["::1", "[0:0:0:0:0:0:0:1]:80", "[::1]:81", "[::1]:", "["] {
            assert!(!accepted(host), "{host}");
        }
    }
}
