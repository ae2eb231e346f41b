//! Signature Version 4: AWS's published examples, and AWS's own implementation as an oracle.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what they expect by panicking"
)]

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use epicac_component::sts::sigv4::{Request, Signer, amz_date};
use epicac_component::{Credentials, Role, RoleRequest, Secret, Service, Sts, Timestamp, sts};
use proptest::prelude::*;

/// The secret access key of AWS's examples.
const EXAMPLE_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE: &str = "20150830T123600Z";

fn example(request: &Request<'_>) -> String {
    let signer = Signer {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: &Secret::new(EXAMPLE_KEY),
        region: "us-east-1",
        service: "service",
    };
    signer.authorization(request, DATE)
}

#[test]
fn the_published_examples_have_their_published_signatures() {
    const HOST: (&str, &str) = ("host", "example.amazonaws.com");
    const TIME: (&str, &str) = ("x-amz-date", DATE);
    const FORM: &str = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    // get-vanilla, get-vanilla-with-session-token, post-vanilla, post-header-key-sort,
    // post-x-www-form-urlencoded and …-parameters of the SigV4 test suite.
    for (method, headers, body, signed, signature) in [
        (
            "GET",
            &[HOST, TIME][..],
            "",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "GET",
            &[
                HOST,
                TIME,
                (
                    "x-amz-security-token",
                    "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
                ),
            ],
            "",
            "host;x-amz-date;x-amz-security-token",
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ),
        (
            "POST",
            &[HOST, TIME],
            "",
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "POST",
            &[HOST, ("my-header1", "value1"), TIME],
            "",
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            "POST",
            &[
                ("content-length", "13"),
                ("content-type", "application/x-www-form-urlencoded"),
                HOST,
                ("x-amz-content-sha256", FORM),
                TIME,
            ],
            "Param1=value1",
            "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
        ),
        (
            "POST",
            &[
                ("content-length", "13"),
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8",
                ),
                HOST,
                ("x-amz-content-sha256", FORM),
                TIME,
            ],
            "Param1=value1",
            "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422",
        ),
    ] {
        let authorization = example(&Request {
            method,
            headers,
            body: body.as_bytes(),
        });
        assert_eq!(
            authorization,
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders={signed}, Signature={signature}"
            )
        );
    }
}

#[test]
fn the_date_is_written_without_separators() {
    let moment = Timestamp::parse("2015-08-30T12:36:00Z").unwrap();
    assert_eq!(amz_date(moment), DATE);
}

/// What AWS's implementation writes into `Authorization` for the same request.
fn oracle(base: &Credentials, sts: &Sts, content_type: &str, body: &str, now: Timestamp) -> String {
    let identity = AwsCredentials::new(
        &base.access_key_id,
        base.secret_access_key.expose(),
        Some(base.session_token.expose().to_owned()),
        None,
        "test",
    )
    .into();
    let settings = SigningSettings::default();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(sts.region())
        .name("sts")
        .time(UNIX_EPOCH + Duration::from_secs(now.unix().unsigned_abs()))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let uri = sts.endpoint().to_string();
    let headers = [("content-type", content_type)];
    let request = SignableRequest::new(
        "POST",
        uri,
        headers.into_iter(),
        SignableBody::Bytes(body.as_bytes()),
    )
    .unwrap();
    let (instructions, _) = sign(request, &params).unwrap().into_parts();
    let authorization = instructions
        .headers()
        .find(|(name, _)| *name == "authorization");
    authorization.unwrap().1.to_owned()
}

proptest! {
    #[test]
    fn a_request_to_sts_is_signed_as_the_sdk_signs_it(
        key_id in "[A-Z0-9]{16,32}", secret in "[!-~]{1,80}", token in "[!-~]{1,200}",
        external_id in "[a-zA-Z0-9_+=,.@:/-]{2,60}", value in "[a-z é日 ]{0,40}",
        endpoint in prop_oneof![
            Just(None), Just(Some("http://127.0.0.1:5000")), Just(Some("https://sts.example:443/")),
            Just(Some("https://[fd00::1]:8443")), Just(Some("http://localhost:80")),
        ],
        region in "(eu|us|ap)-[a-z]{4,9}-[1-9]", seconds in 0_i64..4_000_000_000,
    ) {
        let now = Timestamp::from_unix(seconds).unwrap();
        let base = Credentials {
            access_key_id: key_id,
            secret_access_key: Secret::new(secret),
            session_token: Secret::new(token),
            expiration: Timestamp::MAX,
            account_id: None,
        };
        let sts = Sts::of(&Service {
            region: Some(region),
            endpoint: endpoint.map(str::to_owned),
            ..Service::default()
        })
        .unwrap();
        let request = RoleRequest {
            external_id: Some(external_id),
            tags: vec![("team".into(), value)],
            ..RoleRequest::new("arn:aws:iam::123456789012:role/reader".into())
        };
        let role = Role::check(request, "session", false).unwrap();
        let post = sts::request::assume_role(&role, &base, &sts, now).unwrap();
        let header = |name| {
            let found = post.headers.iter().find(|(known, _)| known == name);
            String::from_utf8(found.unwrap().1.clone()).unwrap()
        };
        prop_assert_eq!(header("x-amz-security-token"), base.session_token.expose());
        prop_assert_eq!(header("content-length"), post.body.len().to_string());
        let theirs = oracle(&base, &sts, &header("content-type"), &post.body, now);
        prop_assert_eq!(header("authorization"), theirs);
    }
}
