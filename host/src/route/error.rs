//! What can go wrong on a route. The component sees only its kind, as an error of WASI.

use super::trust::BundleError;
use std::path::PathBuf;

/// Why no request comes through to a server. Displays as `host: why`, with a path in place of the host where a file is
/// at fault.
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
    /// The name is known, and has no address.
    NoAddress(String),
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
    /// The proxy of this URL did not respond in time.
    ProxySilent(String),
    /// What responds at this URL is no HTTP proxy.
    NotAProxy(String),
    /// The proxy refused the tunnel, with this status.
    ProxyRefused {
        /// The proxy's URL.
        proxy: String,
        /// The status of its response.
        status: u16,
    },
}

impl std::error::Error for RouteError {}
