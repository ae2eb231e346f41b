//! Why there are no credentials.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use crate::credentials::{CredentialsError, Expired};
use crate::endpoint::EndpointError;
use crate::message::{Failure, Message};
use crate::process::OutputFailed;
use crate::response::ResponseError;
use crate::sentences::Said;
use crate::sts::error::{ConfigurationError, StsError};
use crate::token::TokenSourceError;
use crate::transport::Retry;

/// Why there are no credentials: the error of the step that failed. Outside of the component it is a [`Cause`], a
/// sentence and perhaps a status.
///
/// None ever holds a secret. It displays as its [`Message`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The environment names no endpoint that may be asked.
    Endpoint(EndpointError),
    /// The authorization token cannot be read or sent.
    Token(TokenSourceError),
    /// The endpoint gave no credentials.
    Response(ResponseError),
    /// The credentials have expired.
    Expired(Expired),
    /// The credentials that were passed in cannot be written or sent.
    Credentials(CredentialsError),
    /// The output could not be written.
    Output(OutputFailed),
    /// A role cannot be assumed as it is asked for, and nothing was sent.
    Role(ConfigurationError),
    /// STS gave no credentials of a role.
    Sts(StsError),
    /// The last attempt failed otherwise than one before it.
    Attempts {
        /// Why the last attempt failed.
        last: Box<Error>,
        /// Why the one before it failed.
        before: Box<Error>,
    },
}

/// What kind of failure an [`Error`] is, for callers to branch on. It is `cause` of `epicac:credentials/types` in `wit/`,
/// case by case.
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
        Self::Attempts {
            last: Box::new(self),
            before: Box::new(before),
        }
    }

    /// Whether both are failures of one kind.
    pub fn is_like(&self, other: &Self) -> bool {
        (self.cause(), self.status()) == (other.cause(), other.status())
    }

    /// What kind of failure it is.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Endpoint(EndpointError::Unset) => Cause::NoEndpoint,
            Self::Endpoint(EndpointError::Invalid { .. }) => Cause::InvalidEndpoint,
            Self::Token(_) => Cause::InvalidToken,
            Self::Response(error) => match error {
                ResponseError::Denied(_) => Cause::RequestDenied,
                ResponseError::Unreachable { .. } => Cause::Unreachable,
                ResponseError::UnexpectedStatus { .. } | ResponseError::Refused { .. } => {
                    Cause::Refused
                }
                ResponseError::TooLarge | ResponseError::Invalid(_) => Cause::InvalidResponse,
            },
            Self::Expired(_) => Cause::Expired,
            Self::Credentials(_) | Self::Output(_) => Cause::InvalidCredentials,
            Self::Role(_) => Cause::InvalidRole,
            Self::Sts(error) => match error {
                StsError::Denied(_) => Cause::RequestDenied,
                StsError::Unreachable { .. } => Cause::StsUnreachable,
                StsError::Refused { .. } => Cause::StsRefused,
                StsError::Invalid(_) | StsError::AnotherRole { .. } => Cause::InvalidStsResponse,
            },
            Self::Attempts { last, .. } => last.cause(),
        }
    }

    /// The HTTP status of the response that refused, if one did.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Response(ResponseError::UnexpectedStatus { status, .. })
            | Self::Sts(StsError::Refused { status, .. }) => Some(*status),
            Self::Response(ResponseError::Refused { .. }) => Some(200),
            Self::Attempts { last, .. } => last.status(),
            _ => None,
        }
    }

    /// Whether another attempt may end better (`behaviour.md` §3): after a transport failure, a status
    /// that says "later", and a 200 that does not parse. Everything else is an answer.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Response(ResponseError::Unreachable { .. } | ResponseError::Invalid(_))
            | Self::Sts(StsError::Unreachable { .. } | StsError::Invalid(_)) => Retry::Attempt,
            Self::Response(ResponseError::UnexpectedStatus { status, .. }) => {
                Retry::after(*status, "")
            }
            Self::Sts(StsError::Refused { status, code, .. }) => Retry::after(*status, code),
            Self::Attempts { last, .. } => last.retry(),
            _ => Retry::Never,
        }
    }

    /// The message for people.
    pub fn message(&self) -> Message {
        let failure: &dyn Failure = match self {
            Self::Endpoint(error) => error,
            Self::Token(error) => error,
            Self::Response(error) => error,
            Self::Expired(error) => error,
            Self::Credentials(error) => error,
            Self::Output(error) => error,
            Self::Role(error) => error,
            Self::Sts(error) => error,
            Self::Attempts { last, before } => {
                let last = last.message();
                let why = format!("{}; before that, it {}", last.why, before.deed());
                return Message::new(last.what, why, last.remedy);
            }
        };
        Message::of(failure)
    }

    /// The failure of an attempt that was repeated, as the text after the server's name.
    fn deed(&self) -> String {
        match self {
            Self::Response(ResponseError::Unreachable { error, .. })
            | Self::Sts(StsError::Unreachable { error, .. }) => error.to_string(),
            Self::Response(ResponseError::UnexpectedStatus {
                status,
                code,
                message,
                ..
            })
            | Self::Sts(StsError::Refused {
                status,
                code,
                message,
                ..
            }) => format!("answered with status {status}: {}", Said(code, message)),
            _ => "sent an invalid response".into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl core::error::Error for Error {}

/// Each step's error by `?`.
macro_rules! from {
    ($($variant:ident($error:ty))*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

from! {
    Endpoint(EndpointError)
    Token(TokenSourceError)
    Response(ResponseError)
    Expired(Expired)
    Credentials(CredentialsError)
    Output(OutputFailed)
    Role(ConfigurationError)
    Sts(StsError)
}
