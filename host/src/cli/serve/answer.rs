//! Decides who may ask what, and answers. A request has to be a GET with the token, to the address that the server
//! listens on. Every other request is refused.

use super::error::CallerError;
use super::head::Request;
use super::token::CallerToken;
use epicac_component::Message;
use http::StatusCode;
use http::uri::Scheme;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The path of the first profile. With `/NAME` behind it, it is the path of the profile of that name.
pub(super) const PATH: &str = "/v1/credentials";

/// The answer in place of credentials: a status, and a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) line: String,
}

/// The name of the profile that is asked for; `None` for the first one. This decides whether a caller may ask at all.
pub(super) fn asked<'a>(
    request: &'a Request<'_>,
    address: SocketAddr,
    token: &CallerToken,
) -> Result<Option<&'a str>, CallerError> {
    // As the agent does, against DNS rebinding: a web page whose own name resolves to this address sends that name.
    if !host(request).is_some_and(|host| names(host, address)) {
        return Err(CallerError::Host(format!("http://{address}{PATH}")));
    }
    let mut sent = request.fields("authorization");
    match (sent.next(), sent.next()) {
        (Some(sent), None) if token.is(sent) => {}
        _ => return Err(CallerError::NoToken),
    }
    if request.method != "GET" {
        return Err(CallerError::Method);
    }
    match request.uri.path().strip_prefix(PATH) {
        Some("") => Ok(None),
        Some(profile) if profile.starts_with('/') => Ok(profile.get(1..)),
        _ => Err(CallerError::Path),
    }
}

/// The host that is asked: that of the request line in absolute form, or else that of the one `Host` (RFC 9112 §3.2).
fn host<'a>(request: &'a Request<'_>) -> Option<&'a str> {
    let mut hosts = request.fields("host");
    let (host, None) = (hosts.next(), hosts.next()) else {
        return None;
    };
    match request.uri.authority() {
        Some(authority) if request.uri.scheme() == Some(&Scheme::HTTP) => Some(authority.as_str()),
        Some(_) => None,
        None => str::from_utf8(host?).ok(),
    }
}

/// Whether this is the address: by any spelling of it alone, with its port or without one. The runtime
/// of AWS's CRT writes `::1` without brackets. `localhost` is this machine by definition (RFC 6761 §6.3).
pub(super) fn names(host: &str, address: SocketAddr) -> bool {
    let (ip, port) = (address.ip(), address.port().to_string());
    if host.parse() == Ok(address) || host.parse() == Ok(ip) {
        return true;
    }
    let (name, is_port) = match host.rsplit_once(':') {
        Some((name, sent)) if !sent.ends_with(']') => (name, sent == port),
        _ => (host, true),
    };
    let in_brackets = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let is_localhost = name.eq_ignore_ascii_case("localhost")
        && [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ]
        .contains(&ip);
    let is_ipv6 = in_brackets.is_some_and(|it| it.parse::<Ipv6Addr>().map(IpAddr::V6) == Ok(ip));
    is_port && (is_localhost || is_ipv6)
}

impl From<CallerError> for Refusal {
    fn from(error: CallerError) -> Self {
        Self {
            status: error.status(),
            line: Message::of(&error).to_string(),
        }
    }
}

/// Credentials or an error, as the agent writes them; without the body for `HEAD`.
pub(super) fn response(answer: Result<Vec<u8>, Refusal>, is_head: bool) -> Vec<u8> {
    let (status, kind, body) = match answer {
        Ok(body) => (StatusCode::OK, "application/json", body),
        Err(Refusal { status, line }) => {
            let body = format!("{line}\n").into_bytes();
            (status, "text/plain; charset=utf-8", body)
        }
    };
    let allow = match status {
        StatusCode::METHOD_NOT_ALLOWED => "allow: GET\r\n",
        _ => "",
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncache-control: no-store\r\n{allow}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let mut response = head.into_bytes();
    if !is_head {
        response.extend(body);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Callers over IPv4 are in tests/behaviour/serve.rs.
    #[test]
    fn an_address_has_its_own_spellings() {
        let names = |host: &str| names(host, "[::1]:80".parse().unwrap());
        for host in [
            "::1",
            "[::1]",
            "[::1]:80",
            "[0:0:0:0:0:0:0:1]:80",
            "0:0:0:0:0:0:0:1",
            "localhost",
            "LocalHost:80",
        ] {
            assert!(names(host), "{host}");
        }
        for host in [
            "",
            "[",
            "[]",
            "[::1]:81",
            "[::1]:",
            "[::1]:+80",
            "[::1%1]:80",
            "[[::1]]",
            "::1:80",
            "127.0.0.1",
            "localhost:81",
            "localhost:",
            "localhost.:80",
            "x@localhost",
            "[localhost]",
        ] {
            assert!(!names(host), "{host}");
        }
    }
}
