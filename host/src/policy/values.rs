//! The texts of a policy, checked by the component's own parsers. Each is kept in its one canonical spelling.

use crate::error::Flaw;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::sts::environment::VARIABLES;
use epicac_component::sts::role::{Role, RoleRequest};
use serde::{Deserialize, Serialize};
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
            type Err = Flaw;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $check(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Flaw;

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

fn variable(text: &str) -> Result<Variable, Flaw> {
    let named = Variable::all().find(|it| it.0 == text);
    named.ok_or(Flaw::Variable)
}

impl Variable {
    /// All variables that the component reads, in the order in which they are printed.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let of_container = [RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN].into_iter();
        let names = of_container.chain(VARIABLES);
        names.map(|name| Self(name.to_owned()))
    }
}

fn file(text: &str) -> Result<FilePath, Flaw> {
    match Path::new(text).is_absolute() && !text.contains('\0') {
        true => FilePath::named(text.as_ref()),
        false => Err(Flaw::File),
    }
}

impl FilePath {
    /// The file at this path, relative to the working directory when the path is not absolute.
    pub(super) fn named(path: &Path) -> Result<Self, Flaw> {
        let absolute = std::path::absolute(path)
            .map_err(|error| Flaw::NoWorkingDirectory(error.to_string()))?;
        let text = absolute.into_os_string().into_string();
        let text = text.map_err(|_| Flaw::NotUtf8)?;
        match text.contains('*') {
            true => Err(Flaw::Asterisk),
            false => Ok(Self(text)),
        }
    }
}

fn host(text: &str) -> Result<HostName, Flaw> {
    let named = authority(&format!("{text}/")).filter(|it| it.port().is_none());
    named
        .map(|it| HostName(it.host().to_string()))
        .ok_or(Flaw::Host)
}

/// A host and a port. The endpoint's parser decides what a host is: over https every one is allowed.
fn authority(text: &str) -> Option<Endpoint> {
    let endpoint = Endpoint::from_full_uri(&format!("https://{text}")).ok();
    endpoint.filter(|it| it.path_with_query() == "/")
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

fn path(text: &str) -> Result<PathRule, Flaw> {
    let is_one_segment =
        |folder: &str| !folder.contains(['*', '?']) && folder.bytes().any(|byte| byte != b'/');
    if text.contains('*') && !text.strip_suffix("/*").is_some_and(is_one_segment) {
        return Err(Flaw::Asterisk);
    }
    // What the component asks can be granted, and nothing else.
    match Endpoint::from_relative_uri(text) {
        Ok(_) => Ok(PathRule(text.to_owned())),
        Err(_) => Err(Flaw::Path),
    }
}

impl PathRule {
    /// The rule that grants path and query of this endpoint and no other, if there is one.
    pub(super) fn exact(endpoint: &Endpoint) -> Result<Self, Flaw> {
        match endpoint.path_with_query().contains('*') {
            true => Err(Flaw::Asterisk),
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

fn role_arn(text: &str) -> Result<RoleArn, Flaw> {
    // What the component assumes can be granted, and nothing else.
    let role = Role::check(RoleRequest::new(text.to_owned()), "epicac", false);
    role.map(|_| RoleArn(text.to_owned()))
        .map_err(|_| Flaw::RoleArn)
}

fn sts_origin(text: &str) -> Result<StsOrigin, Flaw> {
    let is_asked = |it: &Endpoint| it.scheme() == Scheme::Https || it.host().is_loopback();
    match Endpoint::from_full_uri(text) {
        Ok(sts) if sts.path_with_query() == "/" && is_asked(&sts) => Ok(StsOrigin::from(&sts)),
        _ => Err(Flaw::Sts),
    }
}

impl From<&Endpoint> for StsOrigin {
    fn from(sts: &Endpoint) -> Self {
        Self(sts.clone().without_default_port().origin())
    }
}

fn proxy(text: &str) -> Result<ProxyOrigin, Flaw> {
    let named = text.strip_prefix("http://").and_then(authority);
    let origin = named.and_then(|it| Some(ProxyOrigin::new(it.host(), it.port()?)));
    origin.ok_or(Flaw::Proxy)
}

impl ProxyOrigin {
    /// The proxy at this host and port.
    pub(super) fn new(host: &Host, port: u16) -> Self {
        Self(format!("http://{host}:{port}"))
    }
}

fn loopback(text: &str) -> Result<LoopbackAddress, Flaw> {
    match text.parse::<SocketAddr>() {
        // Without a zone: `[::1%1]` is `[::1]`.
        Ok(address) if address.ip().is_loopback() => Ok(LoopbackAddress(SocketAddr::new(
            address.ip(),
            address.port(),
        ))),
        Ok(_) => Err(Flaw::NotLoopback),
        Err(_) => Err(Flaw::NotAnAddress),
    }
}

impl From<LoopbackAddress> for SocketAddr {
    fn from(address: LoopbackAddress) -> Self {
        address.0
    }
}
