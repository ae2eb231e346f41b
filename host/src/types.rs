//! The values of `epicac:credentials/types` as they cross the sandbox, and what they are on this side.

use epicac_component as core;
use epicac_component::secret::Secret;
use epicac_component::timestamp::Timestamp;
use std::fmt;
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

/// `cause`.
#[expect(dead_code, reason = "its cases are made by the component")]
#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
pub(crate) enum Cause {
    #[component(name = "no-endpoint")]
    NoEndpoint,
    #[component(name = "invalid-endpoint")]
    InvalidEndpoint,
    #[component(name = "invalid-token")]
    InvalidToken,
    #[component(name = "request-denied")]
    RequestDenied,
    #[component(name = "unreachable")]
    Unreachable,
    #[component(name = "refused")]
    Refused,
    #[component(name = "invalid-response")]
    InvalidResponse,
    #[component(name = "expired")]
    Expired,
    #[component(name = "invalid-credentials")]
    InvalidCredentials,
    #[component(name = "invalid-role")]
    InvalidRole,
    #[component(name = "sts-unreachable")]
    StsUnreachable,
    #[component(name = "sts-refused")]
    StsRefused,
    #[component(name = "invalid-sts-response")]
    InvalidStsResponse,
}

/// `error`.
#[derive(ComponentType, Lift)]
#[component(record)]
pub(crate) struct Error {
    pub(crate) cause: Cause,
    message: String,
    status: Option<u16>,
}

/// Why the component has no credentials. Its [`Display`](fmt::Display) is the sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsError {
    /// What kind of failure it is.
    pub cause: core::Cause,
    /// `what failed: why (what to do)`, on one line. Never holds a secret.
    pub message: String,
    /// The HTTP status of the response that refused, if one did.
    pub status: Option<u16>,
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}

impl From<core::Error> for CredentialsError {
    fn from(error: core::Error) -> Self {
        Self {
            cause: error.cause(),
            message: error.to_string(),
            status: error.status(),
        }
    }
}

impl From<Error> for CredentialsError {
    fn from(error: Error) -> Self {
        Self {
            cause: error.cause.into(),
            message: error.message,
            status: error.status,
        }
    }
}

impl From<Cause> for core::Cause {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::NoEndpoint => Self::NoEndpoint,
            Cause::InvalidEndpoint => Self::InvalidEndpoint,
            Cause::InvalidToken => Self::InvalidToken,
            Cause::RequestDenied => Self::RequestDenied,
            Cause::Unreachable => Self::Unreachable,
            Cause::Refused => Self::Refused,
            Cause::InvalidResponse => Self::InvalidResponse,
            Cause::Expired => Self::Expired,
            Cause::InvalidCredentials => Self::InvalidCredentials,
            Cause::InvalidRole => Self::InvalidRole,
            Cause::StsUnreachable => Self::StsUnreachable,
            Cause::StsRefused => Self::StsRefused,
            Cause::InvalidStsResponse => Self::InvalidStsResponse,
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
