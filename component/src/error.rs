//! Why there are no credentials.

use alloc::string::String;

use crate::printable::contains;
use crate::timestamp::Timestamp;

/// Why there are no credentials, as the core tells it apart. Outside of the component it is a [`Cause`], a
/// sentence and perhaps a status.
///
/// None ever holds a secret. `Display` is the sentence for people, `what failed: why (what to do)`, on
/// one line (see [`crate::sentences`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Neither variable that could name the endpoint is set to anything.
    NoEndpoint,
    /// The variable `name` holds a URI that must not be asked for credentials.
    InvalidEndpoint {
        /// The variable.
        name: String,
        /// Why its value cannot be used.
        reason: String,
    },
    /// The authorization token that the variable `name` holds cannot be sent.
    InvalidToken {
        /// The variable.
        name: String,
        /// Why its value cannot be used.
        reason: String,
    },
    /// The file of the authorization token cannot be read, or holds what cannot be sent.
    InvalidTokenFile {
        /// The path, as the environment names it.
        path: String,
        /// Why the file cannot be used.
        reason: String,
    },
    /// The runtime did not let the request out; the text says what was denied.
    RequestDenied(String),
    /// No complete response came; the text says why the last attempt failed.
    Unreachable(String),
    /// The endpoint answered with another status than 200.
    UnexpectedStatus {
        /// The status.
        status: u16,
        /// `Code` of a JSON body, when there is one.
        code: Option<String>,
        /// `Message` of a JSON body, or the text of the body; may be empty.
        message: String,
    },
    /// The endpoint answered 200 with a `Code` other than `Success`.
    Refused {
        /// `Code` of the body.
        code: String,
        /// `Message` of the body; may be empty.
        message: String,
    },
    /// The response is larger than what is read of one.
    ResponseTooLarge,
    /// The response is not a container credentials document; the text names the field.
    InvalidResponse(String),
    /// The credentials are past their expiration, which is given.
    Expired(Timestamp),
    /// The credentials cannot be written as a credential process does; the text names the field.
    InvalidCredentials(String),
    /// The output would have this many bytes, which is more than every SDK reads.
    OutputTooLarge(u64),
    /// The output could not be written.
    OutputFailed,
    /// A role cannot be assumed as it is asked for, by the caller, or by arguments and environment, and
    /// nothing was sent; the text says why, and what to do.
    InvalidRole(String),
    /// No complete response came from STS; the text says why the last attempt failed.
    StsUnreachable(String),
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
    /// The response is not what STS answers to `AssumeRole`; the text names the field.
    InvalidStsResponse(String),
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
    /// What kind of failure it is.
    pub fn cause(&self) -> Cause {
        match self {
            Self::NoEndpoint => Cause::NoEndpoint,
            Self::InvalidEndpoint { .. } => Cause::InvalidEndpoint,
            Self::InvalidToken { .. } | Self::InvalidTokenFile { .. } => Cause::InvalidToken,
            Self::RequestDenied(_) => Cause::RequestDenied,
            Self::Unreachable(_) => Cause::Unreachable,
            Self::UnexpectedStatus { .. } | Self::Refused { .. } => Cause::Refused,
            Self::ResponseTooLarge | Self::InvalidResponse(_) => Cause::InvalidResponse,
            Self::Expired(_) => Cause::Expired,
            Self::InvalidCredentials(_) | Self::OutputTooLarge(_) | Self::OutputFailed => {
                Cause::InvalidCredentials
            }
            Self::InvalidRole(_) => Cause::InvalidRole,
            Self::StsUnreachable(_) => Cause::StsUnreachable,
            Self::StsRefused { .. } => Cause::StsRefused,
            Self::InvalidStsResponse(_) => Cause::InvalidStsResponse,
        }
    }

    /// The HTTP status of the response that refused, if one did.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::UnexpectedStatus { status, .. } | Self::StsRefused { status, .. } => {
                Some(*status)
            }
            Self::Refused { .. } => Some(200),
            _ => None,
        }
    }

    /// Whether another attempt may end better (`behaviour.md` §3): after a transport failure, a status
    /// that says "later", and a 200 that does not parse. Everything else is an answer.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::InvalidResponse(_)
            | Self::StsUnreachable(_)
            | Self::InvalidStsResponse(_) => true,
            Self::UnexpectedStatus { status, .. } => is_busy(*status, ""),
            Self::StsRefused { status, code, .. } => is_busy(*status, code),
            _ => false,
        }
    }
}

/// Whether a status, or the code beside it, says "later".
pub fn is_busy(status: u16, code: &str) -> bool {
    matches!(status, 429 | 500 | 502 | 503 | 504)
        || BUSY_CODES.iter().any(|word| contains(code, word))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Error {
        Error::UnexpectedStatus {
            status,
            code: None,
            message: String::new(),
        }
    }

    #[test]
    fn transport_failures_busy_statuses_and_unparsable_responses_are_transient() {
        for error in [
            Error::Unreachable("x".into()),
            Error::InvalidResponse("x".into()),
        ] {
            assert!(error.is_transient(), "{error}");
        }
        for code in [429, 500, 502, 503, 504] {
            assert!(status(code).is_transient(), "{code}");
        }
    }

    #[test]
    fn answers_are_final() {
        for code in [
            201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 413, 501, 505,
        ] {
            assert!(!status(code).is_transient(), "{code}");
        }
        for error in [
            Error::NoEndpoint,
            Error::InvalidTokenFile {
                path: "p".into(),
                reason: "r".into(),
            },
            Error::RequestDenied("x".into()),
            Error::Refused {
                code: "x".into(),
                message: String::new(),
            },
            Error::ResponseTooLarge,
            Error::Expired(Timestamp::MIN),
        ] {
            assert!(!error.is_transient(), "{error}");
        }
    }
}
