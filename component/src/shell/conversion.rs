//! Converts between the core's types and those of `epicac:credentials/types`, field by field.

use alloc::string::ToString;

use super::bindings::exports::epicac::credentials::{roles, types as wit};
use super::bindings::wasi::clocks::wall_clock::Datetime;
use crate::credentials::CredentialsError;
use crate::{Cause, Credentials, Error, RoleRequest, Secret, Timestamp};

impl From<Credentials> for wit::Credentials {
    fn from(credentials: Credentials) -> Self {
        Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: credentials.secret_access_key.into_exposed(),
            session_token: credentials.session_token.into_exposed(),
            expiration: datetime(credentials.expiration),
            account_id: credentials.account_id,
        }
    }
}

impl TryFrom<wit::Credentials> for Credentials {
    type Error = CredentialsError;

    fn try_from(credentials: wit::Credentials) -> Result<Self, CredentialsError> {
        Ok(Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: Secret::new(credentials.secret_access_key),
            session_token: Secret::new(credentials.session_token),
            expiration: timestamp(credentials.expiration).ok_or(CredentialsError::Expiration)?,
            account_id: credentials.account_id,
        })
    }
}

impl From<roles::Role> for RoleRequest {
    fn from(role: roles::Role) -> Self {
        Self {
            arn: role.arn,
            session_name: Some(role.session_name),
            external_id: role.external_id,
            duration: role.duration,
            source_identity: role.source_identity,
            tags: role.tags,
            transitive_tag_keys: role.transitive_tag_keys,
            session_policy: role.session_policy,
            policy_arns: role.policy_arns,
        }
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        Self {
            cause: cause(error.cause()),
            message: error.to_string(),
            status: error.status(),
        }
    }
}

fn cause(cause: Cause) -> wit::Cause {
    match cause {
        Cause::NoEndpoint => wit::Cause::NoEndpoint,
        Cause::InvalidEndpoint => wit::Cause::InvalidEndpoint,
        Cause::InvalidToken => wit::Cause::InvalidToken,
        Cause::RequestDenied => wit::Cause::RequestDenied,
        Cause::Unreachable => wit::Cause::Unreachable,
        Cause::Refused => wit::Cause::Refused,
        Cause::InvalidResponse => wit::Cause::InvalidResponse,
        Cause::Expired => wit::Cause::Expired,
        Cause::InvalidCredentials => wit::Cause::InvalidCredentials,
        Cause::InvalidRole => wit::Cause::InvalidRole,
        Cause::StsUnreachable => wit::Cause::StsUnreachable,
        Cause::StsRefused => wit::Cause::StsRefused,
        Cause::InvalidStsResponse => wit::Cause::InvalidStsResponse,
    }
}

fn datetime(moment: Timestamp) -> Datetime {
    // WASI's clock begins in 1970. An earlier expiration becomes 1970: both are in the past.
    Datetime {
        seconds: u64::try_from(moment.unix()).unwrap_or(0),
        nanoseconds: 0,
    }
}

fn timestamp(moment: Datetime) -> Option<Timestamp> {
    let seconds = i64::try_from(moment.seconds).ok()?;
    (moment.nanoseconds < 1_000_000_000).then(|| Timestamp::from_unix(seconds))?
}
