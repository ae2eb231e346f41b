//! When credentials have expired, and what of them shows.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::credentials::Expired;
use epicac_component::{Credentials, Secret, Timestamp};

/// Credentials that expire at this moment.
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
