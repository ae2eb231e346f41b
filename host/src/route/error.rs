//! Why no request comes through to a server.

use crate::file::FileError;
use std::borrow::Cow;
use thiserror::Error;

/// Why no request comes through to a server. Displays as `host: why`, with a path in place of the host where a file is
/// at fault. The component sees only its kind, as an error of WASI.
#[rustfmt::skip]
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum RouteError {
    /// The file of `AWS_CA_BUNDLE` cannot be used.
    #[error("{0}: {1}")] CaBundle(String, BundleError),
    #[error("{0}: its name was not resolved in time")] NameTimeout(String),
    #[error("{0}: its name cannot be resolved: {1}")] NameUnknown(String, String),
    #[error("{0}: its name has no address")] NoAddress(String),
    #[error("{0}: no certificate can be for such a name")] NoCertificateName(String),
    /// The built-in authorities are trusted.
    #[error("{0}: its certificate comes from an authority that is not trusted")] UnknownIssuer(String),
    /// The authorities of `AWS_CA_BUNDLE` are trusted.
    #[error("{0}: its certificate comes from an authority that is not trusted")] IssuerNotInBundle(String),
    #[error("{0}: its certificate is not valid: {1}")] Certificate(String, String),
    #[error("{0}: no TLS connection: {1}")] Tls(String, String),
    #[error("{0}: no answer of the proxy: {1}")] ProxyUnreachable(String, String),
    #[error("{0}: no answer of the proxy: it did not respond in time")] ProxySilent(String),
    #[error("{0}: no answer of the proxy: its response is not that of an HTTP proxy")] NotAProxy(String),
    #[error("{0}: the proxy wants to know who asks: status 407")] ProxyNeedsUser(String),
    #[error("{0}: the proxy refused to connect to STS: status {1}")] ProxyRefused(String, u16),
    /// These variables ask for an endpoint that STS does not have in every region.
    #[error("{0}")] Variant(Box<Self>, &'static str),
}

impl RouteError {
    /// What to do about it.
    #[rustfmt::skip]
    pub(crate) fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::CaBundle(_, error) => error.remedy(),
            Self::NameTimeout(_) => "may the pod ask its DNS server?",
            Self::NameUnknown(..) | Self::NoAddress(_) => "is it the right host, for STS the right region, and may the pod ask its DNS server?",
            Self::NoCertificateName(_) => "write the host's name as its certificate has it",
            Self::UnknownIssuer(_) => "if something on the way ends TLS, set AWS_CA_BUNDLE to a PEM file with its authority",
            Self::IssuerNotInBundle(_) => "add that authority to the file of AWS_CA_BUNDLE, which is the only one that counts",
            Self::Certificate(..) => "is the clock right, and is this the host's own certificate?",
            Self::Tls(..) => "does TLS 1.2 or 1.3 answer at that port?",
            Self::ProxyUnreachable(..) | Self::ProxySilent(_) | Self::NotAProxy(_) => IS_IT_RIGHT,
            Self::ProxyNeedsUser(_) => "set HTTPS_PROXY with user and password: http://USER:PASSWORD@HOST:PORT",
            Self::ProxyRefused(..) => "allow it there, or exclude STS from it by NO_PROXY",
            Self::Variant(error, variables) => {
                let may = match **error {
                    Self::ProxyRefused(..) => "the proxy connect to it",
                    _ => "the pod ask its DNS server",
                };
                return format!("{variables} asks for this endpoint: has STS one in this region, and may {may}?").into();
            }
        })
    }
}

/// Why the file of `AWS_CA_BUNDLE` cannot be used. Displays as the reason.
#[rustfmt::skip]
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum BundleError {
    /// The file cannot be read.
    #[error("{0}")] File(FileError),
    #[error("permission denied")] Denied,
    #[error("it has more than 4194304 bytes")] TooLarge,
    #[error("it is not PEM")] Pem,
    #[error("there is no certificate in it")] Empty,
    #[error("none of its certificates can be read")] Certificate,
    /// TLS could not be set up at all.
    #[error("{0}")] Tls(String),
}

impl BundleError {
    /// What to do about it.
    #[rustfmt::skip]
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::File(_) => "set AWS_CA_BUNDLE to a PEM file, or leave it unset for the built-in roots",
            Self::Denied => "make it readable for this user",
            Self::TooLarge | Self::Empty => "name a PEM file with the certificates of your authorities",
            Self::Pem => "name a PEM file with the certificates of your authorities; DER has to be converted",
            Self::Certificate => "name a PEM file with the certificates of your authorities, in X.509 version 3",
            Self::Tls(_) => "this is a bug of epicac: please report it",
        }
    }
}

impl From<FileError> for BundleError {
    fn from(error: FileError) -> Self {
        match error.is_denied() {
            true => Self::Denied,
            false => Self::File(error),
        }
    }
}

/// Why the variable names no proxy. Displays as the reason.
#[rustfmt::skip]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum ProxyError {
    #[error("only an HTTP proxy can be used")] Scheme,
    /// Its host or port is invalid.
    #[error("this is not the URL of a proxy")] Host,
    /// User or password is not UTF-8 when it is decoded, or the user has a colon.
    #[error("user or password cannot be read")] User,
}

impl ProxyError {
    /// What to do about it.
    #[rustfmt::skip]
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Scheme => "name it by http://HOST:PORT, or exclude STS by NO_PROXY",
            Self::Host => "name it by http://HOST:PORT, without a path",
            Self::User => "write it percent-encoded: http://USER:PASSWORD@HOST:PORT",
        }
    }
}

const IS_IT_RIGHT: &str = "is HTTPS_PROXY right? NO_PROXY excludes STS from it";
