//! The interface `provider` of `wit/`, as Wasmtime generates it, and the conversion of its values.

use epicac_component::credentials::CredentialsError;
use epicac_component::{Cause, Credentials, Secret, Timestamp};

pub(crate) use generated::epicac::credentials::types;
pub(crate) use generated::{Guest, GuestPre};

#[allow(
    dead_code,
    missing_docs,
    unsafe_code,
    clippy::all,
    reason = "generated, with more than is called here"
)]
mod generated {
    // Only what the host calls. What the guest calls is linked function by function (src/sandbox/linker.rs).
    wasmtime::component::bindgen!({
        path: "wit",
        inline: "
            package epicac:host;
            world guest {
                export epicac:credentials/provider@0.1.0;
            }
        ",
        exports: { default: async },
    });
}

impl TryFrom<types::Credentials> for Credentials {
    type Error = CredentialsError;

    fn try_from(credentials: types::Credentials) -> Result<Self, CredentialsError> {
        let moment = credentials.expiration;
        let expiration = i64::try_from(moment.seconds)
            .ok()
            .filter(|_| moment.nanoseconds < 1_000_000_000)
            .and_then(Timestamp::from_unix)
            .ok_or(CredentialsError::Expiration)?;
        Ok(Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: Secret::new(credentials.secret_access_key),
            session_token: Secret::new(credentials.session_token),
            expiration,
            account_id: credentials.account_id,
        })
    }
}

impl From<types::Cause> for Cause {
    fn from(cause: types::Cause) -> Self {
        match cause {
            types::Cause::NoEndpoint => Self::NoEndpoint,
            types::Cause::InvalidEndpoint => Self::InvalidEndpoint,
            types::Cause::InvalidToken => Self::InvalidToken,
            types::Cause::RequestDenied => Self::RequestDenied,
            types::Cause::Unreachable => Self::Unreachable,
            types::Cause::Refused => Self::Refused,
            types::Cause::InvalidResponse => Self::InvalidResponse,
            types::Cause::Expired => Self::Expired,
            types::Cause::InvalidCredentials => Self::InvalidCredentials,
            types::Cause::InvalidRole => Self::InvalidRole,
            types::Cause::StsUnreachable => Self::StsUnreachable,
            types::Cause::StsRefused => Self::StsRefused,
            types::Cause::InvalidStsResponse => Self::InvalidStsResponse,
        }
    }
}
