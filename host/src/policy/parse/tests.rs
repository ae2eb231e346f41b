//! What is a policy, what is none, and what is said of it.

use super::*;
use proptest::prelude::*;

/// A policy that grants everything there is to grant.
pub(super) const GOOD: &str = r#"{
  "version": 1,
  "component": {
    "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    "imports": ["wasi:io/poll@0.2.0#poll", "wasi:io/streams@0.2.0#[method]input-stream.read"]
  },
  "environment": ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
  "token_file": "/var/run/token",
  "endpoint": {
    "method": "GET", "scheme": "http", "host": "[fd00:ec2::23]", "port": 80,
    "path": "/v1/credentials"
  },
  "limits": {
    "deadline_ms": 1, "fuel": 2, "memory_bytes": 3, "table_elements": 4, "resources": 5,
    "requests": 6, "header_bytes": 7
  }
}
"#;

#[test]
fn a_policy_is_read_and_written() {
    let policy = Policy::parse(GOOD.as_bytes()).unwrap();
    assert_eq!(policy.limits.named()[5], ("requests", 6));
    assert_eq!(Policy::parse(policy.to_json().as_bytes()), Ok(policy));
}

#[test]
fn an_https_endpoint_can_have_any_host_and_a_bundle() {
    let granted = r#""scheme": "https", "ca_bundle": "/etc/bundle.pem""#;
    let json = GOOD.replace(r#""scheme": "http""#, granted);
    for host in ["agent.example", "10.0.0.1", "[fd00:ec2::23]", "localhost"] {
        let json = json.replace("[fd00:ec2::23]", host);
        let policy = Policy::parse(json.as_bytes()).unwrap();
        assert_eq!(policy.endpoint.as_ref().unwrap().host.to_string(), host);
        assert_eq!(Policy::parse(policy.to_json().as_bytes()), Ok(policy));
    }
    // That is none that the relative URI could name.
    let relative = json
        .replace("CREDENTIALS_FULL_URI", "CREDENTIALS_RELATIVE_URI")
        .replace("[fd00:ec2::23]", "169.254.170.2");
    let refused = Policy::parse(relative.as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("RELATIVE_URI alone"), "{refused}");
}

#[test]
fn what_is_left_out_is_not_granted() {
    let json = GOOD
        .replace(r#""token_file": "/var/run/token","#, r#""token_file": null,"#)
        .replace(r#""environment": ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],"#, "");
    let start = json.find(r#""endpoint""#).unwrap();
    let end = json.find(r#""limits""#).unwrap();
    let policy = Policy::parse([&json[..start], &json[end..]].concat().as_bytes()).unwrap();
    assert_eq!(policy.environment, Default::default());
    assert_eq!((policy.token_file, policy.endpoint), (None, None));
}

#[test]
fn deep_nesting_and_size_are_limited() {
    let deep = format!("{{\"version\": {}", "[".repeat(60_000));
    assert!(Policy::parse(deep.as_bytes()).is_err());
    let large = format!("{GOOD}{}", " ".repeat(MAX_BYTES));
    assert_eq!(Policy::parse(large.as_bytes()), Err(PolicyFlaw::TooLarge));
    let full = format!("{GOOD}{}", " ".repeat(MAX_BYTES - GOOD.len()));
    assert!(Policy::parse(full.as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(json in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Policy::parse(&json);
    }

    #[test]
    fn no_piece_of_a_policy_is_one(cut in 0..GOOD.len() - 1) {
        prop_assert!(Policy::parse(&GOOD.as_bytes()[..cut]).is_err());
    }

    #[test]
    fn what_is_read_is_written_as_what_reads_the_same(
        at in 0..GOOD.len(),
        byte in any::<u8>(),
    ) {
        let mut json = GOOD.as_bytes().to_vec();
        json[at] = byte;
        if let Ok(policy) = Policy::parse(&json) {
            prop_assert_eq!(Policy::parse(policy.to_json().as_bytes()), Ok(policy));
        }
    }
}
