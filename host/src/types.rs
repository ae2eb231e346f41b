//! The values of `epicac:credentials/types` as they cross the sandbox, and what they are on this side.

use epicac_component as core;
use epicac_component::secret::Secret;
use epicac_component::timestamp::Timestamp;
use wasmtime::component::{ComponentType, Lift};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;

/// `credentials`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct Credentials {
    #[component(name = "access-key-id")]
    access_key_id: String,
    #[component(name = "secret-access-key")]
    secret_access_key: String,
    #[component(name = "session-token")]
    session_token: String,
    expiration: Datetime,
    #[component(name = "account-id")]
    account_id: Option<String>,
}

/// `invalid-variable`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct InvalidVariable {
    name: String,
    reason: String,
}

/// `invalid-file`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct InvalidFile {
    path: String,
    reason: String,
}

/// `unexpected-status`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct UnexpectedStatus {
    status: u16,
    code: Option<String>,
    message: String,
}

/// `refusal`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct Refusal {
    code: String,
    message: String,
}

/// `sts-refusal`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct StsRefusal {
    status: u16,
    code: String,
    message: String,
    #[component(name = "request-id")]
    request_id: String,
}

/// `error`.
#[derive(ComponentType, Lift)]
#[component(variant)]
pub(crate) enum Error {
    #[component(name = "no-endpoint")]
    NoEndpoint,
    #[component(name = "invalid-endpoint")]
    InvalidEndpoint(InvalidVariable),
    #[component(name = "invalid-token")]
    InvalidToken(InvalidVariable),
    #[component(name = "invalid-token-file")]
    InvalidTokenFile(InvalidFile),
    #[component(name = "request-denied")]
    RequestDenied(String),
    #[component(name = "unreachable")]
    Unreachable(String),
    #[component(name = "unexpected-status")]
    UnexpectedStatus(UnexpectedStatus),
    #[component(name = "refused")]
    Refused(Refusal),
    #[component(name = "response-too-large")]
    ResponseTooLarge,
    #[component(name = "invalid-response")]
    InvalidResponse(String),
    #[component(name = "expired")]
    Expired(Datetime),
    #[component(name = "invalid-credentials")]
    InvalidCredentials(String),
    #[component(name = "output-too-large")]
    OutputTooLarge(u64),
    #[component(name = "output-failed")]
    OutputFailed,
    #[component(name = "invalid-role")]
    InvalidRole(String),
    #[component(name = "sts-unreachable")]
    StsUnreachable(String),
    #[component(name = "sts-refused")]
    StsRefused(StsRefusal),
    #[component(name = "invalid-sts-response")]
    InvalidStsResponse(String),
}

impl From<Error> for core::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NoEndpoint => Self::NoEndpoint,
            Error::InvalidEndpoint(InvalidVariable { name, reason }) => {
                Self::InvalidEndpoint { name, reason }
            }
            Error::InvalidToken(InvalidVariable { name, reason }) => {
                Self::InvalidToken { name, reason }
            }
            Error::InvalidTokenFile(InvalidFile { path, reason }) => {
                Self::InvalidTokenFile { path, reason }
            }
            Error::RequestDenied(what) => Self::RequestDenied(what),
            Error::Unreachable(why) => Self::Unreachable(why),
            Error::UnexpectedStatus(UnexpectedStatus {
                status,
                code,
                message,
            }) => Self::UnexpectedStatus {
                status,
                code,
                message,
            },
            Error::Refused(Refusal { code, message }) => Self::Refused { code, message },
            Error::ResponseTooLarge => Self::ResponseTooLarge,
            Error::InvalidResponse(why) => Self::InvalidResponse(why),
            Error::Expired(when) => Self::Expired(timestamp(&when)),
            Error::InvalidCredentials(why) => Self::InvalidCredentials(why),
            Error::OutputTooLarge(bytes) => Self::OutputTooLarge(bytes),
            Error::OutputFailed => Self::OutputFailed,
            Error::InvalidRole(why) => Self::InvalidRole(why),
            Error::StsUnreachable(why) => Self::StsUnreachable(why),
            Error::StsRefused(StsRefusal {
                status,
                code,
                message,
                request_id,
            }) => Self::StsRefused {
                status,
                code,
                message,
                request_id,
            },
            Error::InvalidStsResponse(why) => Self::InvalidStsResponse(why),
        }
    }
}

impl From<Credentials> for core::credentials::Credentials {
    fn from(credentials: Credentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: Secret::new(credentials.secret_access_key),
            session_token: Secret::new(credentials.session_token),
            expiration: timestamp(&credentials.expiration),
            account_id: credentials.account_id,
        }
    }
}

/// Whole seconds; what lies beyond the year 9999 is as good as its end.
fn timestamp(datetime: &Datetime) -> Timestamp {
    let seconds = i64::try_from(datetime.seconds).ok();
    seconds
        .and_then(Timestamp::from_unix)
        .unwrap_or(Timestamp::MAX)
}
