//! What is sent to STS, and what is made of its answer.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::credentials::CredentialsError;
use epicac_component::document::DocumentError;
use epicac_component::response::{Body, Response};
use epicac_component::sts::error::StsError;
use epicac_component::sts::request;
use epicac_component::sts::response::{self, assumed_role, failed};
use epicac_component::transport::{Retry, TransportError};
use epicac_component::{Credentials, Error, Role, RoleRequest, Secret, Service, Sts, Timestamp};
use proptest::prelude::*;

const ARN: &str = "arn:aws:iam::012345678901:role/reader";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLETOKEN";

fn base() -> Credentials {
    Credentials {
        access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
        secret_access_key: Secret::new(SECRET),
        session_token: Secret::new(TOKEN),
        expiration: Timestamp::MAX,
        account_id: None,
    }
}

fn sts() -> Sts {
    Sts::of(&Service {
        region: Some("eu-central-1".into()),
        ..Service::default()
    })
    .unwrap()
}

fn role() -> Role {
    Role::check(RoleRequest::new(ARN.into()), "session", false).unwrap()
}

fn from_sts(body: &[u8]) -> Result<Credentials, Error> {
    Ok(response::from_sts(body, &role(), &base())?)
}

fn form(request: RoleRequest) -> String {
    let role = Role::check(request, "session", false).unwrap();
    let now = Timestamp::from_unix(0).unwrap();
    request::assume_role(&role, &base(), &sts(), now)
        .unwrap()
        .body
}

#[test]
fn the_form_has_what_was_asked_for_and_nothing_else() {
    assert_eq!(
        form(RoleRequest::new(ARN.into())),
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A012345678901%3Arole%2Freader&RoleSessionName=session"
    );
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let all = RoleRequest {
        session_name: Some("me@example".into()),
        external_id: Some("a/b".into()),
        duration: Some(900),
        source_identity: Some("who".into()),
        tags: vec![tag("team", "b l=\u{fc}e"), tag("empty", "")],
        transitive_tag_keys: vec!["team".into(), "other".into()],
        session_policy: Some("{\"a\": 1}".into()),
        policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
        ..RoleRequest::new(ARN.into())
    };
    assert_eq!(
        form(all),
        "Action=AssumeRole&Version=2011-06-15\
         &RoleArn=arn%3Aaws%3Aiam%3A%3A012345678901%3Arole%2Freader\
         &RoleSessionName=me%40example&DurationSeconds=900&ExternalId=a%2Fb&SourceIdentity=who\
         &Policy=%7B%22a%22%3A+1%7D\
         &PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess\
         &Tags.member.1.Key=team&Tags.member.1.Value=b+l%3D%C3%BCe\
         &Tags.member.2.Key=empty&Tags.member.2.Value=\
         &TransitiveTagKeys.member.1=team&TransitiveTagKeys.member.2=other"
    );
}

#[test]
fn the_header_names_the_form_its_length_and_who_asks() {
    let role = Role::check(RoleRequest::new(ARN.into()), "session", false).unwrap();
    let now = Timestamp::parse("2026-03-01T12:34:56Z").unwrap();
    let post = request::assume_role(&role, &base(), &sts(), now).unwrap();
    let header = |name| {
        let named = post.headers.iter().find(|(known, _)| known == name);
        String::from_utf8(named.unwrap().1.clone()).unwrap()
    };
    assert_eq!(
        header("content-type"),
        "application/x-www-form-urlencoded; charset=utf-8"
    );
    assert_eq!(header("content-length"), post.body.len().to_string());
    assert_eq!(header("x-amz-date"), "20260301T123456Z");
    assert_eq!(header("x-amz-security-token"), TOKEN);
    assert!(header("user-agent").starts_with("epicac/"));
    assert!(header("authorization").starts_with(
        "AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20260301/eu-central-1/sts/aws4_request, \
         SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="
    ));
}

#[test]
fn credentials_that_cannot_be_sent_are_refused_by_name() {
    let role = Role::check(RoleRequest::new(ARN.into()), "session", false).unwrap();
    let error = |base: &Credentials| {
        let sent = request::assume_role(&role, base, &sts(), Timestamp::MIN);
        sent.err().unwrap()
    };
    let with_token = |token: &str| Credentials {
        session_token: Secret::new(token),
        ..base()
    };
    assert_eq!(
        error(&with_token("")),
        CredentialsError::Empty("session-token")
    );
    for token in ["a b", "a\r\nX-Evil: b", "t\u{e9}"] {
        let error = error(&with_token(token));
        assert_eq!(error, CredentialsError::Character("session-token"));
        assert!(!Error::from(error).to_string().contains(token));
    }
    let key = Credentials {
        access_key_id: "AKIA/x, y".into(),
        ..base()
    };
    assert_eq!(error(&key), CredentialsError::Character("access-key-id"));
}

/// As in AWS's documentation of `AssumeRole`.
fn answer(credentials: &str) -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n\
         <AssumeRoleResult>\n<SourceIdentity>who</SourceIdentity>\n\
         <AssumedRoleUser>\n<Arn>arn:aws:sts::012345678901:assumed-role/reader/session</Arn>\n\
         <AssumedRoleId>ARO123EXAMPLE123:session</AssumedRoleId>\n</AssumedRoleUser>\n\
         <Credentials>{credentials}</Credentials>\n<PackedPolicySize>8</PackedPolicySize>\n\
         </AssumeRoleResult>\n<ResponseMetadata>\n<RequestId>c6104cbe-af31</RequestId>\n\
         </ResponseMetadata>\n</AssumeRoleResponse>\n"
    )
}

const GOOD: &str = "<AccessKeyId>ASIA2</AccessKeyId><SecretAccessKey>s/e+c</SecretAccessKey>\
    <SessionToken>tok/en==</SessionToken><Expiration>2026-03-01T12:34:56Z</Expiration>";

fn outcome(status: u16, body: &str, broken: Option<TransportError>) -> Result<Credentials, Error> {
    let body = Body {
        bytes: body.as_bytes().to_vec(),
        error: broken,
    };
    let response = Response {
        status,
        is_by_proxy: false,
        body,
    };
    Ok(assumed_role(response, &role(), &sts(), &base())?)
}

#[test]
fn the_credentials_of_the_role_are_read_with_its_account() {
    let credentials = outcome(200, &answer(GOOD), None).unwrap();
    assert_eq!(credentials.access_key_id, "ASIA2");
    assert_eq!(credentials.secret_access_key.expose(), "s/e+c");
    assert_eq!(credentials.session_token.expose(), "tok/en==");
    assert_eq!(credentials.expiration.to_string(), "2026-03-01T12:34:56Z");
    assert_eq!(credentials.account_id.as_deref(), Some("012345678901"));
}

/// MinIO leaves the ARN empty.
#[test]
fn a_role_that_is_not_named_has_no_account() {
    let text = answer(GOOD);
    let arn = "arn:aws:sts::012345678901:assumed-role/reader/session";
    for other in [
        text.replace(arn, ""),
        text.replace("AssumedRoleUser", "Other"),
        text.replace(&format!("<Arn>{arn}</Arn>"), ""),
    ] {
        let credentials = from_sts(other.as_bytes()).unwrap();
        assert_eq!(credentials.account_id, None, "{other}");
    }
}

#[test]
fn credentials_of_another_role_are_refused_and_no_other_attempt_is_made() {
    let text = answer(GOOD);
    for (old, new) in [
        ("012345678901:", "112345678901:"),
        ("012345678901:", ":"),
        ("/reader/", "/writer/"),
        ("/reader/", "/reader-2/"),
        ("/reader/session", "/reader"),
        ("arn:aws:sts", "arn:aws-cn:sts"),
        (":assumed-role/", ":federated-user/"),
        ("arn:aws:sts::", ""),
    ] {
        let error = outcome(200, &text.replace(old, new), None).unwrap_err();
        assert!(
            matches!(error, Error::Sts(StsError::AnotherRole { .. })),
            "{error:?}"
        );
        assert_eq!(error.retry(), Retry::Never);
        let parts = [
            "invalid response from AWS STS: its credentials are those of ",
            ARN,
        ];
        assert!(
            parts.iter().all(|part| error.to_string().contains(part)),
            "{error}"
        );
    }
    let twice = text.replace("</Arn>", "</Arn><Arn>x</Arn>");
    let repeated = Error::Sts(StsError::Invalid(DocumentError::Repeated("Arn")));
    assert_eq!(outcome(200, &twice, None), Err(repeated));
    let quoting = text.replace("/reader/session", &format!("/writer/{TOKEN}tok/en=="));
    let shown = outcome(200, &quoting, None).unwrap_err().to_string();
    assert!(
        !shown.contains(TOKEN) && !shown.contains("tok/en=="),
        "{shown}"
    );
    // The name is the last part of a path, and of one case.
    let request = RoleRequest::new(ARN.replace("role/reader", "role/a/b/Reader"));
    let role = Role::check(request, "session", false).unwrap();
    assert!(response::from_sts(text.as_bytes(), &role, &base()).is_ok());
}

#[test]
fn a_missing_or_wrong_field_is_named_and_its_value_is_not() {
    for field in [
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
    ] {
        let renamed = GOOD.replace(field, "Other");
        let error = |credentials: &str| match from_sts(answer(credentials).as_bytes()) {
            Err(Error::Sts(StsError::Invalid(error))) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(error(&renamed), DocumentError::Missing(field));
        let empty = format!("{renamed}<{field}/>");
        assert_eq!(error(&empty), DocumentError::Empty(field));
        let nested = format!("{renamed}<{field}>hunter2<x/></{field}>");
        assert_eq!(error(&nested), DocumentError::NotAString(field));
        let twice = format!("{GOOD}<{field}>hunter2</{field}>");
        assert_eq!(error(&twice), DocumentError::Repeated(field));
        let error = outcome(200, &answer(&twice), None).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "invalid response from AWS STS: {field} comes more than once \
                 (is this an endpoint of STS?)"
            )
        );
    }
    let soon = answer(&GOOD.replace("2026-03-01T12:34:56Z", "soon"));
    assert_eq!(
        from_sts(soon.as_bytes()),
        Err(Error::Sts(StsError::Invalid(DocumentError::NotATimestamp(
            "Expiration"
        ))))
    );
    for (body, error) in [
        ("", DocumentError::NotXml),
        ("{}", DocumentError::NotXml),
        (
            "<html></html>",
            DocumentError::Missing("AssumeRoleResponse"),
        ),
        (
            "<AssumeRoleResponse/>",
            DocumentError::Missing("AssumeRoleResult"),
        ),
    ] {
        let error = Err(Error::Sts(StsError::Invalid(error)));
        assert_eq!(from_sts(body.as_bytes()), error);
    }
    let invalid = |error| Err(Error::Sts(StsError::Invalid(error)));
    assert_eq!(from_sts(b"\xff"), invalid(DocumentError::NotUtf8));
    assert_eq!(from_sts(&[b' '; 65_537]), invalid(DocumentError::TooLarge));
}

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<Error>\n\
         <Type>Sender</Type>\n<Code>{code}</Code>\n<Message>{message}</Message>\n</Error>\n\
         <RequestId>c6104cbe-af31</RequestId>\n</ErrorResponse>\n"
    )
}

#[test]
fn a_refusal_tells_code_message_and_request_id() {
    let refused = outcome(
        403,
        &error("AccessDenied", "User: x is &quot;not&quot;\nfine"),
        None,
    );
    let expected = Error::Sts(StsError::Refused {
        status: 403,
        code: "AccessDenied".into(),
        message: "User: x is \"not\" fine".into(),
        request_id: "c6104cbe-af31".into(),
    });
    assert_eq!(refused, Err(expected));
    // Of what is no answer of STS, the text is what there is.
    for body in [
        "Bad\nGateway",
        "<html><b>x</b></html>",
        "{\"Code\":\"x\"}",
        "",
    ] {
        let Err(Error::Sts(StsError::Refused {
            code,
            message,
            request_id,
            ..
        })) = outcome(502, body, None)
        else {
            panic!("{body}");
        };
        assert_eq!(message, body.replace('\n', " "));
        assert_eq!((code.as_str(), request_id.as_str()), ("", ""));
    }
}

/// STS tells the canonical request that it computed, with the session token that it got.
#[test]
fn what_sts_quotes_of_the_request_is_redacted() {
    for secret in [TOKEN, SECRET] {
        let message = format!("should have been 'POST\n/\nx-amz-security-token:{secret}\n\nhost'");
        for body in [error("SignatureDoesNotMatch", &message), message] {
            let shown = outcome(403, &body, None).unwrap_err().to_string();
            assert!(
                !shown.contains(secret) && shown.contains("[redacted]"),
                "{shown}"
            );
        }
    }
    let shown = outcome(400, &answer(GOOD), None).unwrap_err().to_string();
    assert!(shown.contains("body withheld"), "{shown}");
}

#[test]
fn what_says_later_is_asked_again_and_nothing_else() {
    let is_transient = |status, code| {
        let refused = outcome(status, &error(code, "x"), None);
        refused.unwrap_err().retry() != Retry::Never
    };
    for code in [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "TooManyRequestsException",
        "SlowDown",
        "PriorRequestNotComplete",
        "RequestTimeout",
        "RequestTimeoutException",
        "IDPCommunicationError",
    ] {
        assert!(is_transient(400, code), "{code}");
    }
    for status in [429, 500, 502, 503, 504] {
        assert!(is_transient(status, "x"), "{status}");
    }
    for code in [
        "ExpiredToken",
        "ExpiredTokenException",
        "AccessDenied",
        "MalformedPolicyDocument",
        "PackedPolicyTooLarge",
        "RegionDisabledException",
        "SignatureDoesNotMatch",
        "InvalidClientTokenId",
        "ValidationError",
        "RequestExpired",
        "",
    ] {
        assert!(
            !is_transient(400, code) && !is_transient(403, code),
            "{code}"
        );
    }
    for status in [301, 307, 400, 403, 404, 413, 501] {
        assert!(!is_transient(status, "x"), "{status}");
    }
    let broken = outcome(200, &answer(GOOD), Some(TransportError::Closed)).unwrap_err();
    assert!(broken.retry() == Retry::Attempt);
    assert_eq!(
        broken,
        Error::Sts(StsError::Unreachable {
            origin: "https://sts.eu-central-1.amazonaws.com".into(),
            error: TransportError::Closed,
            variant: None,
        })
    );
    assert_eq!(
        outcome(200, "<a/>", None).unwrap_err().retry(),
        Retry::Attempt
    );
}

#[test]
fn a_denied_request_names_its_method_and_shows_no_secret() {
    let denied = Error::from(failed(TransportError::Denied, &sts(), &base()));
    let text = "request denied: POST https://sts.eu-central-1.amazonaws.com is not allowed (";
    assert!(denied.to_string().starts_with(text), "{denied}");
    let quoting = TransportError::Internal(Some(format!("cannot send {TOKEN}")));
    let shown = failed(quoting, &sts(), &base()).to_string();
    assert!(shown.contains("cannot send [redacted]"), "{shown}");
}

proptest! {
    #[test]
    fn no_answer_panics_or_shows_the_credentials_it_was_asked_with(
        status in prop_oneof![Just(200_u16), any::<u16>()], before in ".{0,80}", after in ".{0,80}",
        in_error in any::<bool>(),
    ) {
        let text = format!("{before}{TOKEN} {SECRET}{after}");
        let body = if in_error { error(&text, &text) } else { text };
        if let Err(error) = outcome(status, &body, None) {
            let shown = error.to_string();
            prop_assert!(!shown.contains(TOKEN) && !shown.contains(SECRET), "{}", shown);
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }

    #[test]
    fn what_is_read_is_what_is_there(key in "[A-Z0-9]{1,20}", secret in "[ -~&&[^<&>]]{1,40}") {
        let credentials = GOOD.replace("ASIA2", &key).replace("s/e+c", &secret);
        let read = from_sts(answer(&credentials).as_bytes()).unwrap();
        prop_assert_eq!(read.access_key_id, key);
        prop_assert_eq!(read.secret_access_key.expose(), secret);
    }
}
