//! Finds the endpoint, and decides whether it may be asked (`behaviour.md` §1).
//!
//! The URI is parsed by hand and strictly: ambiguous forms are rejected. An [`Endpoint`] is proof that the rules
//! hold, so no later code checks a host again.
//!
//! | scheme | hosts |
//! |---|---|
//! | `http` | a dotted quad of 127.0.0.0/8, `[::1]`, 169.254.170.2, 169.254.170.23, `[fd00:ec2::23]`, `localhost` |
//! | `https` | any name or address; TLS verifies the server |

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::environment::{Environment, FULL_URI, RELATIVE_URI};
use crate::limits::URI_BYTES;
use crate::message::Failure;

/// Where the Amazon ECS agent serves credentials: the base of a relative URI.
const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
/// Where the EKS Pod Identity Agent serves them over IPv4.
const EKS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
/// Where the EKS Pod Identity Agent serves them over IPv6.
const EKS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);

/// The beginning of the paths that the agent of Amazon ECS gives to tasks.
const ECS_PATH: &str = "/v2/credentials/";

/// A shorter part of a path cannot be a secret, and may be a part of other words.
const SECRET_BYTES: usize = 4;

/// A container credentials endpoint that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
    path_with_query: String,
}

impl Endpoint {
    /// The endpoint that the environment names. The relative URI wins, even when it is invalid.
    ///
    /// Fails when no variable names one, or one holds a URI that must not be asked for credentials.
    pub fn from_environment(environment: &Environment) -> Result<Self, EndpointError> {
        let (name, endpoint) = match (&environment.relative_uri, &environment.full_uri) {
            (Some(uri), _) => (RELATIVE_URI, Self::from_relative_uri(uri)),
            (None, Some(uri)) => (FULL_URI, Self::from_full_uri(uri)),
            (None, None) => return Err(EndpointError::Unset),
        };
        endpoint.map_err(|error| EndpointError::Invalid { name, error })
    }

    /// The endpoint at this path, and query, on ECS's fixed address.
    pub fn from_relative_uri(uri: &str) -> Result<Self, UriError> {
        // Joined to the base blindly, `@host/x` and `.evil/x` would change the host.
        if !uri.starts_with('/') {
            return Err(UriError::NotAPath);
        }
        check_length(uri)?;
        Ok(Self {
            scheme: Scheme::Http,
            host: Host::Ipv4(ECS),
            port: None,
            path_with_query: path_with_query(uri)?,
        })
    }

    /// The endpoint at this absolute URI.
    pub fn from_full_uri(uri: &str) -> Result<Self, UriError> {
        check_length(uri)?;
        let (scheme, rest) = split_before(uri, &[':']);
        let rest = rest.strip_prefix("://").ok_or(UriError::NotAbsolute)?;
        let scheme = Scheme::parse(scheme).ok_or(UriError::Scheme)?;
        let (authority, target) = split_before(rest, &['/', '?', '#']);
        let (host, port) = parse_authority(authority)?;
        if scheme == Scheme::Http && !host.is_local() {
            return Err(UriError::HostNotAllowed(host));
        }
        let path_with_query = path_with_query(target)?;
        Ok(Self {
            scheme,
            host,
            port,
            path_with_query,
        })
    }

    /// This endpoint, its port left out if it is the scheme's own: some runtimes leave it out of the
    /// `Host` header, and all AWS SDKs out of what they sign.
    pub fn without_default_port(mut self) -> Self {
        let default = self.scheme.default_port();
        self.port = self.port.filter(|port| *port != default);
        self
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, when the URI gives one.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port that is connected to: the URI's, or else the scheme's own.
    pub fn port_or_default(&self) -> u16 {
        self.port.unwrap_or(self.scheme.default_port())
    }

    /// What the `Host` header says: the host's canonical text, and the port when the URI gives one.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
    }

    /// Path and query, verbatim. Begins with `/`.
    pub fn path_with_query(&self) -> &str {
        &self.path_with_query
    }

    /// Scheme and authority, to name the endpoint in a message. The path is left out: on ECS it holds
    /// the one thing that a request needs to know.
    pub fn origin(&self) -> String {
        [self.scheme.as_str(), "://", &self.authority()].concat()
    }

    /// The parts of path and query that no message may show: on ECS one of them is the id of the task, which is a secret.
    pub fn secrets(&self) -> Vec<&str> {
        let mut secrets = Vec::new();
        if self.agent() == Agent::Ecs {
            for part in self.path_with_query.split(['/', '?', '&', '=']) {
                if part.len() >= SECRET_BYTES && part != "credentials" {
                    secrets.push(part);
                }
            }
        }
        secrets
    }

    /// Who serves it, by its address, or else by its path.
    pub fn agent(&self) -> Agent {
        let is_eks = matches!(self.host, Host::Ipv4(EKS) | Host::Ipv6(EKS_V6));
        let is_ecs = self.host == Host::Ipv4(ECS) || self.path_with_query.starts_with(ECS_PATH);
        if is_ecs && !is_eks {
            Agent::Ecs
        } else {
            Agent::Eks
        }
    }
}

impl fmt::Display for Endpoint {
    /// The whole URI. It is canonical, except for path and query, which are unchanged.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())?;
        f.write_str(&self.path_with_query)
    }
}

/// Who serves an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    /// The EKS Pod Identity Agent, for which epicac is made, or somebody unknown in its place.
    #[default]
    Eks,
    /// The agent of Amazon ECS.
    Ecs,
}

/// The scheme of an endpoint. A policy of the host has it as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "http" => Some(Self::Http),
            "https" => Some(Self::Https),
            _ => None,
        }
    }

    /// As in a URI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port of a URI that gives none.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The host of an endpoint. Displays as its canonical text: an IPv6 address compressed and in
/// brackets, a name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A dotted quad.
    Ipv4(Ipv4Addr),
    /// An address in brackets; never a v4-mapped one.
    Ipv6(Ipv6Addr),
    /// A name, in lower case.
    Name(String),
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Some(address) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            // An IPv4 address within an IPv6 one is a second spelling of it.
            let address: Ipv6Addr = address.parse().ok().filter(|_| !address.contains('.'))?;
            return address
                .to_ipv4_mapped()
                .is_none()
                .then_some(Self::Ipv6(address));
        }
        // Only a dotted quad is an address. `127.1` and `0x7f000001` are taken for names.
        if let Ok(address) = text.parse() {
            return Some(Self::Ipv4(address));
        }
        let is_name = text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
        is_name.then(|| Self::Name(text.to_ascii_lowercase()))
    }

    /// The address, when the host is one and not a name.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ipv4(address) => Some((*address).into()),
            Self::Ipv6(address) => Some((*address).into()),
            Self::Name(_) => None,
        }
    }

    /// Whether this is the machine itself: a loopback address, or `localhost` (RFC 6761 §6.3).
    pub fn is_loopback(&self) -> bool {
        match self {
            Self::Ipv4(address) => address.is_loopback(),
            Self::Ipv6(address) => address.is_loopback(),
            Self::Name(name) => name == "localhost",
        }
    }

    /// Whether credentials may come from here over plain http.
    fn is_local(&self) -> bool {
        match self {
            Self::Ipv4(address) => address.is_loopback() || [ECS, EKS].contains(address),
            Self::Ipv6(address) => [Ipv6Addr::LOCALHOST, EKS_V6].contains(address),
            Self::Name(name) => name == "localhost",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(address) => address.fmt(f),
            Self::Ipv6(address) => write!(f, "[{address}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Why the environment names no endpoint that may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum EndpointError {
    #[error(
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"
    )]
    Unset,
    /// Holds the name of the variable.
    #[error("{name} {error}")]
    Invalid { name: &'static str, error: UriError },
}

impl Failure for EndpointError {
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Unset => "no container credentials endpoint",
            Self::Invalid { .. } => "invalid container credentials endpoint",
        })
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Unset => {
                "is the pod's service account associated with a role by EKS Pod Identity?"
            }
            Self::Invalid { .. } => {
                "EKS and ECS set this variable; does the pod's specification override it?"
            }
        })
    }
}

/// Why a URI does not name an endpoint that may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum UriError {
    #[error("does not begin with /")]
    NotAPath,
    #[error("is not an absolute URI")]
    NotAbsolute,
    #[error("has a scheme other than http and https")]
    Scheme,
    #[error("holds a user name or password")]
    UserInfo,
    #[error("names no valid host")]
    Host,
    #[error(
        "names the host {}, but over http only 127.0.0.0/8, [::1], localhost, 169.254.170.2, \
         169.254.170.23 and [fd00:ec2::23] may be asked",
        shown(.0)
    )]
    HostNotAllowed(Host),
    #[error("has a port that is not a number from 1 to 65535")]
    Port,
    #[error("holds a fragment")]
    Fragment,
    #[error("has more than 65,000 characters")]
    TooLong,
    #[error("holds a character that a URI cannot hold")]
    Character,
}

/// The longest part of the host that is shown: that of a name in DNS. The list of hosts after it is then never cut off.
fn shown(host: &Host) -> String {
    host.to_string().chars().take(253).collect()
}

fn check_length(uri: &str) -> Result<(), UriError> {
    match uri.len() {
        0..=URI_BYTES => Ok(()),
        _ => Err(UriError::TooLong),
    }
}

fn parse_authority(authority: &str) -> Result<(Host, Option<u16>), UriError> {
    if authority.contains('@') {
        return Err(UriError::UserInfo);
    }
    // Colons in brackets belong to the address.
    let (host, port) = match authority.rfind(']') {
        Some(bracket) => authority.split_at_checked(bracket + 1),
        None => None,
    }
    .unwrap_or_else(|| split_before(authority, &[':']));
    let host = Host::parse(host).ok_or(UriError::Host)?;
    match port.strip_prefix(':') {
        Some(port) => Ok((host, Some(parse_port(port).ok_or(UriError::Port)?))),
        None if port.is_empty() => Ok((host, None)),
        None => Err(UriError::Host),
    }
}

/// A number from 1 to 65535 in its usual spelling: `parse` alone accepts `+80` and `080`, too.
fn parse_port(text: &str) -> Option<u16> {
    let port: u16 = text.parse().ok()?;
    text.starts_with(|first| matches!(first, '1'..='9'))
        .then_some(port)
}

/// Splits `text` before the first of these characters.
fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    let end = text.find(ends).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Path and query as the request line has them, from what follows the authority in the URI.
fn path_with_query(target: &str) -> Result<String, UriError> {
    for byte in target.bytes() {
        match byte {
            b'#' => return Err(UriError::Fragment),
            b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                return Err(UriError::Character);
            }
            _ if !byte.is_ascii_graphic() => return Err(UriError::Character),
            _ => {}
        }
    }
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok([slash, target].concat())
}
