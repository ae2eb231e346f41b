//! The built-in policy of outgoing requests, as a pure function: deny, but for the one request that EKS
//! and ECS need.
//!
//! | part of a request | allowed |
//! |---|---|
//! | method | `GET` |
//! | scheme | `http` |
//! | host | that of the endpoint which the environment names, itself one of `behaviour.md` §1's |
//! | port | that of the endpoint, 80 when it names none |
//! | path and query | those of the endpoint, to the letter |
//!
//! No endpoint in the environment, or none that may be asked: nothing is allowed.

use epicac_component::endpoint::{Endpoint, Host, Scheme};
use http::{Method, Uri};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Why a request is denied: the first rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The environment names no endpoint.
    NoEndpoint,
    /// The endpoint is an https one.
    Https,
    /// Another method than GET.
    Method,
    /// Another scheme than http.
    Scheme,
    /// Another host or port.
    Authority,
    /// Another path or query.
    Path,
    /// Another file, or another way to open it than to read.
    File,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEndpoint => "the environment names no endpoint",
            Self::Https => {
                "https endpoints are not allowed by the policy, as this build has no TLS"
            }
            Self::Method => "only GET is allowed",
            Self::Scheme => "only http is allowed",
            Self::Authority => "only the host and port of the endpoint are allowed",
            Self::Path => "only the path and query of the endpoint are allowed",
            Self::File => "only the file of the token may be opened, and only to be read",
        })
    }
}

impl std::error::Error for Denial {}

/// The addresses that the request may be sent to, in the order in which to try them.
pub(crate) fn permit(
    endpoint: Option<&Endpoint>,
    method: &Method,
    uri: &Uri,
) -> Result<Vec<SocketAddr>, Denial> {
    let endpoint = endpoint.ok_or(Denial::NoEndpoint)?;
    if endpoint.scheme() != Scheme::Http {
        return Err(Denial::Https);
    }
    if method != Method::GET {
        return Err(Denial::Method);
    }
    if uri.scheme() != Some(&http::uri::Scheme::HTTP) {
        return Err(Denial::Scheme);
    }
    if uri.authority().map(http::uri::Authority::as_str) != Some(&*endpoint.authority()) {
        return Err(Denial::Authority);
    }
    if uri.path_and_query().map(http::uri::PathAndQuery::as_str) != Some(endpoint.path_with_query())
    {
        return Err(Denial::Path);
    }
    addresses(endpoint)
}

/// `localhost` is this machine by definition (RFC 6761 §6.3), which needs neither DNS nor /etc/hosts.
fn addresses(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, Denial> {
    let addresses: &[IpAddr] = match endpoint.host() {
        Host::Ipv4(address) => &[IpAddr::V4(*address)],
        Host::Ipv6(address) => &[IpAddr::V6(*address)],
        Host::Name(name) if name == "localhost" => &[
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ],
        Host::Name(_) => return Err(Denial::Authority),
    };
    let port = endpoint.port().unwrap_or(80);
    Ok(addresses
        .iter()
        .map(|address| SocketAddr::new(*address, port))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EKS: &str = "http://169.254.170.23/v1/credentials";

    fn ask(endpoint: &str, method: &Method, uri: &str) -> Result<Vec<SocketAddr>, Denial> {
        let endpoint = Endpoint::from_full_uri(endpoint).unwrap();
        permit(Some(&endpoint), method, &uri.parse().unwrap())
    }

    #[test]
    fn the_request_to_the_endpoint_is_allowed() {
        for (endpoint, addresses) in [
            (EKS, vec!["169.254.170.23:80"]),
            (
                "http://[fd00:ec2::23]/v1/credentials",
                vec!["[fd00:ec2::23]:80"],
            ),
            ("http://127.0.0.1:8080/a?b=c&b=d", vec!["127.0.0.1:8080"]),
            ("http://localhost:81/", vec!["127.0.0.1:81", "[::1]:81"]),
        ] {
            let addresses: Vec<SocketAddr> = addresses
                .iter()
                .map(|address| address.parse().unwrap())
                .collect();
            assert_eq!(
                ask(endpoint, &Method::GET, endpoint),
                Ok(addresses),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn every_other_request_is_denied() {
        for (uri, denial) in [
            ("https://169.254.170.23/v1/credentials", Denial::Scheme),
            ("http://169.254.170.2/v1/credentials", Denial::Authority),
            ("http://169.254.170.23:80/v1/credentials", Denial::Authority),
            (
                "http://169.254.170.23:8080/v1/credentials",
                Denial::Authority,
            ),
            (
                "http://169.254.170.23@evil.example/v1/credentials",
                Denial::Authority,
            ),
            ("http://u@169.254.170.23/v1/credentials", Denial::Authority),
            ("http://evil.example/v1/credentials", Denial::Authority),
            ("http://169.254.170.23/v1/credentials/", Denial::Path),
            ("http://169.254.170.23/v1/credentials?x", Denial::Path),
            ("http://169.254.170.23/v1/../v1/credentials", Denial::Path),
            ("http://169.254.170.23/", Denial::Path),
        ] {
            assert_eq!(ask(EKS, &Method::GET, uri), Err(denial), "{uri}");
        }
        for method in [Method::POST, Method::PUT, Method::HEAD, Method::CONNECT] {
            assert_eq!(ask(EKS, &method, EKS), Err(Denial::Method), "{method}");
        }
    }

    #[test]
    fn without_an_endpoint_nothing_is_allowed() {
        let uri = EKS.parse().unwrap();
        assert_eq!(permit(None, &Method::GET, &uri), Err(Denial::NoEndpoint));
    }

    #[test]
    fn https_is_denied_even_where_the_environment_names_it() {
        let https = "https://agent.example/credentials";
        assert_eq!(ask(https, &Method::GET, https), Err(Denial::Https));
    }
}
