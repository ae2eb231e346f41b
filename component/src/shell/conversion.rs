//! Between the core's types and those of `epicac:credentials/types`, field by field.

use alloc::string::ToString;

use super::bindings::exports::epicac::credentials::{roles, types as wit};
use super::bindings::wasi::clocks::wall_clock::Datetime;
use crate::process::CredentialsFlaw;
use crate::{Credentials, Error, RoleRequest, Secret, Service, Timestamp};

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
    type Error = CredentialsFlaw;

    fn try_from(credentials: wit::Credentials) -> Result<Self, CredentialsFlaw> {
        Ok(Self {
            access_key_id: credentials.access_key_id,
            secret_access_key: Secret::new(credentials.secret_access_key),
            session_token: Secret::new(credentials.session_token),
            expiration: timestamp(credentials.expiration).ok_or(CredentialsFlaw::Expiration)?,
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

impl From<roles::Service> for Service {
    fn from(service: roles::Service) -> Self {
        Self {
            region: service.region,
            endpoint: service.endpoint,
            use_fips: service.use_fips,
            use_dual_stack: service.use_dual_stack,
        }
    }
}

/// Not by way of [`Error`]: with all of its cases in sight, those that cannot be would be compiled in.
impl From<CredentialsFlaw> for wit::Error {
    #[inline]
    fn from(flaw: CredentialsFlaw) -> Self {
        match flaw {
            CredentialsFlaw::TooLarge(bytes) => Self::OutputTooLarge(bytes),
            flaw => Self::InvalidCredentials(flaw.to_string()),
        }
    }
}

impl From<Error> for wit::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NoEndpoint => Self::NoEndpoint,
            Error::InvalidEndpoint { name, reason } => {
                Self::InvalidEndpoint(wit::InvalidVariable { name, reason })
            }
            Error::InvalidToken { name, reason } => {
                Self::InvalidToken(wit::InvalidVariable { name, reason })
            }
            Error::InvalidTokenFile { path, reason } => {
                Self::InvalidTokenFile(wit::InvalidFile { path, reason })
            }
            Error::RequestDenied(reason) => Self::RequestDenied(reason),
            Error::Unreachable(reason) => Self::Unreachable(reason),
            Error::UnexpectedStatus {
                status,
                code,
                message,
            } => Self::UnexpectedStatus(wit::UnexpectedStatus {
                status,
                code,
                message,
            }),
            Error::Refused { code, message } => Self::Refused(wit::Refusal { code, message }),
            Error::ResponseTooLarge => Self::ResponseTooLarge,
            Error::InvalidResponse(reason) => Self::InvalidResponse(reason),
            Error::Expired(expiration) => Self::Expired(datetime(expiration)),
            Error::InvalidCredentials(reason) => Self::InvalidCredentials(reason),
            Error::OutputTooLarge(bytes) => Self::OutputTooLarge(bytes),
            Error::OutputFailed => Self::OutputFailed,
            Error::InvalidRole(reason) => Self::InvalidRole(reason),
            Error::StsUnreachable(reason) => Self::StsUnreachable(reason),
            Error::StsRefused {
                status,
                code,
                message,
                request_id,
            } => Self::StsRefused(wit::StsRefusal {
                status,
                code,
                message,
                request_id,
            }),
            Error::InvalidStsResponse(reason) => Self::InvalidStsResponse(reason),
        }
    }
}

impl From<wit::Error> for Error {
    fn from(error: wit::Error) -> Self {
        match error {
            wit::Error::NoEndpoint => Self::NoEndpoint,
            wit::Error::InvalidEndpoint(wit::InvalidVariable { name, reason }) => {
                Self::InvalidEndpoint { name, reason }
            }
            wit::Error::InvalidToken(wit::InvalidVariable { name, reason }) => {
                Self::InvalidToken { name, reason }
            }
            wit::Error::InvalidTokenFile(wit::InvalidFile { path, reason }) => {
                Self::InvalidTokenFile { path, reason }
            }
            wit::Error::RequestDenied(reason) => Self::RequestDenied(reason),
            wit::Error::Unreachable(reason) => Self::Unreachable(reason),
            wit::Error::UnexpectedStatus(wit::UnexpectedStatus {
                status,
                code,
                message,
            }) => Self::UnexpectedStatus {
                status,
                code,
                message,
            },
            wit::Error::Refused(wit::Refusal { code, message }) => Self::Refused { code, message },
            wit::Error::ResponseTooLarge => Self::ResponseTooLarge,
            wit::Error::InvalidResponse(reason) => Self::InvalidResponse(reason),
            // Only for a sentence: a moment that cannot be written is shown as the last one.
            wit::Error::Expired(expiration) => {
                Self::Expired(timestamp(expiration).unwrap_or(Timestamp::MAX))
            }
            wit::Error::InvalidCredentials(reason) => Self::InvalidCredentials(reason),
            wit::Error::OutputTooLarge(bytes) => Self::OutputTooLarge(bytes),
            wit::Error::OutputFailed => Self::OutputFailed,
            wit::Error::InvalidRole(reason) => Self::InvalidRole(reason),
            wit::Error::StsUnreachable(reason) => Self::StsUnreachable(reason),
            wit::Error::StsRefused(wit::StsRefusal {
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
            wit::Error::InvalidStsResponse(reason) => Self::InvalidStsResponse(reason),
        }
    }
}

fn datetime(moment: Timestamp) -> Datetime {
    // WASI's moments begin in 1970; what expired before then may as well have done so at that moment.
    Datetime {
        seconds: u64::try_from(moment.unix()).unwrap_or(0),
        nanoseconds: 0,
    }
}

fn timestamp(moment: Datetime) -> Option<Timestamp> {
    let seconds = i64::try_from(moment.seconds).ok()?;
    (moment.nanoseconds < 1_000_000_000).then(|| Timestamp::from_unix(seconds))?
}
