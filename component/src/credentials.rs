//! Temporary AWS credentials.

use alloc::string::String;

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

    /// How many seconds of life are left at `now`; none or fewer when they have expired.
    pub fn seconds_left(&self, now: i64) -> i64 {
        self.expiration.unix().saturating_sub(now)
    }
}

/// Why credentials that were passed in cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsError {
    /// A field that must not be empty is.
    Empty(&'static str),
    /// A field holds something else than visible ASCII, and cannot be sent.
    Character(&'static str),
    /// The expiration is beyond the year 9999, or its nanoseconds are a second or more.
    Expiration,
    /// The output would have this many bytes, which is more than every SDK reads.
    TooLarge(usize),
    /// The output cannot be written as JSON.
    Unwritable,
}

/// The moment at which credentials have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired(pub Timestamp);

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Credentials that expire at this moment.
    pub(crate) fn expiring(seconds: i64) -> Credentials {
        Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: Secret::new("IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
            expiration: Timestamp::from_unix(seconds).unwrap(),
            account_id: Some("012345678901".into()),
        }
    }

    #[test]
    fn expired_credentials_fail() {
        for now in [1_000, 1_001, i64::MAX] {
            let error = expiring(1_000).valid_at(now).unwrap_err();
            assert_eq!(error, Expired(Timestamp::from_unix(1_000).unwrap()));
        }
        assert!(expiring(-1).valid_at(0).is_err(), "before 1970");
    }

    #[test]
    fn sixteen_seconds_left_are_fine() {
        assert!(expiring(1_016).valid_at(1_000).is_ok());
        assert!(expiring(1_001).valid_at(1_000).is_ok());
    }

    #[test]
    fn debug_shows_neither_secret() {
        let shown = format!("{:?}", expiring(0));
        assert!(shown.contains("ASIAIOSFODNN7EXAMPLE"));
        assert!(
            !shown.contains("wJalr") && !shown.contains("IQoJ"),
            "{shown}"
        );
    }
}
