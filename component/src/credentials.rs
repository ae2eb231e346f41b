//! Temporary AWS credentials.

use alloc::borrow::Cow;
use alloc::string::String;

use thiserror::Error;

use crate::message::Failure;
use crate::secret::Secret;
use crate::timestamp::Timestamp;

/// Temporary AWS credentials, as a container credentials endpoint serves them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The access key id, for example `ASIAIOSFODNN7EXAMPLE`.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token: `Token` in the endpoint's response, `SessionToken` in the output.
    pub session_token: Secret,
    /// The moment from which the credentials are refused.
    pub expiration: Timestamp,
    /// The account that they belong to, with its leading zeros, when the endpoint told it.
    pub account_id: Option<String>,
}

impl Credentials {
    /// These credentials, if they are still valid at `now`, in seconds since 1970. Sixteen seconds of
    /// life are enough: the EKS Pod Identity Agent serves those (`behaviour.md` §4).
    ///
    /// Fails with the expiration.
    pub fn valid_at(self, now: i64) -> Result<Self, Expired> {
        if self.seconds_left(now) > 0 {
            Ok(self)
        } else {
            Err(Expired(self.expiration))
        }
    }

    /// Fails if a field that must not be empty is.
    pub fn check_filled(&self) -> Result<(), CredentialsError> {
        match self.fields().into_iter().find(|(_, text)| text.is_empty()) {
            Some((field, _)) => Err(CredentialsError::Empty(field)),
            None => Ok(()),
        }
    }

    /// The fields that must not be empty, by their names in `wit/`. Two of the texts are secrets.
    pub fn fields(&self) -> [(&'static str, &str); 3] {
        [
            ("access-key-id", &self.access_key_id),
            ("secret-access-key", self.secret_access_key.expose()),
            ("session-token", self.session_token.expose()),
        ]
    }

    /// How many seconds of life are left at `now`; zero or less when they have expired.
    pub fn seconds_left(&self, now: i64) -> i64 {
        self.expiration.unix().saturating_sub(now)
    }
}

/// Why credentials that were passed in cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum CredentialsError {
    #[error("{0} is empty")]
    Empty(&'static str),
    /// The field holds something else than visible ASCII.
    #[error("{0} cannot be sent")]
    Character(&'static str),
    /// Or its nanoseconds are a second or more.
    #[error("expiration is not in the years 1970 to 9999")]
    Expiration,
    /// The size of the output, in bytes.
    #[error("{0} bytes, more than the 64,000 that every AWS SDK reads")]
    TooLarge(usize),
    #[error("they cannot be written as JSON")]
    Unwritable,
}

impl Failure for CredentialsError {
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::TooLarge(_) => "output too large",
            _ => "invalid credentials",
        })
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::TooLarge(_) => "give the session fewer tags and shorter policies",
            _ => "pass them on as the endpoint served them",
        })
    }
}

/// The moment at which credentials have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the endpoint served some that expired at {0}")]
pub struct Expired(pub Timestamp);

impl Failure for Expired {
    fn what(&self) -> Cow<'static, str> {
        "expired credentials".into()
    }

    fn remedy(&self) -> Cow<'static, str> {
        "is the clock of this node right?".into()
    }
}
