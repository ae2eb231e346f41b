//! Why a request failed before its response was complete. WASI has many such errors; this type has those that
//! people can act on.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;

use thiserror::Error;

use crate::message::Failure;
use crate::printable::{Line, excerpt_without, has};

/// How a request failed. It displays as what the server did. The text before it names the server.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum TransportError {
    /// By the runtime's policy.
    #[error("is not allowed")]
    Denied,
    #[error("cannot be sent by the runtime")]
    Unsendable,
    #[error("did not accept a connection in time")]
    ConnectTimeout,
    #[error("did not respond in time")]
    ResponseTimeout,
    #[error("did not finish its response in time")]
    BodyTimeout,
    #[error("refused the connection")]
    Refused,
    #[error("closed the connection before its response was complete")]
    Closed,
    #[error("cannot be reached from here")]
    Unroutable,
    #[error("has no known address")]
    Unresolved,
    #[error("has a certificate that is not trusted")]
    Certificate,
    #[error("failed in the TLS handshake")]
    Tls,
    #[error("did not respond with valid HTTP")]
    NotHttp,
    #[error("exceeded a limit of the runtime")]
    RuntimeLimit,
    /// The runtime failed, and may say why.
    #[error("could not be asked{}", reason(.0))]
    Internal(Option<String>),
}

fn reason(text: &Option<String>) -> String {
    match text {
        Some(text) if !text.is_empty() => format!(": {}", Line(text)),
        _ => ", and the runtime does not say why".to_owned(),
    }
}

impl TransportError {
    /// Whether the request never went out.
    pub fn is_denial(&self) -> bool {
        matches!(self, Self::Denied | Self::Unsendable)
    }

    /// The same without these secrets: a runtime's text may quote the request.
    pub fn without(self, secrets: &[&str]) -> Self {
        match self {
            Self::Internal(Some(text)) => Self::Internal(Some(excerpt_without(&text, secrets))),
            error => error,
        }
    }
}

/// The runtime did not let a request out.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{method} {} {error}", Line(.origin))]
pub struct RequestDenied {
    /// The request's method.
    pub method: &'static str,
    /// Where it would have gone.
    pub origin: String,
    /// Why it was not sent.
    pub error: TransportError,
}

impl Failure for RequestDenied {
    fn what(&self) -> Cow<'static, str> {
        "request denied".into()
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.error {
            TransportError::Denied => "allow this endpoint in the runtime's policy",
            _ => "the runtime refuses a header or the URI: see its log",
        })
    }
}

/// Whether another attempt may end better, and on which terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: this is an answer.
    Never,
    /// Yes, a few times.
    Attempt,
    /// Yes, as soon as fewer requests arrive.
    Throttled,
}

impl Retry {
    /// After a response of this status, with this code in its body.
    pub fn after(status: u16, code: &str) -> Self {
        match status {
            429 => Self::Throttled,
            500 | 502 | 503 | 504 => Self::Attempt,
            _ if BUSY_CODES.iter().any(|word| has(code, word)) => Self::Attempt,
            _ => Self::Never,
        }
    }
}

/// Codes by which AWS services ask for another attempt, mostly under status 400: parts of those that the AWS SDKs retry,
/// such as `Throttling`, `RequestThrottledException` and `RequestLimitExceeded`.
const BUSY_CODES: [&str; 7] = [
    "Throttl",
    "TooManyRequests",
    "LimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "RequestTimeout",
    "IDPCommunicationError",
];
