//! The texts of a policy, checked by the component's own parsers. Each is kept in its one canonical spelling.

use crate::error::Flaw;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::sts::environment::VARIABLES;
use epicac_component::sts::role::{Role, RoleRequest};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;

macro_rules! checked_text {
    ($($(#[$doc:meta])* $name:ident by $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = Flaw;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                $check(&text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

checked_text! {
    /// The name of a variable that the component may see.
    Variable by variable;
    /// The absolute path of a file, with no step more than it needs.
    FilePath by file;
    /// A host, as a `Host` header has it.
    HostName by host;
    /// Path and query of the endpoint, to the letter; or a path whose last segment is `*`, which stands for any
    /// one segment.
    PathRule by path;
    /// The ARN of a role.
    RoleArn by role_arn;
    /// Where STS is: scheme and host, and the port where it is not the scheme's own.
    StsOrigin by sts_origin;
    /// A proxy: `http://host:port`.
    ProxyOrigin by proxy;
}

type Checked = Result<String, Flaw>;

/// Those that the component reads, in the order of its lists.
pub(super) const NAMES: [&[&str]; 2] = [&[RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN], &VARIABLES];

fn variable(name: &str) -> Checked {
    match NAMES.concat().contains(&name) {
        true => Ok(name.to_owned()),
        false => Err(Flaw::Variable),
    }
}

impl Variable {
    /// Whether it is read for roles alone.
    pub fn is_of_roles(&self) -> bool {
        VARIABLES.contains(&self.0.as_str())
    }

    /// Whether it has this name.
    pub fn is(&self, name: &str) -> bool {
        self.0 == name
    }
}

fn file(path: &str) -> Checked {
    if path.contains('*') {
        return Err(Flaw::Asterisk);
    }
    let canonical = std::path::absolute(path).map(|path| path.into_os_string().into_string());
    match canonical {
        Ok(Ok(canonical)) if Path::new(path).is_absolute() && !path.contains('\0') => Ok(canonical),
        _ => Err(Flaw::File),
    }
}

fn host(text: &str) -> Checked {
    // Over https every host is allowed. The endpoint's parser decides what a host is.
    match Endpoint::from_full_uri(&format!("https://{text}/")) {
        Ok(endpoint) if endpoint.port().is_none() && endpoint.path_with_query() == "/" => {
            Ok(endpoint.host().to_string())
        }
        _ => Err(Flaw::Host),
    }
}

impl HostName {
    /// Whether it is the address that a relative URI is on.
    pub fn is_ecs(&self) -> bool {
        self.0 == "169.254.170.2"
    }

    /// Whether it may be asked over http, by the rules of the endpoint itself (`behaviour.md` §1).
    pub fn is_asked_over_http(&self) -> bool {
        Endpoint::from_full_uri(&format!("http://{}/", self.0)).is_ok()
    }
}

fn path(text: &str) -> Checked {
    if text.contains('*') {
        let is_one_segment =
            |folder: &str| !folder.contains(['*', '?']) && folder.bytes().any(|byte| byte != b'/');
        if !text.strip_suffix("/*").is_some_and(is_one_segment) {
            return Err(Flaw::Asterisk);
        }
    }
    // The rules of the endpoint itself are the rules of what can be granted.
    match Endpoint::from_relative_uri(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Flaw::Path),
    }
}

impl PathRule {
    /// The rule that grants this path and query and no other, if there is one.
    pub(super) fn exact(path_with_query: &str) -> Result<Self, Flaw> {
        match path_with_query.contains('*') {
            true => Err(Flaw::Asterisk),
            false => path(path_with_query).map(Self),
        }
    }

    /// The same, with any last segment, if that can be granted.
    pub(super) fn with_any_last_segment(&self) -> Option<Self> {
        let (folder, last) = self.0.rsplit_once('/')?;
        let any = is_any(last).then(|| path(&format!("{folder}/*")))?;
        any.ok().map(Self)
    }

    /// Whether it grants this path and query.
    pub fn grants(&self, path_with_query: &str) -> bool {
        match self.0.strip_suffix('*') {
            None => self.0 == path_with_query,
            Some(folder) => path_with_query.strip_prefix(folder).is_some_and(is_any),
        }
    }
}

/// Whether `*` stands for this segment, which a server can read in one way only.
fn is_any(segment: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    !matches!(segment, "" | "." | "..") && segment.bytes().all(plain)
}

fn role_arn(text: &str) -> Checked {
    // The rules of what can be assumed are the rules of what can be granted.
    match Role::check(RoleRequest::new(text.to_owned()), "epicac", false) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Flaw::RoleArn),
    }
}

fn sts_origin(text: &str) -> Checked {
    match Endpoint::from_full_uri(text) {
        Ok(sts)
            if sts.path_with_query() == "/"
                && (sts.scheme() == Scheme::Https || sts.host().is_loopback()) =>
        {
            Ok(StsOrigin::from(&sts).0)
        }
        _ => Err(Flaw::Sts),
    }
}

impl From<&Endpoint> for StsOrigin {
    fn from(sts: &Endpoint) -> Self {
        Self(sts.clone().without_default_port().origin())
    }
}

fn proxy(text: &str) -> Checked {
    // A host is one whatever it is asked by.
    let named = text.strip_prefix("http://").and_then(|authority| {
        let named = Endpoint::from_full_uri(&format!("https://{authority}")).ok()?;
        let port = named.port().filter(|_| named.path_with_query() == "/")?;
        Some(ProxyOrigin::new(named.host(), port).0)
    });
    named.ok_or(Flaw::Proxy)
}

impl ProxyOrigin {
    /// The proxy at this host and port.
    pub fn new(host: &Host, port: u16) -> Self {
        Self(format!("http://{host}:{port}"))
    }
}

/// An address of the loopback interface, and a port. Port 0 stands for any free port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct LoopbackAddress(SocketAddr);

impl FromStr for LoopbackAddress {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().is_loopback() => Ok(Self(address)),
            Ok(_) => Err(Flaw::NotLoopback),
            Err(_) => Err(Flaw::NotAnAddress),
        }
    }
}

impl TryFrom<String> for LoopbackAddress {
    type Error = Flaw;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LoopbackAddress> for SocketAddr {
    fn from(address: LoopbackAddress) -> Self {
        address.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_loopback_interface_are_listened_on() {
        for address in ["127.0.0.1:1", "127.255.0.1:8470", "[::1]:8470"] {
            assert!(address.parse::<LoopbackAddress>().is_ok(), "{address}");
        }
        for address in [
            "0.0.0.0:8470",
            "[::]:8470",
            "10.0.0.1:8470",
            "169.254.170.23:80",
            "[::ffff:127.0.0.1]:8470",
            "localhost:8470",
            "127.0.0.1",
            "8470",
        ] {
            assert!(address.parse::<LoopbackAddress>().is_err(), "{address}");
        }
    }
}
