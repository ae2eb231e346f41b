//! The proxy on the way to STS, as `HTTPS_PROXY` and `NO_PROXY` name it. An http endpoint ignores them
//! (`behaviour.md` §3).
//!
//! | `HTTPS_PROXY` | |
//! |---|---|
//! | `http://proxy.example:3128`, `proxy.example:3128` | an HTTP proxy; without a port, 80 |
//! | `http://user:password@proxy.example` | percent-encoded; sent as `Proxy-Authorization: Basic …` |
//! | `https://…`, `socks5://…` | refused: only HTTP proxies are supported |
//!
//! | element of `NO_PROXY` | asked without the proxy |
//! |---|---|
//! | `*` | every host |
//! | `example.com`, `.example.com`, `*.example.com` | that name, and every name below it |
//! | `10.0.0.1`, `[fd00::1]`, `fd00::1` | that address |
//! | `10.0.0.0/8`, `fd00::/8` | every address of that network |
//! | any name or address with `:443` behind it | the same, if the port is that one |
//!
//! The lower-case names of the variables win. A loopback host never goes through a proxy.

use super::error::{ProxyError, RouteError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epicac_component::endpoint::{Endpoint, Host};
use epicac_component::secret::Secret;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use std::fmt;
use std::net::SocketAddr;

/// The variables that name a proxy, the winning one first.
pub(crate) const PROXY: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
/// The variables that list the hosts that are asked without the proxy, the winning one first.
pub(crate) const NO_PROXY: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// An HTTP proxy, which is asked for a tunnel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    host: Host,
    port: u16,
    authorization: Option<Secret>,
}

impl Proxy {
    /// The proxy at this URL, or at this host and port.
    ///
    /// # Errors
    ///
    /// Why the URL names no proxy. It may hold a password, so no part of it is shown.
    pub fn parse(url: &str) -> Result<Self, ProxyError> {
        let authority = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(ProxyError::Scheme),
            None => url,
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (user, authority) = match authority.rsplit_once('@') {
            Some((user, authority)) => (Some(user), authority),
            None => (None, authority),
        };
        // The endpoint's parser checks the host. The scheme is `https` because it allows any host.
        let named = Endpoint::from_full_uri(&format!("https://{authority}"))
            .ok()
            .filter(|named| named.path_with_query() == "/" && !authority.contains(['/', '?']))
            .ok_or(ProxyError::Host)?;
        Ok(Self {
            host: named.host().clone(),
            port: named.port().unwrap_or(80),
            authorization: user.map(authorization).transpose()?,
        })
    }

    /// Its host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The error for a connection to it that failed.
    pub(super) fn unreachable(&self, why: &dyn ToString) -> RouteError {
        RouteError::ProxyUnreachable(self.to_string(), why.to_string())
    }

    /// The value of `Proxy-Authorization` in the CONNECT request.
    pub(crate) fn authorization(&self) -> Option<&Secret> {
        self.authorization.as_ref()
    }
}

impl fmt::Display for Proxy {
    /// Its URL, without the user.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}:{}", self.host, self.port)
    }
}

/// `user:password`, as the header field has it.
fn authorization(user: &str) -> Result<Secret, ProxyError> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let decoded = |encoded| percent_decode_str(encoded).decode_utf8();
    let (Ok(name), Ok(password)) = (decoded(name), decoded(password)) else {
        return Err(ProxyError::User);
    };
    // RFC 7617 §2: the first colon ends the name.
    if name.contains(':') {
        return Err(ProxyError::User);
    }
    let credentials = STANDARD.encode(format!("{name}:{password}"));
    Ok(Secret::new(format!("Basic {credentials}")))
}

/// Whether `no_proxy` lists this host, at this port. It is then asked without the proxy.
pub(crate) fn is_excluded(no_proxy: &str, host: &Host, port: u16) -> bool {
    host.is_loopback()
        || no_proxy
            .split([',', ' '])
            .filter(|element| !element.is_empty())
            .any(|element| matches(element, host, port))
}

fn matches(element: &str, host: &Host, port: u16) -> bool {
    if element == "*" {
        return true;
    }
    if let Some(address) = host.ip() {
        return match (element.parse::<IpNet>(), element.parse::<SocketAddr>()) {
            (Ok(network), _) => network.contains(&address),
            (_, Ok(at)) => at == SocketAddr::new(address, port),
            _ => element.trim_matches(['[', ']']).parse().ok() == Some(address),
        };
    }
    let (domain, at) = match element.rsplit_once(':') {
        Some((domain, at)) => (domain, at.parse().ok()),
        None => (element, Some(port)),
    };
    let domain = domain.strip_prefix('*').unwrap_or(domain);
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let name = host.to_string();
    let above = name.strip_suffix(&*domain);
    let is_within = above.is_some_and(|above| above.is_empty() || above.ends_with('.'));
    is_within && !domain.is_empty() && at == Some(port)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::rows;

    fn host(text: &str) -> Host {
        let named = Endpoint::from_full_uri(&format!("https://{text}"));
        named.unwrap().host().clone()
    }

    #[test]
    fn a_proxy_is_named_by_its_url() {
        // A `%` that encodes nothing stands for itself, as for curl: `u:100%`.
        for [url, shown, sent] in rows(
            "
            http://proxy.example:3128        | http://proxy.example:3128 |
            HTTP://Proxy.Example:3128/       | http://proxy.example:3128 |
            proxy.example:3128               | http://proxy.example:3128 |
            http://[fd00::1]                 | http://[fd00::1]:80       |
            http://a%40b:c%3Ad@10.0.0.1:8080 | http://10.0.0.1:8080      | Basic YUBiOmM6ZA==
            http://user@10.0.0.1             | http://10.0.0.1:80        | Basic dXNlcjo=
            http://u:100%@10.0.0.1           | http://10.0.0.1:80        | Basic dToxMDAl",
        ) {
            let proxy = Proxy::parse(url).unwrap();
            assert_eq!(proxy.to_string(), shown);
            let authorization = proxy.authorization().map_or("", Secret::expose);
            assert_eq!(authorization, sent, "{url}");
        }
    }

    #[test]
    fn what_is_no_http_proxy_is_refused() {
        for [url, error] in rows(
            "
            https://proxy.example                   | Scheme
            socks5://proxy.example:1080             | Scheme
            http://                                 | Host
            http://proxy.example/path               | Host
            http://proxy.example?query              | Host
            http://proxy.example:0                  | Host
            http://proxy example                    | Host
            http://us%ffer:password@proxy.example   | User
            http://us%3Aer:password@proxy.example   | User",
        ) {
            let refused = Proxy::parse(url).unwrap_err();
            assert_eq!(format!("{refused:?}"), error, "{url}");
        }
        let two_lines = Proxy::parse("http://proxy.example\r\nX: y");
        assert_eq!(two_lines, Err(ProxyError::Host));
    }

    #[test]
    fn a_password_does_not_show() {
        let proxy = Proxy::parse("http://user:hunter2@proxy.example").unwrap();
        let shown = format!("{proxy} {proxy:?}");
        for secret in ["hunter2", "Basic"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn hosts_of_no_proxy_are_asked_without_the_proxy() {
        for [list, name, expected] in rows(
            "
                                         | sts.amazonaws.com | proxied
            *                            | sts.amazonaws.com | excluded
            amazonaws.com                | sts.amazonaws.com | excluded
            .amazonaws.com               | sts.amazonaws.com | excluded
            *.amazonaws.com              | sts.amazonaws.com | excluded
            AmazonAWS.com                | sts.amazonaws.com | excluded
            a.example, sts.amazonaws.com | sts.amazonaws.com | excluded
            sts.amazonaws.com:443        | sts.amazonaws.com | excluded
            sts.amazonaws.com:80         | sts.amazonaws.com | proxied
            zonaws.com                   | sts.amazonaws.com | proxied
            sts.amazonaws.com.evil       | sts.amazonaws.com | proxied
            x.sts.amazonaws.com          | sts.amazonaws.com | proxied
            .                            | sts.amazonaws.com | proxied
            10.0.0.0/8                   | 10.1.2.3          | excluded
            10.1.2.3/8                   | 10.9.9.9          | excluded
            10.0.0.0/8                   | 11.1.2.3          | proxied
            0.0.0.0/0                    | 11.1.2.3          | excluded
            10.0.0.0/33                  | 10.0.0.0          | proxied
            10.0.0.0/8                   | ten.example       | proxied
            10.1.2.3:443                 | 10.1.2.3          | excluded
            fd00::/8                     | [fd00::1]         | excluded
            fd00::1                      | [fd00::1]         | excluded
            [fd00::1]:443                | [fd00::1]         | excluded
            [fd00::1]:444                | [fd00::1]         | proxied
            fd00::/8                     | 10.0.0.1          | proxied",
        ) {
            let is = is_excluded(list, &host(name), 443);
            assert_eq!(is, expected == "excluded", "{list} {name}");
        }
        for loopback in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"] {
            assert!(is_excluded("", &host(loopback), 443), "{loopback}");
        }
    }
}
