//! What can go wrong on a route. The component only sees the kind of it, as an error of WASI.

use super::trust::BundleError;
use epicac_component::printable::Line;
use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;

/// Why no request comes through to a server. Displays as `host: why (what to do)`, with a path in place of the host
/// where a file is at fault.
#[derive(Debug)]
#[non_exhaustive]
pub enum RouteError {
    /// The file of `AWS_CA_BUNDLE` cannot be used.
    CaBundle {
        /// The file.
        path: PathBuf,
        /// Why.
        error: BundleError,
    },
    /// The name was not resolved in time.
    NameTimeout(String),
    /// There is no address of that name.
    NameUnknown {
        /// The name.
        name: String,
        /// What the resolver says.
        why: String,
    },
    /// No certificate can be for this name.
    NoCertificateName(String),
    /// The server's certificate was not issued by an authority that is trusted.
    UnknownIssuer {
        /// The server.
        host: String,
        /// Whether `AWS_CA_BUNDLE` says who is trusted.
        by_bundle: bool,
    },
    /// The server's certificate is not valid, or another host's.
    Certificate {
        /// The server.
        host: String,
        /// What is wrong with it.
        why: String,
    },
    /// The other side does not speak TLS, or not as we do.
    Tls {
        /// The server.
        host: String,
        /// What is wrong.
        why: String,
    },
    /// No connection to the proxy came about, or it ended.
    ProxyUnreachable {
        /// The proxy's URL.
        proxy: String,
        /// What is wrong.
        why: String,
    },
    /// The proxy refused the tunnel, with this status.
    ProxyRefused {
        /// The proxy's URL.
        proxy: String,
        /// The status of its response.
        status: u16,
    },
}

impl RouteError {
    pub(super) fn unknown_name(name: &str, why: &dyn fmt::Display) -> Self {
        Self::NameUnknown {
            name: name.to_owned(),
            why: Line(&why.to_string()).to_string(),
        }
    }
}

impl RouteError {
    /// Why, behind the server, the proxy or the file that it is about; and what to do.
    pub fn parts(&self) -> (String, Cow<'static, str>) {
        let (subject, why, remedy) = match self {
            Self::CaBundle { path, error } => {
                let (why, remedy) = error.parts();
                return (format!("{}: {why}", Line(&path.to_string_lossy())), remedy);
            }
            Self::NameTimeout(name) => (
                name,
                "its name was not resolved in time".to_owned(),
                "may the pod ask its DNS server?",
            ),
            Self::NameUnknown { name, why } => (
                name,
                format!("its name cannot be resolved: {why}"),
                "is it the right host, for STS the right region, and may the pod ask its DNS server?",
            ),
            Self::NoCertificateName(name) => (
                name,
                "no certificate can be for such a name".to_owned(),
                "write the host's name as its certificate has it",
            ),
            Self::UnknownIssuer { host, by_bundle } => (
                host,
                "its certificate comes from an authority that is not trusted".to_owned(),
                if *by_bundle {
                    "add that authority to the file of AWS_CA_BUNDLE, which is the only one that counts"
                } else {
                    "if something on the way ends TLS, set AWS_CA_BUNDLE to a PEM file with its authority"
                },
            ),
            Self::Certificate { host, why } => (
                host,
                format!("its certificate is not valid: {}", Line(why)),
                "is the clock right, and is this the host's own certificate?",
            ),
            Self::Tls { host, why } => (
                host,
                format!("no TLS connection: {}", Line(why)),
                "does TLS 1.2 or 1.3 answer at that port?",
            ),
            Self::ProxyUnreachable { proxy, why } => (
                proxy,
                format!("no answer of the proxy: {}", Line(why)),
                "is HTTPS_PROXY right? NO_PROXY excludes STS from it",
            ),
            Self::ProxyRefused { proxy, status: 407 } => (
                proxy,
                "the proxy wants to know who asks: status 407".to_owned(),
                "set HTTPS_PROXY with user and password: http://USER:PASSWORD@HOST:PORT",
            ),
            Self::ProxyRefused { proxy, status } => (
                proxy,
                format!("the proxy refused to connect to STS: status {status}"),
                "allow it there, or exclude STS from it by NO_PROXY",
            ),
        };
        (format!("{subject}: {why}"), remedy.into())
    }
}

impl fmt::Display for RouteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (why, remedy) = self.parts();
        write!(f, "{why} ({remedy})")
    }
}

impl std::error::Error for RouteError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate can say anything.
    #[test]
    fn what_the_other_side_says_stays_on_one_line_of_bounded_length() {
        let host = || "agent.example".to_owned();
        let why = || format!("a\n\u{1b}[2J{}", "x".repeat(10_000));
        for error in [
            RouteError::Certificate {
                host: host(),
                why: why(),
            },
            RouteError::Tls {
                host: host(),
                why: why(),
            },
            RouteError::ProxyUnreachable {
                proxy: host(),
                why: why(),
            },
        ] {
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "{line}");
            assert!(line.len() < 2_000 && line.ends_with(')'), "{line}");
        }
    }
}
