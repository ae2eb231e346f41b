//! What a failure says to a caller: whether to ask again, and what of two failures is told.

use epicac_component::credentials::Expired;
use epicac_component::document::DocumentError;
use epicac_component::endpoint::{Agent, EndpointError};
use epicac_component::response::ResponseError;
use epicac_component::sts::error::StsError;
use epicac_component::token::TokenError;
use epicac_component::transport::{RequestDenied, Retry, TransportError};
use epicac_component::{Cause, Error, Timestamp, TokenSourceError};

fn unreachable() -> Error {
    Error::Response(ResponseError::Unreachable {
        origin: "http://127.0.0.1".into(),
        error: TransportError::Refused,
        agent: Agent::Eks,
    })
}

fn status(status: u16) -> Error {
    Error::Response(ResponseError::UnexpectedStatus {
        status,
        code: String::new(),
        message: String::new(),
        agent: Agent::Eks,
        has_token: true,
        is_by_proxy: false,
    })
}

#[test]
fn transport_failures_busy_statuses_and_unparsable_responses_are_transient() {
    for error in [
        unreachable(),
        Error::Response(ResponseError::Invalid(DocumentError::Truncated)),
    ] {
        assert_eq!(error.retry(), Retry::Attempt, "{error}");
    }
    for code in [500, 502, 503, 504] {
        assert_eq!(status(code).retry(), Retry::Attempt, "{code}");
    }
    assert_eq!(status(429).retry(), Retry::Throttled);
}

#[test]
fn two_failures_are_told_together() {
    let both = unreachable().after(status(429));
    assert_eq!((both.cause(), both.status()), (Cause::Unreachable, None));
    assert_eq!(
        both.to_string(),
        "no response from the container credentials endpoint: http://127.0.0.1 refused the connection; \
         before that, it answered with status 429: it did not say why \
         (does the EKS Pod Identity Agent run on this node, and may the pod reach it?)"
    );
}

#[test]
fn answers_are_final() {
    for code in [
        201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 413, 501, 505,
    ] {
        assert_eq!(status(code).retry(), Retry::Never, "{code}");
    }
    for error in [
        Error::Endpoint(EndpointError::Unset),
        Error::Token(TokenSourceError::File {
            path: "p".into(),
            error: TokenError::Missing,
        }),
        Error::Response(ResponseError::Denied(RequestDenied {
            method: "GET",
            origin: "http://127.0.0.1".into(),
            error: TransportError::Denied,
        })),
        Error::Response(ResponseError::Refused {
            code: "x".into(),
            message: String::new(),
            agent: Agent::Eks,
        }),
        Error::Response(DocumentError::TooLarge.into()),
        Error::Expired(Expired(Timestamp::MIN)),
        Error::Sts(StsError::AnotherRole {
            asked: "a".into(),
            assumed: "b".into(),
        }),
    ] {
        assert_eq!(error.retry(), Retry::Never, "{error}");
    }
}
