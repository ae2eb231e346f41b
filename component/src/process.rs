//! The output of a credential process (`behaviour.md` §5).

use alloc::string::{String, ToString};

use crate::credentials::Credentials;
use crate::error::Error;
use crate::json;
use crate::limits::OUTPUT_BYTES;

/// About how many bytes of the output are not the session token. It may grow beyond.
const AROUND_BYTES: usize = 256;

/// Writes the credentials as a credential process does: one compact JSON object, without a newline at
/// its end. The text holds the secrets.
///
/// Fails with a flaw, which as an error is [`Error::InvalidCredentials`] or [`Error::OutputTooLarge`].
pub fn output(credentials: &Credentials) -> Result<String, CredentialsFlaw> {
    for (field, text) in [
        ("access-key-id", credentials.access_key_id.as_str()),
        ("secret-access-key", credentials.secret_access_key.expose()),
        ("session-token", credentials.session_token.expose()),
    ] {
        if text.is_empty() {
            return Err(CredentialsFlaw::Empty(field));
        }
    }
    let expiration = credentials.expiration.to_string();
    // `Version` is a number: the SDK for JavaScript wants no string. `Expiration` is never left out:
    // without it, no SDK would ever ask again.
    let mut output = String::with_capacity(credentials.session_token.expose().len() + AROUND_BYTES);
    output.push_str(r#"{"Version":1"#);
    for (name, value) in [
        (r#","AccessKeyId":"#, Some(&*credentials.access_key_id)),
        (
            r#","SecretAccessKey":"#,
            Some(credentials.secret_access_key.expose()),
        ),
        (
            r#","SessionToken":"#,
            Some(credentials.session_token.expose()),
        ),
        (r#","Expiration":"#, Some(&*expiration)),
        (
            r#","AccountId":"#,
            credentials
                .account_id
                .as_deref()
                .filter(|id| !id.is_empty()),
        ),
    ] {
        if let Some(value) = value {
            output.push_str(name);
            json::push_string(&mut output, value);
        }
    }
    output.push('}');
    // The newline that is printed after it counts.
    let bytes = output.len() + 1;
    if bytes > OUTPUT_BYTES {
        return Err(CredentialsFlaw::TooLarge(bytes as u64));
    }
    Ok(output)
}

/// Why credentials cannot be written. Displays as the reason for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsFlaw {
    /// A field that must not be empty is.
    Empty(&'static str),
    /// A field holds something else than visible ASCII, and cannot be sent.
    Character(&'static str),
    /// The expiration is beyond the year 9999, or its nanoseconds are a second or more.
    Expiration,
    /// The output would have this many bytes, which is more than every SDK reads.
    TooLarge(u64),
}

impl From<CredentialsFlaw> for Error {
    fn from(flaw: CredentialsFlaw) -> Self {
        match flaw {
            CredentialsFlaw::TooLarge(bytes) => Self::OutputTooLarge(bytes),
            flaw => Self::InvalidCredentials(flaw.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::tests::expiring;
    use crate::secret::Secret;
    use proptest::prelude::*;

    #[test]
    fn the_output_is_one_compact_object_in_the_documented_order() {
        assert_eq!(
            output(&expiring(1_772_368_496)).unwrap(),
            concat!(
                r#"{"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","#,
                r#""SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","#,
                r#""SessionToken":"IQoJb3JpZ2luX2VjEXAMPLETOKEN","#,
                r#""Expiration":"2026-03-01T12:34:56Z","AccountId":"012345678901"}"#
            )
        );
    }

    #[test]
    fn the_account_is_left_out_when_unknown() {
        for unknown in [None, Some(String::new())] {
            let credentials = Credentials {
                account_id: unknown,
                ..expiring(0)
            };
            assert!(!output(&credentials).unwrap().contains("AccountId"));
        }
    }

    #[test]
    fn empty_fields_are_named() {
        let good = expiring(0);
        for (field, bad) in [
            (
                "access-key-id",
                Credentials {
                    access_key_id: String::new(),
                    ..good.clone()
                },
            ),
            (
                "secret-access-key",
                Credentials {
                    secret_access_key: Secret::new(""),
                    ..good.clone()
                },
            ),
            (
                "session-token",
                Credentials {
                    session_token: Secret::new(""),
                    ..good.clone()
                },
            ),
        ] {
            let error = Error::from(output(&bad).unwrap_err());
            assert!(
                matches!(&error, Error::InvalidCredentials(r) if r.contains(field)),
                "{error}"
            );
        }
    }

    #[test]
    fn a_token_of_30_kib_comes_out_whole_and_64_000_bytes_are_the_limit() {
        let of_size = |size: usize| {
            let token = "t".repeat(size);
            output(&Credentials {
                session_token: Secret::new(token),
                ..expiring(0)
            })
        };
        assert!(of_size(30 * 1024).unwrap().contains(&"t".repeat(30 * 1024)));
        let rest = of_size(1).unwrap().len() - 1;
        assert_eq!(of_size(63_999 - rest).unwrap().len(), 63_999);
        let error = Error::from(of_size(64_000 - rest).unwrap_err());
        assert_eq!(error, Error::OutputTooLarge(64_001));
    }

    proptest! {
        #[test]
        fn any_text_comes_out_as_itself_and_on_one_line(key in ".{1,40}", token in "\\PC{1,40}") {
            let credentials = Credentials {
                secret_access_key: Secret::new(&key),
                session_token: Secret::new(&token),
                ..expiring(0)
            };
            let text = output(&credentials).unwrap();
            prop_assert!(!text.contains('\n'));
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read["SecretAccessKey"].as_str(), Some(key.as_str()));
            prop_assert_eq!(read["SessionToken"].as_str(), Some(token.as_str()));
            prop_assert_eq!(read["Version"].as_u64(), Some(1));
        }
    }
}
