//! What is made of a request that fails: `behaviour.md` §3.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::Secret;
use epicac_component::response::{self, Asked, ResponseError};
use epicac_component::transport::{Retry, TransportError};
use epicac_component::{Endpoint, Error, Token};

fn failed(error: TransportError, endpoint: &Endpoint, token: Option<&Token>) -> Error {
    response::failed(error, Asked { endpoint, token }).into()
}

#[test]
fn only_what_the_runtime_denies_is_final() {
    let endpoint = Endpoint::from_full_uri("http://127.0.0.1:1/secret-path").unwrap();
    let at = |error: TransportError| failed(error, &endpoint, None);
    for denied in [TransportError::Denied, TransportError::Unsendable] {
        let error = at(denied);
        assert!(
            matches!(error, Error::Response(ResponseError::Denied(_)))
                && error.retry() == Retry::Never
        );
    }
    for error in [
        TransportError::Refused,
        TransportError::ResponseTimeout,
        TransportError::Internal(None),
        TransportError::Tls,
    ] {
        let error = at(error);
        assert!(
            matches!(error, Error::Response(ResponseError::Unreachable { .. }))
                && error.retry() == Retry::Attempt
        );
        assert!(error.to_string().contains("http://127.0.0.1:1 "), "{error}");
        assert!(!error.to_string().contains("secret-path"), "{error}");
    }
}

#[test]
fn the_runtimes_text_is_shown_without_the_token() {
    let endpoint = Endpoint::from_full_uri("http://localhost/").unwrap();
    let token = Token::from_variable(&Secret::new("eyJhbGci.e.s")).unwrap();
    let error = TransportError::Internal(Some("cannot send\neyJhbGci.e.s".into()));
    let error = failed(error, &endpoint, Some(&token));
    assert!(
        error.to_string().contains("cannot send [redacted]"),
        "{error}"
    );
}

#[test]
fn a_literal_address_is_never_told_to_have_none() {
    for (uri, why) in [
        (
            "http://169.254.170.23/v1/credentials",
            "cannot be reached from here",
        ),
        ("https://agent.example/", "has no known address"),
    ] {
        let endpoint = Endpoint::from_full_uri(uri).unwrap();
        let error = failed(TransportError::Unresolved, &endpoint, None);
        assert!(error.to_string().contains(why), "{error}");
    }
}
