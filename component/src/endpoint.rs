//! Which endpoint is asked for credentials, and whether it may be asked at all (`behaviour.md` §1).
//!
//! The URI is parsed by hand, and strictly: what has two readings has none. An [`Endpoint`] is proof
//! that the rules hold; nobody after it checks a host again.
//!
//! | scheme | hosts |
//! |---|---|
//! | `http` | a dotted quad of 127.0.0.0/8, `[::1]`, 169.254.170.2, 169.254.170.23, `[fd00:ec2::23]`, `localhost` |
//! | `https` | any name or address; TLS says who it is |

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::environment::{Environment, FULL_URI, RELATIVE_URI};
use crate::error::Error;

/// Where the Amazon ECS agent serves credentials: the base of a relative URI.
const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
/// Where the EKS Pod Identity Agent serves them over IPv4.
const EKS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 23);
/// Where the EKS Pod Identity Agent serves them over IPv6.
const EKS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23);

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
    /// Fails with [`Error::NoEndpoint`] or [`Error::InvalidEndpoint`].
    pub fn from_environment(environment: &Environment) -> Result<Self, Error> {
        let (name, endpoint) = match (&environment.relative_uri, &environment.full_uri) {
            (Some(uri), _) => (RELATIVE_URI, Self::from_relative_uri(uri)),
            (None, Some(uri)) => (FULL_URI, Self::from_full_uri(uri)),
            (None, None) => return Err(Error::NoEndpoint),
        };
        endpoint.map_err(|flaw| Error::InvalidEndpoint {
            name: name.to_owned(),
            reason: flaw.to_string(),
        })
    }

    /// The endpoint at this path, and query, on ECS's fixed address.
    pub fn from_relative_uri(uri: &str) -> Result<Self, EndpointFlaw> {
        // Joined to the base blindly, `@host/x` and `.evil/x` would change the host.
        if !uri.starts_with('/') {
            return Err(EndpointFlaw::NotAPath);
        }
        Ok(Self {
            scheme: Scheme::Http,
            host: Host::Ipv4(ECS),
            port: None,
            path_with_query: path_with_query(uri)?,
        })
    }

    /// The endpoint at this absolute URI.
    pub fn from_full_uri(uri: &str) -> Result<Self, EndpointFlaw> {
        let (scheme, rest) = uri.split_once(':').ok_or(EndpointFlaw::NotAbsolute)?;
        let rest = rest.strip_prefix("//").ok_or(EndpointFlaw::NotAbsolute)?;
        let scheme = Scheme::parse(scheme).ok_or(EndpointFlaw::Scheme)?;
        let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(authority_end).unwrap_or((rest, ""));
        let (host, port) = parse_authority(authority)?;
        if scheme == Scheme::Http && !host.is_local() {
            return Err(EndpointFlaw::HostNotAllowed(host));
        }
        let path_with_query = path_with_query(target)?;
        Ok(Self {
            scheme,
            host,
            port,
            path_with_query,
        })
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
        format!("{}://{}", self.scheme, self.authority())
    }
}

impl fmt::Display for Endpoint {
    /// The whole URI, canonical but for path and query, which are verbatim.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path_with_query)
    }
}

/// The scheme of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `http`
    Http,
    /// `https`
    Https,
}

impl Scheme {
    fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("http") {
            Some(Self::Http)
        } else if text.eq_ignore_ascii_case("https") {
            Some(Self::Https)
        } else {
            None
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
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
            // `.` would spell a v4-mapped address, `%` a zone.
            let address: Ipv6Addr = if address.contains(['.', '%']) {
                None
            } else {
                address.parse().ok()
            }?;
            return address
                .to_ipv4_mapped()
                .is_none()
                .then_some(Self::Ipv6(address));
        }
        // Only the strict dotted quad; `127.1`, `0x7f000001` and so on are taken for names.
        if let Ok(address) = text.parse() {
            return Some(Self::Ipv4(address));
        }
        let is_name = text.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        });
        is_name.then(|| Self::Name(text.to_ascii_lowercase()))
    }

    /// Whether credentials may come from here over plain http.
    fn is_local(&self) -> bool {
        match self {
            Self::Ipv4(address) => address.is_loopback() || matches!(*address, ECS | EKS),
            Self::Ipv6(address) => matches!(*address, Ipv6Addr::LOCALHOST | EKS_V6),
            Self::Name(name) => name == "localhost",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(address) => write!(f, "{address}"),
            Self::Ipv6(address) => write!(f, "[{address}]"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// Why a URI does not name an endpoint that may be asked. Displays as the reason for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndpointFlaw {
    /// A relative URI that does not begin with `/`.
    NotAPath,
    /// A full URI without `://`.
    NotAbsolute,
    /// A scheme other than `http` and `https`.
    Scheme,
    /// A user name or a password before the host.
    UserInfo,
    /// No host, or one that is neither an address nor a name.
    Host,
    /// A host that is not asked over plain http.
    HostNotAllowed(Host),
    /// A port that is not a number from 1 to 65535.
    Port,
    /// A fragment.
    Fragment,
    /// A character that path and query of a URI cannot hold.
    Character,
}

fn parse_authority(authority: &str) -> Result<(Host, Option<u16>), EndpointFlaw> {
    if authority.contains('@') {
        return Err(EndpointFlaw::UserInfo);
    }
    // The colons inside of brackets are the address's own.
    let host_end = match authority.rfind(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, port) = authority
        .split_at_checked(host_end)
        .unwrap_or((authority, ""));
    let host = Host::parse(host).ok_or(EndpointFlaw::Host)?;
    let port = match port.strip_prefix(':') {
        Some(port) => Some(parse_port(port).ok_or(EndpointFlaw::Port)?),
        None if port.is_empty() => None,
        None => return Err(EndpointFlaw::Host),
    };
    Ok((host, port))
}

fn parse_port(text: &str) -> Option<u16> {
    // `u16::from_str` alone would take `+80` and `080`.
    if !text.starts_with(|first: char| matches!(first, '1'..='9')) {
        return None;
    }
    text.parse().ok()
}

/// What goes into the request line for what follows the authority.
fn path_with_query(target: &str) -> Result<String, EndpointFlaw> {
    for byte in target.bytes() {
        match byte {
            b'#' => return Err(EndpointFlaw::Fragment),
            b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                return Err(EndpointFlaw::Character);
            }
            _ if !byte.is_ascii_graphic() => return Err(EndpointFlaw::Character),
            _ => {}
        }
    }
    let slash = if target.starts_with('/') { "" } else { "/" };
    Ok(format!("{slash}{target}"))
}
