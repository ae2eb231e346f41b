//! Why there are no credentials.

use alloc::boxed::Box;
use alloc::string::String;

use crate::credentials::{CredentialsError, Expired};
use crate::document::DocumentError;
use crate::endpoint::{Agent, EndpointError};
use crate::sts::error::ConfigurationError;
use crate::timestamp::Timestamp;
use crate::token::TokenError;
use crate::transport::TransportError;

/// Why there are no credentials, as the core tells it apart. Outside of the component it is a [`Cause`], a
/// sentence and perhaps a status.
///
/// None ever holds a secret. `Display` is the sentence for people, `what failed: why (what to do)`, on
/// one line (see [`crate::sentences`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The environment names no endpoint that may be asked.
    Endpoint(EndpointError),
    /// The authorization token that the variable holds cannot be sent.
    InvalidToken(TokenError),
    /// The file of the authorization token cannot be read, or its content cannot be sent.
    InvalidTokenFile {
        /// The path, as the environment names it.
        path: String,
        /// Why the file cannot be used.
        error: TokenError,
    },
    /// The runtime did not let the request out.
    RequestDenied {
        /// The request's method.
        method: &'static str,
        /// Where it would have gone.
        origin: String,
        /// Why it was not sent.
        error: TransportError,
    },
    /// No complete response came from the endpoint.
    Unreachable {
        /// Where the endpoint is.
        origin: String,
        /// Why the last attempt failed.
        error: TransportError,
        /// Who serves the endpoint.
        agent: Agent,
    },
    /// The endpoint answered with another status than 200.
    UnexpectedStatus {
        /// The status.
        status: u16,
        /// `Code` of a JSON body, when there is one.
        code: Option<String>,
        /// `Message` of a JSON body, or the text of the body; may be empty.
        message: String,
        /// Who serves the endpoint.
        agent: Agent,
        /// Whether a token was sent.
        has_token: bool,
        /// Whether a proxy of a service mesh answered in the agent's place.
        is_by_proxy: bool,
    },
    /// The endpoint answered 200 with a `Code` other than `Success`.
    Refused {
        /// `Code` of the body.
        code: String,
        /// `Message` of the body; may be empty.
        message: String,
        /// Who serves the endpoint.
        agent: Agent,
    },
    /// The response is not a container credentials document.
    InvalidResponse(DocumentError),
    /// The credentials are past their expiration, which is given.
    Expired(Timestamp),
    /// The credentials that were passed in cannot be written or sent.
    InvalidCredentials(CredentialsError),
    /// The output could not be written.
    OutputFailed,
    /// A role cannot be assumed as it is asked for, and nothing was sent.
    InvalidRole(ConfigurationError),
    /// No complete response came from STS.
    StsUnreachable {
        /// Where STS is.
        origin: String,
        /// Why the last attempt failed.
        error: TransportError,
        /// The variables that ask for an endpoint that STS has not in every region.
        variant: Option<&'static str>,
    },
    /// STS did not let the role be assumed.
    StsRefused {
        /// The status.
        status: u16,
        /// `Code`; may be empty.
        code: String,
        /// `Message`, or the text of the body; may be empty.
        message: String,
        /// `RequestId`; may be empty.
        request_id: String,
    },
    /// The response is not what STS answers to `AssumeRole`.
    InvalidStsResponse(DocumentError),
    /// STS answered with credentials of another role.
    AnotherRole {
        /// The ARN of the role that was asked for.
        asked: String,
        /// The ARN of whose the credentials are.
        assumed: String,
    },
    /// The last attempt failed, and one before it failed otherwise.
    Again {
        /// Why the last attempt failed.
        last: Box<Error>,
        /// Why the one before it failed that did so otherwise.
        before: Box<Error>,
    },
}

/// What kind of failure an [`Error`] is: what a caller branches on. `cause` of
/// `epicac:credentials/types` in `wit/`, case by case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// No variable names a container credentials endpoint: another provider may have credentials.
    NoEndpoint,
    /// The variable that names the endpoint holds a URI that must not be asked for credentials.
    InvalidEndpoint,
    /// The authorization token cannot be read, from its variable or its file, or cannot be sent.
    InvalidToken,
    /// The runtime did not let the request out, to the endpoint or to AWS STS.
    RequestDenied,
    /// No complete response came from the endpoint, in as many attempts as are made.
    Unreachable,
    /// The endpoint answered that it gives no credentials: by a status other than 200, or by a `Code`
    /// other than `Success`.
    Refused,
    /// The endpoint's response is not a container credentials document.
    InvalidResponse,
    /// The credentials that were served have expired.
    Expired,
    /// The credentials cannot be used: written as the output of a credential process, or sent to AWS STS.
    InvalidCredentials,
    /// A role cannot be assumed as it is asked for. Nothing was sent.
    InvalidRole,
    /// No complete response came from AWS STS, in as many attempts as are made.
    StsUnreachable,
    /// AWS STS did not let the role be assumed.
    StsRefused,
    /// The response of AWS STS is not what it answers to `AssumeRole`.
    InvalidStsResponse,
}

impl Error {
    /// This error of the last attempt, together with that of one before it.
    pub fn after(self, before: Self) -> Self {
        Self::Again {
            last: Box::new(self),
            before: Box::new(before),
        }
    }

    /// Whether an attempt that failed so failed as this one did.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.cause(), self.status()) == (other.cause(), other.status())
    }

    /// What kind of failure it is.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Endpoint(EndpointError::Unset) => Cause::NoEndpoint,
            Self::Endpoint(EndpointError::Invalid { .. }) => Cause::InvalidEndpoint,
            Self::InvalidToken(_) | Self::InvalidTokenFile { .. } => Cause::InvalidToken,
            Self::RequestDenied { .. } => Cause::RequestDenied,
            Self::Unreachable { .. } => Cause::Unreachable,
            Self::UnexpectedStatus { .. } | Self::Refused { .. } => Cause::Refused,
            Self::InvalidResponse(_) => Cause::InvalidResponse,
            Self::Expired(_) => Cause::Expired,
            Self::InvalidCredentials(_) | Self::OutputFailed => Cause::InvalidCredentials,
            Self::InvalidRole(_) => Cause::InvalidRole,
            Self::StsUnreachable { .. } => Cause::StsUnreachable,
            Self::StsRefused { .. } => Cause::StsRefused,
            Self::InvalidStsResponse(_) | Self::AnotherRole { .. } => Cause::InvalidStsResponse,
            Self::Again { last, .. } => last.cause(),
        }
    }

    /// The HTTP status of the response that refused, if one did.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::UnexpectedStatus { status, .. } | Self::StsRefused { status, .. } => {
                Some(*status)
            }
            Self::Refused { .. } => Some(200),
            Self::Again { last, .. } => last.status(),
            _ => None,
        }
    }

    /// Whether another attempt may end better (`behaviour.md` §3): after a transport failure, a status
    /// that says "later", and a 200 that does not parse. Everything else is an answer.
    pub fn retry(&self) -> Retry {
        match self {
            Self::InvalidResponse(DocumentError::TooLarge) => Retry::Never,
            Self::Unreachable { .. }
            | Self::InvalidResponse(_)
            | Self::StsUnreachable { .. }
            | Self::InvalidStsResponse(_) => Retry::Attempt,
            Self::UnexpectedStatus { status: 429, .. } | Self::StsRefused { status: 429, .. } => {
                Retry::Throttled
            }
            Self::UnexpectedStatus { status, .. } if is_busy(*status, "") => Retry::Attempt,
            Self::StsRefused { status, code, .. } if is_busy(*status, code) => Retry::Attempt,
            Self::Again { last, .. } => last.retry(),
            _ => Retry::Never,
        }
    }
}

/// Whether another attempt may end better, and on which terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: this is an answer.
    Never,
    /// Yes, a few times.
    Attempt,
    /// Yes, as soon as fewer ask.
    Throttled,
}

/// Whether a status, or the code beside it, says "later".
pub fn is_busy(status: u16, code: &str) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
        || BUSY_CODES.iter().any(|word| code.contains(word))
}

/// What AWS services say "later" with, mostly under status 400: parts of the codes that the AWS SDKs
/// retry, such as `Throttling`, `RequestThrottledException` and `RequestLimitExceeded`.
const BUSY_CODES: [&str; 7] = [
    "Throttl",
    "TooManyRequests",
    "LimitExceeded",
    "SlowDown",
    "PriorRequestNotComplete",
    "RequestTimeout",
    "IDPCommunicationError",
];

impl core::error::Error for Error {}

impl From<EndpointError> for Error {
    fn from(error: EndpointError) -> Self {
        Self::Endpoint(error)
    }
}

impl From<DocumentError> for Error {
    fn from(error: DocumentError) -> Self {
        Self::InvalidResponse(error)
    }
}

impl From<Expired> for Error {
    fn from(Expired(expiration): Expired) -> Self {
        Self::Expired(expiration)
    }
}

impl From<CredentialsError> for Error {
    fn from(error: CredentialsError) -> Self {
        Self::InvalidCredentials(error)
    }
}

impl From<ConfigurationError> for Error {
    fn from(error: ConfigurationError) -> Self {
        Self::InvalidRole(error)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A failure of the transport.
    pub(crate) fn unreachable() -> Error {
        Error::Unreachable {
            origin: "http://127.0.0.1".into(),
            error: TransportError::Refused,
            agent: Agent::Eks,
        }
    }

    /// An answer that says "too many requests".
    pub(crate) fn throttled() -> Error {
        status(429)
    }

    fn status(status: u16) -> Error {
        Error::UnexpectedStatus {
            status,
            code: None,
            message: String::new(),
            agent: Agent::Eks,
            has_token: true,
            is_by_proxy: false,
        }
    }
}
