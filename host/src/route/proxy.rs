//! The proxy on the way to STS, as `HTTPS_PROXY` and `NO_PROXY` name it . An http endpoint ignores them
//! (`behaviour.md` §3).
//!
//! | `HTTPS_PROXY` | |
//! |---|---|
//! | `http://proxy.example:3128`, `proxy.example:3128` | an HTTP proxy; without a port, 80 |
//! | `http://user:password@proxy.example` | percent-encoded; sent as `Proxy-Authorization: Basic …` |
//! | `https://…`, `socks5://…` | refused: only HTTP proxies are supported |
//!
//! | element of `NO_PROXY` | goes without the proxy |
//! |---|---|
//! | `*` | every host |
//! | `example.com`, `.example.com`, `*.example.com` | that name, and every name below it |
//! | `10.0.0.1`, `[fd00::1]`, `fd00::1` | that address |
//! | `10.0.0.0/8`, `fd00::/8` | every address of that network |
//! | any name or address with `:443` behind it | the same, if the port is that one |
//!
//! The lower-case names of the variables win. A loopback host never goes through a proxy.

use crate::error::ProxyError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use epicac_component::endpoint::{Endpoint, Host};
use epicac_component::secret::Secret;
use ipnet::IpNet;
use percent_encoding::percent_decode_str;
use std::fmt;

/// The variables of a proxy, the winning one first.
pub(crate) const PROXY: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
/// The variables of what goes without it.
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

    /// What a request for a tunnel says to it of who we are.
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

/// Whether `no_proxy` says that this host, at this port, goes without the proxy.
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
    if let Ok(network) = element.parse::<IpNet>() {
        return host.ip().is_some_and(|address| network.contains(&address));
    }
    let (element, at) = without_port(element);
    if at.is_some_and(|at| at != port) {
        return false;
    }
    match host {
        Host::Name(name) => {
            let domain = element.strip_prefix('*').unwrap_or(element);
            let domain = domain.trim_start_matches('.').to_ascii_lowercase();
            let above = name.strip_suffix(&*domain);
            !domain.is_empty()
                && above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
        }
        Host::Ipv4(_) | Host::Ipv6(_) => {
            let element = element.strip_prefix('[').unwrap_or(element);
            let element = element.strip_suffix(']').unwrap_or(element);
            element.parse().ok() == host.ip()
        }
    }
}

/// Splits `host:port`, where the colons of an IPv6 address without brackets are its own.
fn without_port(element: &str) -> (&str, Option<u16>) {
    let split = element
        .rsplit_once(':')
        .filter(|(host, _)| !host.contains(':') || host.ends_with(']'))
        .and_then(|(host, port)| Some((host, port.parse().ok()?)));
    match split {
        Some((host, port)) => (host, Some(port)),
        None => (element, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(text: &str) -> Host {
        let named = Endpoint::from_full_uri(&format!("https://{text}"));
        named.unwrap().host().clone()
    }

    #[test]
    fn a_proxy_is_named_by_its_url() {
        for (url, shown, sent) in [
            (
                "http://proxy.example:3128",
                "http://proxy.example:3128",
                None,
            ),
            (
                "HTTP://Proxy.Example:3128/",
                "http://proxy.example:3128",
                None,
            ),
            ("proxy.example:3128", "http://proxy.example:3128", None),
            ("http://[fd00::1]", "http://[fd00::1]:80", None),
            (
                "http://a%40b:c%3Ad@10.0.0.1:8080",
                "http://10.0.0.1:8080",
                Some("Basic YUBiOmM6ZA=="),
            ),
            (
                "http://user@10.0.0.1",
                "http://10.0.0.1:80",
                Some("Basic dXNlcjo="),
            ),
            // A `%` that encodes nothing stands for itself, as for curl: `u:100%`.
            (
                "http://u:100%@10.0.0.1",
                "http://10.0.0.1:80",
                Some("Basic dToxMDAl"),
            ),
        ] {
            let proxy = Proxy::parse(url).unwrap();
            assert_eq!(proxy.to_string(), shown);
            assert_eq!(proxy.authorization().map(Secret::expose), sent, "{url}");
        }
    }

    #[test]
    fn what_is_no_http_proxy_is_refused() {
        for (url, error) in [
            ("https://proxy.example", ProxyError::Scheme),
            ("socks5://proxy.example:1080", ProxyError::Scheme),
            ("http://", ProxyError::Host),
            ("http://proxy.example/path", ProxyError::Host),
            ("http://proxy.example?query", ProxyError::Host),
            ("http://proxy.example:0", ProxyError::Host),
            ("http://proxy example", ProxyError::Host),
            ("http://proxy.example\r\nX: y", ProxyError::Host),
            ("http://us%ffer:password@proxy.example", ProxyError::User),
            ("http://us%3Aer:password@proxy.example", ProxyError::User),
        ] {
            assert_eq!(Proxy::parse(url), Err(error), "{url}");
        }
    }

    #[test]
    fn a_password_does_not_show() {
        let proxy = Proxy::parse("http://user:hunter2@proxy.example").unwrap();
        let shown = format!("{proxy} {proxy:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("Basic"),
            "{shown}"
        );
    }

    #[test]
    fn what_no_proxy_lists_goes_without_it() {
        for (list, name, expected) in [
            ("", "sts.amazonaws.com", false),
            ("*", "sts.amazonaws.com", true),
            ("amazonaws.com", "sts.amazonaws.com", true),
            (".amazonaws.com", "sts.amazonaws.com", true),
            ("*.amazonaws.com", "sts.amazonaws.com", true),
            ("AmazonAWS.com", "sts.amazonaws.com", true),
            ("a.example, sts.amazonaws.com", "sts.amazonaws.com", true),
            ("sts.amazonaws.com:443", "sts.amazonaws.com", true),
            ("sts.amazonaws.com:80", "sts.amazonaws.com", false),
            ("zonaws.com", "sts.amazonaws.com", false),
            ("sts.amazonaws.com.evil", "sts.amazonaws.com", false),
            ("x.sts.amazonaws.com", "sts.amazonaws.com", false),
            (".", "sts.amazonaws.com", false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("10.0.0.0/8", "ten.example", false),
            ("10.1.2.3:443", "10.1.2.3", true),
            ("fd00::/8", "[fd00::1]", true),
            ("fd00::1", "[fd00::1]", true),
            ("[fd00::1]:443", "[fd00::1]", true),
            ("[fd00::1]:444", "[fd00::1]", false),
            ("fd00::/8", "10.0.0.1", false),
        ] {
            let is = is_excluded(list, &host(name), 443);
            assert_eq!(is, expected, "{list} {name}");
        }
        for loopback in ["127.0.0.1", "127.9.9.9", "[::1]", "localhost"] {
            assert!(is_excluded("", &host(loopback), 443), "{loopback}");
        }
    }
}
