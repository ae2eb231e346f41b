//! What is made of a response: `behaviour.md` §4.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::document::DocumentError;
use epicac_component::endpoint::Agent;
use epicac_component::response::{self, Asked, Body, Response, ResponseError, is_by_proxy};
use epicac_component::transport::{Retry, TransportError};
use epicac_component::{Credentials, Endpoint, Error, Secret, Token};
use proptest::prelude::*;
use serde_json::{Value, json};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SESSION: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzYSJ9.c2lnbmF0dXJl";

fn good() -> Value {
    json!({
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": SECRET,
        "Token": SESSION,
        "Expiration": "2026-03-01T12:34:56.123456789Z",
        "AccountId": "012345678901",
    })
}

fn with(field: &str, value: Value) -> Vec<u8> {
    let mut document = good();
    document[field] = value;
    document.to_string().into_bytes()
}

/// The outcome of a whole response, to a request that carried [`JWT`].
fn outcome(status: u16, body: &[u8], broken: Option<TransportError>) -> Result<Credentials, Error> {
    let response = Response {
        status,
        is_by_proxy: false,
        body: Body {
            bytes: body.to_vec(),
            error: broken,
        },
    };
    of("http://169.254.170.23/v1/credentials", response)
}

fn from_container(body: &[u8]) -> Result<Credentials, Error> {
    Ok(response::from_container(body)?)
}

fn of(endpoint: &str, response: Response) -> Result<Credentials, Error> {
    let asked = Asked {
        endpoint: &Endpoint::from_full_uri(endpoint).unwrap(),
        token: Some(&Token::from_variable(&Secret::new(JWT)).unwrap()),
    };
    Ok(response::credentials(response, asked)?)
}

fn unexpected(status: u16, body: &str) -> (Option<String>, String) {
    match outcome(status, body.as_bytes(), None) {
        Err(Error::Response(ResponseError::UnexpectedStatus {
            status: s,
            code,
            message,
            ..
        })) if s == status => (Some(code).filter(|code| !code.is_empty()), message),
        other => panic!("{other:?}"),
    }
}

fn reason(body: &[u8]) -> String {
    match from_container(body) {
        Err(Error::Response(ResponseError::Invalid(error))) => error.to_string(),
        other => panic!("{other:?} for {}", String::from_utf8_lossy(body)),
    }
}

#[test]
fn a_document_of_the_agent_is_read() {
    let credentials = from_container(good().to_string().as_bytes()).unwrap();
    assert_eq!(credentials.access_key_id, "ASIAIOSFODNN7EXAMPLE");
    assert_eq!(credentials.secret_access_key.expose(), SECRET);
    assert_eq!(credentials.session_token.expose(), SESSION);
    assert_eq!(credentials.expiration.to_string(), "2026-03-01T12:34:56Z");
    assert_eq!(credentials.account_id.as_deref(), Some("012345678901"));
}

#[test]
fn a_missing_or_wrong_field_is_named_and_its_value_is_not() {
    for field in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"] {
        let mut missing = good();
        missing.as_object_mut().unwrap().remove(field);
        assert_eq!(
            reason(missing.to_string().as_bytes()),
            format!("{field} is missing")
        );
        assert_eq!(reason(&with(field, json!(""))), format!("{field} is empty"));
        for wrong in [
            json!(4711.5),
            json!(-1),
            json!(true),
            json!(null),
            json!(["x"]),
            json!({"x": 1}),
        ] {
            assert_eq!(
                reason(&with(field, wrong)),
                format!("{field} is not a string")
            );
        }
    }
    for wrong in ["soon", "2026-02-30T00:00:00Z", "1772368496"] {
        let reason = reason(&with("Expiration", json!(wrong)));
        assert_eq!(reason, "Expiration is not an RFC 3339 date and time");
    }
    assert_eq!(
        reason(br#"{"Token":"a","Token":"b"}"#),
        "Token comes more than once"
    );
}

#[test]
fn the_account_is_optional_and_passed_on_as_it_is() {
    let account = |value| {
        from_container(&with("AccountId", value))
            .unwrap()
            .account_id
    };
    assert_eq!(
        account(json!("000000000012")).as_deref(),
        Some("000000000012")
    );
    assert_eq!(account(json!("")), None);
    assert_eq!(account(json!(null)), None);
    assert_eq!(
        reason(&with("AccountId", json!(12))),
        "AccountId is not a string"
    );
}

#[test]
fn unknown_fields_are_ignored() {
    for (field, value) in [
        ("RoleArn", json!("arn:aws:iam::1:role/x")),
        ("Type", json!(null)),
        ("LastUpdated", json!(1e300)),
        (
            "Nested",
            json!({"AccessKeyId": {"Token": [1, {"Code": "x"}]}}),
        ),
        ("accesskeyid", json!(7)),
    ] {
        assert!(from_container(&with(field, value)).is_ok(), "{field}");
    }
}

#[test]
fn a_code_other_than_success_is_a_refusal() {
    assert!(from_container(&with("Code", json!("Success"))).is_ok());
    assert!(from_container(&with("Code", json!(null))).is_ok());
    for (body, code, message) in [
        (
            r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"no\ntrust"}"#,
            "AssumeRoleUnauthorizedAccess",
            "no trust",
        ),
        (
            r#"{"code":"NoSuchRole","message":"gone"}"#,
            "NoSuchRole",
            "gone",
        ),
        (r#"{"Code":"Failed"}"#, "Failed", ""),
        (r#"{"Code":"success"}"#, "success", ""),
    ] {
        let refused = Error::Response(ResponseError::Refused {
            code: code.into(),
            message: message.into(),
            agent: Agent::Eks,
        });
        assert_eq!(from_container(body.as_bytes()), Err(refused.clone()));
        assert_eq!(refused.retry(), Retry::Never);
    }
    let echoed = format!(r#"{{"Code":"Bad","Message":"token {JWT} is bad"}}"#);
    let refused = outcome(200, echoed.as_bytes(), None).unwrap_err();
    assert_eq!(
        refused,
        Error::Response(ResponseError::Refused {
            code: "Bad".into(),
            message: "token [redacted] is bad".into(),
            agent: Agent::Eks,
        })
    );
}

#[test]
fn hostile_json_fails_cleanly() {
    let deep = "[".repeat(60_000);
    let nested = format!(r#"{{"Error":{}"#, r#"{"Error":"#.repeat(7_000));
    for (body, expected) in [
        (deep.as_bytes(), "its JSON ends too early"),
        (nested.as_bytes(), "its JSON ends too early"),
        (
            br#"{"AccessKeyId":"ASIA","Secret"#,
            "its JSON ends too early",
        ),
        (b"", "its JSON ends too early"),
        (b"[]", "it is not a JSON object"),
        (b"null", "it is not a JSON object"),
        (b"<html>", "it is not JSON at line 1, column 1"),
        (
            b"{\n\"Token\": oops}",
            "it is not JSON at line 2, column 10",
        ),
        (b"{} {}", "it is not JSON at line 1, column 4"),
        (b"{\"Token\":\"\xff\"}", "it is not UTF-8"),
        (b"\xef\xbb\xbf{}", "it is not JSON at line 1, column 1"),
    ] {
        assert_eq!(reason(body), expected);
    }
}

#[test]
fn bodies_above_64_kib_are_refused() {
    let mut body = good().to_string().into_bytes();
    body.resize(65_536, b' ');
    assert!(from_container(&body).is_ok());
    body.push(b' ');
    let too_large = Err(Error::from(ResponseError::TooLarge));
    assert_eq!(from_container(&body), too_large);
    assert_eq!(outcome(200, &body, None), too_large);
}

#[test]
fn a_response_that_breaks_off_is_a_transport_failure() {
    let whole = good().to_string();
    let error = outcome(200, whole.as_bytes(), Some(TransportError::Closed)).unwrap_err();
    assert!(
        matches!(error, Error::Response(ResponseError::Unreachable { .. }))
            && error.retry() == Retry::Attempt,
        "{error}"
    );
}

#[test]
fn every_other_status_fails_with_the_text_of_its_body() {
    for status in [
        201, 204, 301, 302, 304, 307, 400, 403, 404, 418, 429, 500, 503,
    ] {
        assert_eq!(
            unexpected(status, "Access\tDenied\n"),
            (None, "Access Denied".into())
        );
    }
    let whole = good().to_string();
    assert!(
        unexpected(404, &whole).1.contains("withheld"),
        "credentials are not shown"
    );
}

#[test]
fn code_and_message_are_picked_out_of_a_json_body() {
    for (body, code, message) in [
        (r#"{"Code":"A","Message":"b","x":1}"#, Some("A"), "b"),
        (r#"{"code":"A","message":"b\u0000\r\nc"}"#, Some("A"), "b c"),
        (
            r#"{"Error":{"Code":"A","Message":"b"},"RequestId":"r"}"#,
            Some("A"),
            "b",
        ),
        (r#"{"error":{"message":"b"}}"#, None, "b"),
        (r#"{"message":"b"}"#, None, "b"),
        (
            r#"{"Code":1,"Message":["x"]}"#,
            None,
            r#"{"Code":1,"Message":["x"]}"#,
        ),
        (r#"{"detail":"x"}"#, None, r#"{"detail":"x"}"#),
        (
            r#"{"Code":"A","Message":"b""#,
            None,
            r#"{"Code":"A","Message":"b""#,
        ),
        (r#""text""#, None, r#""text""#),
    ] {
        assert_eq!(
            unexpected(403, body),
            (code.map(String::from), message.into()),
            "{body}"
        );
    }
}

#[test]
fn an_error_that_breaks_off_still_tells_its_status() {
    for broken in [TransportError::BodyTimeout, TransportError::Closed] {
        let error = outcome(403, b"Access Den", Some(broken)).unwrap_err();
        let expected = Error::Response(ResponseError::UnexpectedStatus {
            status: 403,
            code: String::new(),
            message: "Access Den".into(),
            agent: Agent::Eks,
            has_token: true,
            is_by_proxy: false,
        });
        assert_eq!(error, expected);
    }
    let endless = "x".repeat(65_537);
    assert_eq!(unexpected(500, &endless).1, "x".repeat(512));
}

#[test]
fn the_authorization_token_is_never_shown() {
    for body in [
        format!("token {JWT} is bad"),
        json!({"Code": JWT, "Message": format!("<{JWT}>")}).to_string(),
        format!("{}{JWT}", "x".repeat(500)),
    ] {
        let sentence = outcome(400, body.as_bytes(), None).unwrap_err().to_string();
        assert!(!sentence.contains("eyJ"), "{sentence}");
    }
}

#[test]
fn the_id_of_an_ecs_task_is_never_shown_in_any_spelling() {
    let id = "0b6e1f2a-77aa_4d~9";
    for path in [
        id.to_owned(),
        format!("{id}/"),
        format!("{id}?a"),
        format!("x?id={id}"),
    ] {
        let endpoint = format!("http://169.254.170.2/v2/credentials/{path}");
        for echo in [
            format!("no task has {path}"),
            format!("no task has \"{}\"", id.to_ascii_uppercase()),
            format!("no task has {}", id.replace('-', "%2D").replace('~', "%7e")),
            format!(
                "no task has {}",
                id.replace('-', "%252D").replace('a', "%61")
            ),
            format!("no task has %2Fv2%2Fcredentials%2F{id}"),
            format!("no task has {}", id.replace('-', "-\n")),
        ] {
            for (status, body) in [
                (404, echo.clone()),
                (
                    200,
                    json!({ "Code": "NoTask", "Message": echo }).to_string(),
                ),
                (400, json!({ "code": echo, "message": echo }).to_string()),
            ] {
                let body = Body {
                    bytes: body.into_bytes(),
                    error: None,
                };
                let response = Response {
                    status,
                    is_by_proxy: false,
                    body,
                };
                let error = of(&endpoint, response).unwrap_err();
                let is_told = error.to_string().contains("no task has");
                let shown = format!("{error} {error:?}").to_ascii_lowercase();
                assert!(is_told && !shown.contains("1f2"), "{shown}");
            }
        }
    }
    // Nobody else's path is a secret.
    let shown = unexpected(404, "nothing at /v1/credentials").1;
    assert_eq!(shown, "nothing at /v1/credentials");
}

#[test]
fn the_proxy_of_a_mesh_is_known_by_its_header_or_its_text() {
    for (field, value, expected) in [
        ("server", "envoy", true),
        ("server", "istio-envoy", true),
        ("server", "Envoy/1.30", true),
        ("l5d-proxy-error", "", true),
        ("server", "nginx", false),
        ("x-envoy", "envoy", false),
    ] {
        let values = |name: &str| match name == field {
            true => vec![value.as_bytes().to_vec()],
            false => Vec::new(),
        };
        assert_eq!(is_by_proxy(&values), expected, "{field}: {value}");
    }
    // Envoy passes an answer on, and says how long it waited for it.
    assert!(!is_by_proxy(&|name| match name {
        "server" => vec![b"istio-envoy".to_vec()],
        "x-envoy-upstream-service-time" => vec![b"0".to_vec()],
        _ => Vec::new(),
    }));
    for (status, text, remedy) in [
        (
            400,
            "Service account token cannot be empty\n",
            "is the token the pod's own",
        ),
        (
            400,
            "Service account token failed basic claim validations: token is expired",
            "is the token the pod's own",
        ),
        (
            403,
            "Access Denied. Called agent through invalid address, please use 169.254.170.23",
            "is the endpoint the agent's own address",
        ),
        (429, "Too Many Requests\n", "too many requests on this node"),
        (404, "", "a proxy of a service mesh"),
        (429, "local_rate_limited", "a proxy of a service mesh"),
        (403, "RBAC: access denied", "a proxy of a service mesh"),
    ] {
        let response = Response {
            status,
            is_by_proxy: true,
            body: Body {
                bytes: text.into(),
                error: None,
            },
        };
        let error = of("http://169.254.170.23/v1/credentials", response).unwrap_err();
        assert!(error.message().remedy.starts_with(remedy), "{error}");
    }
    let denied = outcome(403, b"RBAC: access denied", None).unwrap_err();
    assert!(
        denied
            .message()
            .remedy
            .contains("a proxy of a service mesh"),
        "{denied}"
    );
}

/// JSON that looks like a container credentials document, more or less.
fn document() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        Just(json!(SECRET)),
        Just(json!(SESSION)),
        Just(json!(null)),
        Just(json!(17)),
        Just(json!("")),
        Just(json!("2026-03-01T12:34:56Z")),
        Just(json!({"Token": SESSION})),
        Just(json!([SECRET])),
    ];
    let field = prop_oneof![
        Just("AccessKeyId"),
        Just("SecretAccessKey"),
        Just("Token"),
        Just("Expiration"),
        Just("AccountId"),
        Just("Other"),
    ];
    let fields = proptest::collection::vec((field, value), 0..8);
    (fields, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(fields, cut, whole)| {
        let members: Vec<_> = fields.iter().map(|(f, v)| format!("\"{f}\":{v}")).collect();
        let mut text = format!("{{{}}}", members.join(",")).into_bytes();
        if !whole {
            text.truncate(cut.index(text.len()));
        }
        text
    })
}

#[test]
fn a_refusal_does_not_show_the_credentials_that_it_quotes() {
    let body =
        br#"{"AccessKeyId": "AKID", "SecretAccessKey": "SECRETKEYxyz", "Token": "SESSTOKENabc",
        "Code": "E", "Message": "the SECRETKEYxyz leaked SESSTOKENabc"}"#;
    let error = from_container(body).unwrap_err().to_string();
    assert!(
        error.contains("the [redacted] leaked [redacted]"),
        "{error}"
    );
}

proptest! {
    #[test]
    fn no_bytes_panic(status in prop_oneof![Just(200), 100..600_u16], body in any::<Vec<u8>>()) {
        let _ = outcome(status, &body, None);
    }

    #[test]
    fn no_failure_shows_a_value(status in prop_oneof![Just(200), 400..600_u16], body in document()) {
        if let Err(error) = outcome(status, &body, None) {
            // A bare secret without a field's name is beyond what a text can be searched for.
            let named = String::from_utf8_lossy(&body).contains("\"SecretAccessKey\"");
            for shown in [error.to_string(), format!("{error:?}")] {
                if status == 200 || named {
                    prop_assert!(!shown.contains(SECRET) && !shown.contains(SESSION), "{}", shown);
                }
            }
        }
    }

    /// serde_json's own `Value` is the oracle of what is JSON and what is in it.
    #[test]
    fn what_is_read_is_what_is_there(body in document()) {
        let theirs = serde_json::from_slice::<Value>(&body).ok();
        match from_container(&body) {
            Ok(ours) => {
                let theirs = theirs.unwrap();
                prop_assert_eq!(theirs["SecretAccessKey"].as_str(), Some(ours.secret_access_key.expose()));
                prop_assert_eq!(theirs["Token"].as_str(), Some(ours.session_token.expose()));
                prop_assert_eq!(theirs["AccountId"].as_str().filter(|id| !id.is_empty()), ours.account_id.as_deref());
            }
            Err(Error::Response(ResponseError::Invalid(error))) => {
                let not_json = matches!(error, DocumentError::NotJson { .. } | DocumentError::Truncated);
                prop_assert_eq!(not_json, theirs.is_none(), "{}", error);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
