//! The output of a credential process (`behaviour.md` §5).

use alloc::string::{String, ToString};

use serde::Serialize;

use crate::credentials::{Credentials, CredentialsError};
use crate::limits::OUTPUT_BYTES;

/// The output, member by member, in the order in which it is written.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    /// A number: the SDK for JavaScript takes no string.
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    /// Never left out: without it, no SDK would ever ask again.
    expiration: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

/// Writes the credentials as a credential process does: one compact JSON object, without a newline at
/// its end. The text holds the secrets.
///
/// # Errors
///
/// When a field is empty, or the output has more bytes than every SDK reads.
pub fn output(credentials: &Credentials) -> Result<String, CredentialsError> {
    credentials.check_filled()?;
    let output = Output {
        version: 1,
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.expose(),
        expiration: &credentials.expiration.to_string(),
        account_id: credentials
            .account_id
            .as_deref()
            .filter(|id| !id.is_empty()),
    };
    // Texts alone can always be written; serde_json fails for values that JSON does not have.
    let output = serde_json::to_string(&output).map_err(|_| CredentialsError::Unwritable)?;
    // The newline that is printed after it counts.
    let bytes = output.len() + 1;
    if bytes > OUTPUT_BYTES {
        return Err(CredentialsError::TooLarge(bytes));
    }
    Ok(output)
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
            assert_eq!(output(&bad), Err(CredentialsError::Empty(field)));
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
        let error = of_size(64_000 - rest).unwrap_err();
        assert_eq!(error, CredentialsError::TooLarge(64_001));
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
