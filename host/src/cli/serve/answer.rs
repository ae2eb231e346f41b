//! Who may ask what, and the answers. Everything is refused that is not a GET with the token, to the address that
//! is listened on.

use super::token::CallerToken;
use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use std::net::SocketAddr;

/// The path of the first profile; `/NAME` behind it is that of another one.
pub(super) const PATH: &str = "/v1/credentials";

/// What is answered in place of credentials: a status, and a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) line: String,
}

/// The profile that is asked for, by its name; none is the first one.
pub(super) fn asked<'a, B>(
    request: &'a Request<B>,
    address: SocketAddr,
    token: &CallerToken,
) -> Result<Option<&'a str>, Refusal> {
    // As the agent does: a web page that has its own name resolved to this address names another host.
    if request.uri().authority().is_some() || !is_addressed(request.headers(), address) {
        let why = format!("it names another host (ask http://{address}{PATH})");
        return Err(refused(StatusCode::FORBIDDEN, &why));
    }
    let mut sent = request.headers().get_all(AUTHORIZATION).iter();
    match (sent.next(), sent.next()) {
        (Some(sent), None) if token.is(sent.as_bytes()) => {}
        _ => {
            let why = "it does not show the token (send what AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE holds as Authorization)";
            return Err(refused(StatusCode::UNAUTHORIZED, why));
        }
    }
    if request.method() != Method::GET {
        let why = "credentials are only read (use GET)";
        return Err(refused(StatusCode::METHOD_NOT_ALLOWED, why));
    }
    match request.uri().path().strip_prefix(PATH) {
        Some("") => Ok(None),
        Some(profile) if profile.starts_with('/') => Ok(profile.get(1..)),
        _ => Err(not_found()),
    }
}

/// There is no such path.
pub(super) fn not_found() -> Refusal {
    let why = format!(
        "there is nothing at this path (ask {PATH}, or {PATH}/NAME for the profile of that name)"
    );
    refused(StatusCode::NOT_FOUND, &why)
}

fn refused(status: StatusCode, why_what: &str) -> Refusal {
    Refusal {
        status,
        line: format!("request refused: {why_what}"),
    }
}

/// Whether the one `Host` is the address that is listened on, by its canonical text.
fn is_addressed(headers: &HeaderMap, address: SocketAddr) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = Authority::try_from(host.as_bytes()) else {
        return false;
    };
    let with_port = address.to_string();
    let (without_port, _) = with_port.rsplit_once(':').unwrap_or_default();
    host.as_str() == with_port || host.as_str() == without_port
}

/// Credentials, as the agent writes them.
pub(super) fn credentials(body: Bytes) -> Response<Full<Bytes>> {
    let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response(StatusCode::OK, [json], body)
}

/// An error, as the agent writes it.
pub(super) fn refusal(Refusal { status, line }: Refusal) -> Response<Full<Bytes>> {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    let as_it_is = HeaderName::from_static("x-content-type-options");
    let headers = [
        (CONTENT_TYPE, text),
        (as_it_is, HeaderValue::from_static("nosniff")),
    ];
    let mut response = response(status, headers, format!("{line}\n").into());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        let get = HeaderValue::from_static("GET");
        response.headers_mut().insert(ALLOW, get);
    }
    response
}

fn response(
    status: StatusCode,
    headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    body: Bytes,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
        .headers_mut()
        .extend(headers.into_iter().chain([no_store]));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCALHOST: &str = "127.0.0.1:8470";

    fn ask(
        token: &CallerToken,
        at: &str,
        change: impl FnOnce(http::request::Builder) -> http::request::Builder,
    ) -> Result<Option<String>, StatusCode> {
        let request = change(Request::get(PATH)).body(()).unwrap();
        let asked = asked(&request, at.parse().unwrap(), token);
        asked
            .map(|profile| profile.map(str::to_owned))
            .map_err(|refusal| refusal.status)
    }

    #[test]
    fn the_host_is_the_address_and_nothing_else() {
        let token = CallerToken::new().unwrap();
        let hosts = |at: &str, host: &str| {
            ask(&token, at, |it| {
                it.header("Authorization", token.expose())
                    .header("Host", host)
            })
        };
        for (at, host) in [
            (LOCALHOST, LOCALHOST),
            (LOCALHOST, "127.0.0.1"),
            ("[::1]:80", "[::1]"),
            ("[::1]:80", "[::1]:80"),
        ] {
            assert_eq!(hosts(at, host), Ok(None), "{host}");
        }
        for host in [
            "localhost:8470",
            "127.0.0.1:8471",
            "127.0.0.2",
            "127.1",
            "2130706433",
            "evil.example",
            "x@127.0.0.1:8470",
            "127.0.0.1:8470.evil.example",
            "127.0.0.1:",
            "",
            "[::1]",
        ] {
            assert_eq!(hosts(LOCALHOST, host), Err(StatusCode::FORBIDDEN), "{host}");
        }
        let twice = |it: http::request::Builder| {
            it.header("Authorization", token.expose())
                .header("Host", LOCALHOST)
                .header("Host", LOCALHOST)
        };
        assert_eq!(ask(&token, LOCALHOST, twice), Err(StatusCode::FORBIDDEN));
        let none = |it: http::request::Builder| it.header("Authorization", token.expose());
        assert_eq!(ask(&token, LOCALHOST, none), Err(StatusCode::FORBIDDEN));
        let proxied = |it: http::request::Builder| {
            none(it)
                .header("Host", LOCALHOST)
                .uri("http://127.0.0.1:8470/v1/credentials")
        };
        assert_eq!(ask(&token, LOCALHOST, proxied), Err(StatusCode::FORBIDDEN));
    }

    #[test]
    fn the_token_is_sent_once_and_as_it_is() {
        let token = CallerToken::new().unwrap();
        let sent = |values: &[&str]| {
            ask(&token, LOCALHOST, |it| {
                let it = it.header("Host", LOCALHOST);
                values
                    .iter()
                    .fold(it, |it, value| it.header("Authorization", *value))
            })
        };
        assert_eq!(sent(&[token.expose()]), Ok(None));
        let bearer = format!("Bearer {}", token.expose());
        for values in [
            &[][..],
            &[""],
            &["x"],
            &[&bearer],
            &[token.expose(), token.expose()],
        ] {
            assert_eq!(sent(values), Err(StatusCode::UNAUTHORIZED), "{values:?}");
        }
    }

    #[test]
    fn a_path_is_the_endpoint_or_a_profile_of_it() {
        let token = CallerToken::new().unwrap();
        let path = |method: &str, path: &str| {
            ask(&token, LOCALHOST, |it| {
                let it = it
                    .header("Host", LOCALHOST)
                    .header("Authorization", token.expose());
                it.method(method).uri(path)
            })
        };
        assert_eq!(path("GET", PATH), Ok(None));
        assert_eq!(
            path("GET", "/v1/credentials/reader"),
            Ok(Some("reader".into()))
        );
        for other in [
            "/",
            "/v1",
            "/v1/credentialsx",
            "/V1/credentials",
            "//v1/credentials",
        ] {
            assert_eq!(path("GET", other), Err(StatusCode::NOT_FOUND), "{other}");
        }
        for method in ["HEAD", "POST", "PUT", "OPTIONS", "TRACE"] {
            let refused = Err(StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(path(method, PATH), refused, "{method}");
        }
    }
}
