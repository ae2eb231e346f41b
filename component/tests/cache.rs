//! The credentials that an instance keeps between calls.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::cache::Cache;
use epicac_component::{Credentials, Error, Secret, Timestamp};

fn expiring(seconds: i64) -> Credentials {
    Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        session_token: Secret::new("IQoJb3JpZ2luX2VjEXAMPLETOKEN"),
        expiration: Timestamp::from_unix(seconds).unwrap(),
        account_id: None,
    }
}

fn failed() -> Result<Credentials, Error> {
    Err(Error::OutputFailed)
}

#[test]
fn memory_answers_while_more_than_five_minutes_are_left() {
    let mut cache = Cache::new();
    assert_eq!(cache.fresh(0), None);
    assert_eq!(cache.settle(Ok(expiring(1_000)), 0), Ok(expiring(1_000)));
    assert_eq!(cache.fresh(699), Some(expiring(1_000)));
    assert_eq!(cache.fresh(700), None);
    assert_eq!(cache.fresh(2_000), None);
}

#[test]
fn a_refresh_replaces_what_was_kept() {
    let mut cache = Cache::new();
    let _ = cache.settle(Ok(expiring(1_000)), 0);
    let _ = cache.settle(Ok(expiring(5_000)), 800);
    assert_eq!(cache.fresh(900), Some(expiring(5_000)));
}

#[test]
fn a_failed_refresh_is_bridged_until_expiration_and_not_longer() {
    let mut cache = Cache::new();
    assert_eq!(cache.settle(failed(), 0), failed());
    let _ = cache.settle(Ok(expiring(1_000)), 0);
    assert_eq!(cache.settle(failed(), 999), Ok(expiring(1_000)));
    assert_eq!(cache.settle(failed(), 1_000), failed());
}
