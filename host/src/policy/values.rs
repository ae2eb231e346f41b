//! The values of a policy, checked as they are read. Texts are checked by the component's own parsers, and each is kept in
//! its one canonical spelling.

use super::error::MemberError;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::sts::environment::VARIABLES;
use epicac_component::sts::role::{Role, RoleRequest};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

/// Declares types around a text, each read from JSON and from a word of the command line by its function.
macro_rules! checked {
    ($($(#[$attribute:meta])* $visibility:vis $name:ident($value:ty) by $check:ident;)*) => {$(
        $(#[$attribute])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        $visibility struct $name(pub(super) $value);

        impl FromStr for $name {
            type Err = MemberError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $check(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = MemberError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
    )*};
}

checked! {
    /// The name of a variable that the component may see.
    pub(super) Variable(String) by variable;
    /// The absolute path of a file, without steps such as `//` and `/./`.
    pub(super) FilePath(String) by file;
    /// A host, as a `Host` header has it.
    pub(super) HostName(String) by host;
    /// Path and query of the endpoint, to the letter; or a path whose last segment is `*`. That stands for any one
    /// segment of plain characters ([`is_any`]).
    pub(super) PathRule(String) by path;
    /// The ARN of a role.
    pub(super) RoleArn(String) by role_arn;
    /// Where STS is: scheme and host, and the port where it is not the scheme's own.
    pub(super) StsOrigin(String) by sts_origin;
    /// A proxy: `http://host:port`.
    pub(super) ProxyOrigin(String) by proxy;
    /// An address of the loopback interface, and a port. Port 0 stands for any free port.
    #[derive(Copy)]
    pub LoopbackAddress(SocketAddr) by loopback;
}

/// The version of the format.
pub(super) fn version<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    match u64::deserialize(from)? {
        1 => Ok(1),
        other => Err(D::Error::custom(MemberError::Version(other))),
    }
}

/// The seconds of a session, as STS allows them.
pub(super) fn session_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    match u32::deserialize(from)? {
        seconds @ 900..=43_200 => Ok(seconds),
        _ => Err(D::Error::custom(MemberError::Duration)),
    }
}

/// A list without repetitions.
pub(super) fn each_once<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + PartialEq,
{
    let mut once = Vec::new();
    for element in Vec::<T>::deserialize(from)? {
        if once.contains(&element) {
            return Err(D::Error::custom(MemberError::Twice));
        }
        once.push(element);
    }
    Ok(once)
}

fn variable(text: &str) -> Result<Variable, MemberError> {
    let named = Variable::all().find(|known| known.0 == text);
    named.ok_or(MemberError::Variable)
}

impl Variable {
    /// All variables that the component reads, in the order in which they are printed.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let of_container = [RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN].into_iter();
        let names = of_container.chain(VARIABLES);
        names.map(|name| Self(name.to_owned()))
    }
}

fn file(text: &str) -> Result<FilePath, MemberError> {
    match Path::new(text).is_absolute() && !text.contains('\0') {
        true => FilePath::named(text.as_ref()),
        false => Err(MemberError::File),
    }
}

impl FilePath {
    /// The file at this path, relative to the working directory when the path is not absolute.
    pub(super) fn named(path: &Path) -> Result<Self, MemberError> {
        let absolute = std::path::absolute(path)
            .map_err(|error| MemberError::NoWorkingDirectory(error.to_string()))?;
        let text = absolute.into_os_string().into_string();
        let text = text.map_err(|_| MemberError::NotUtf8)?;
        match text.contains('*') {
            true => Err(MemberError::Asterisk),
            false => Ok(Self(text)),
        }
    }
}

fn host(text: &str) -> Result<HostName, MemberError> {
    let named = authority(&format!("{text}/")).filter(|named| named.port().is_none());
    named
        .map(|named| HostName(named.host().to_string()))
        .ok_or(MemberError::Host)
}

/// A host and a port. The endpoint's parser decides what a host is: over https every one is allowed.
fn authority(text: &str) -> Option<Endpoint> {
    let endpoint = Endpoint::from_full_uri(&format!("https://{text}")).ok();
    endpoint.filter(|named| named.path_with_query() == "/")
}

impl HostName {
    /// Whether it is the address that a relative URI is on.
    pub(super) fn is_ecs(&self) -> bool {
        self.0 == "169.254.170.2"
    }

    /// Whether it may be asked over http, by the rules of the endpoint itself (`behaviour.md` §1).
    pub(super) fn is_asked_over_http(&self) -> bool {
        Endpoint::from_full_uri(&format!("http://{}/", self.0)).is_ok()
    }
}

fn path(text: &str) -> Result<PathRule, MemberError> {
    let is_one_segment =
        |folder: &str| !folder.contains(['*', '?']) && folder.bytes().any(|byte| byte != b'/');
    if text.contains('*') && !text.strip_suffix("/*").is_some_and(is_one_segment) {
        return Err(MemberError::Asterisk);
    }
    // What the component asks can be granted, and nothing else.
    match Endpoint::from_relative_uri(text) {
        Ok(_) => Ok(PathRule(text.to_owned())),
        Err(_) => Err(MemberError::Path),
    }
}

impl PathRule {
    /// The rule that grants path and query of this endpoint and no other, if there is one.
    pub(super) fn exact(endpoint: &Endpoint) -> Result<Self, MemberError> {
        match endpoint.path_with_query().contains('*') {
            true => Err(MemberError::Asterisk),
            false => Ok(Self(endpoint.path_with_query().to_owned())),
        }
    }

    /// The same path with `*` as its last segment, if that can be granted.
    pub(super) fn with_any_last_segment(&self) -> Option<Self> {
        let (folder, last) = self.0.rsplit_once('/')?;
        let any = is_any(last).then(|| path(&format!("{folder}/*")));
        any?.ok()
    }

    /// Whether it grants this path and query.
    pub(super) fn grants(&self, path_with_query: &str) -> bool {
        match self.0.strip_suffix('*') {
            None => self.0 == path_with_query,
            Some(folder) => path_with_query.strip_prefix(folder).is_some_and(is_any),
        }
    }
}

/// Whether `*` stands for this segment: only if servers cannot read it in two ways, as they do `..` or `%2e`.
fn is_any(segment: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    !matches!(segment, "" | "." | "..") && segment.bytes().all(plain)
}

fn role_arn(text: &str) -> Result<RoleArn, MemberError> {
    // What the component assumes can be granted, and nothing else.
    let role = Role::check(RoleRequest::new(text.to_owned()), "epicac", false);
    role.map(|_| RoleArn(text.to_owned()))
        .map_err(|_| MemberError::RoleArn)
}

fn sts_origin(text: &str) -> Result<StsOrigin, MemberError> {
    let is_asked = |sts: &Endpoint| sts.scheme() == Scheme::Https || sts.host().is_loopback();
    match Endpoint::from_full_uri(text) {
        Ok(sts) if sts.path_with_query() == "/" && is_asked(&sts) => Ok(StsOrigin::from(&sts)),
        _ => Err(MemberError::Sts),
    }
}

impl From<&Endpoint> for StsOrigin {
    fn from(sts: &Endpoint) -> Self {
        Self(sts.clone().without_default_port().origin())
    }
}

fn proxy(text: &str) -> Result<ProxyOrigin, MemberError> {
    let named = text.strip_prefix("http://").and_then(authority);
    let origin = named.and_then(|named| Some(ProxyOrigin::new(named.host(), named.port()?)));
    origin.ok_or(MemberError::Proxy)
}

impl ProxyOrigin {
    /// The proxy at this host and port.
    pub(super) fn new(host: &Host, port: u16) -> Self {
        Self(format!("http://{host}:{port}"))
    }
}

fn loopback(text: &str) -> Result<LoopbackAddress, MemberError> {
    match text.parse::<SocketAddr>() {
        // Without a zone: `[::1%1]` is `[::1]`.
        Ok(address) if address.ip().is_loopback() => Ok(LoopbackAddress(SocketAddr::new(
            address.ip(),
            address.port(),
        ))),
        Ok(_) => Err(MemberError::NotLoopback),
        Err(_) => Err(MemberError::NotAnAddress),
    }
}

impl From<LoopbackAddress> for SocketAddr {
    fn from(address: LoopbackAddress) -> Self {
        address.0
    }
}
