//! The output of a credential process: `behaviour.md` §5.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::credentials::CredentialsError;
use epicac_component::process::output;
use epicac_component::{Credentials, Secret, Timestamp};
use proptest::prelude::*;

fn expiring(seconds: i64) -> Credentials {
    Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        session_token: Secret::new("IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
        expiration: Timestamp::from_unix(seconds).unwrap(),
        account_id: Some("012345678901".into()),
    }
}

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
