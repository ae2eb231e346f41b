//! Why a request failed before its response was complete. WASI has many such errors; this type has those that
//! people can act on.

use alloc::string::String;

use crate::printable;

/// How a request failed. Displays as what the endpoint, which is named before it, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// The runtime's policy forbids the request.
    Denied,
    /// The runtime cannot send such a request.
    Unsendable,
    /// No connection in time.
    ConnectTimeout,
    /// A connection, but no response in time.
    ResponseTimeout,
    /// The beginning of a response, but not all of it in time.
    BodyTimeout,
    /// The connection was refused.
    Refused,
    /// The connection was closed before the response was complete.
    Closed,
    /// There is no way to the address.
    Unroutable,
    /// The name has no address.
    Unresolved,
    /// The certificate is not to be trusted.
    Certificate,
    /// The TLS handshake failed otherwise.
    Tls,
    /// The response is not HTTP that the runtime understands.
    NotHttp,
    /// The response exceeds a limit of the runtime.
    RuntimeLimit,
    /// The runtime failed, and perhaps says why.
    Internal(Option<String>),
}

impl TransportError {
    /// Whether the request never went out.
    pub fn is_denial(&self) -> bool {
        matches!(self, Self::Denied | Self::Unsendable)
    }

    /// The same without these secrets: a runtime's text may quote the request.
    pub fn without(self, secrets: &[&str]) -> Self {
        match self {
            Self::Internal(Some(text)) => {
                Self::Internal(Some(printable::excerpt_without(&text, secrets)))
            }
            error => error,
        }
    }
}
