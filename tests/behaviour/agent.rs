//! §7, the agent: the stand-in answers as the agent does, and epicac says what it answered.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use epicac_tests::agent::{PATH, Rules};
use epicac_tests::{Agent, Epicac, claim_rejection, credentials, test_token, test_token_with};
use serde_json::{Value, json};

use crate::cases::each;

/// Sends a request with this line, `Host` and `Authorization`, and gives status line, head and body.
fn ask(
    agent: &Agent,
    line: &str,
    host: &str,
    authorization: Option<&str>,
) -> (String, String, String) {
    let mut stream = TcpStream::connect(agent.address()).unwrap();
    let authorization = authorization.map(|value| format!("Authorization: {value}\r\n"));
    let authorization = authorization.unwrap_or_default();
    write!(
        stream,
        "{line} HTTP/1.1\r\nHost: {host}\r\n{authorization}\r\n"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let (status, head) = head.split_once("\r\n").unwrap();
    (
        status.to_owned(),
        head.to_ascii_lowercase(),
        body.to_owned(),
    )
}

fn get(agent: &Agent, authorization: Option<&str>) -> (String, String, String) {
    ask(
        agent,
        &format!("GET {PATH}"),
        &agent.address().to_string(),
        authorization,
    )
}

fn agent_with(rules: Rules) -> Agent {
    Agent::with_rules(SocketAddr::from(([127, 0, 0, 1], 0)), rules).unwrap()
}

#[test]
fn it_serves_credentials_to_any_method() {
    let agent = Agent::start().unwrap();
    let token = test_token(3600);
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
        let host = agent.address().to_string();
        let (status, head, body) = ask(&agent, &format!("{method} {PATH}"), &host, Some(&token));
        assert_eq!(status, "HTTP/1.1 200 OK");
        assert!(head.contains("content-type: application/json"), "{head}");
        let document: Value = serde_json::from_str(&body).unwrap();
        for field in [
            "AccessKeyId",
            "SecretAccessKey",
            "Token",
            "AccountId",
            "Expiration",
        ] {
            assert!(
                document[field]
                    .as_str()
                    .is_some_and(|value| !value.is_empty()),
                "{field}"
            );
        }
        let expiration = document["Expiration"].as_str().unwrap();
        let (_, fraction) = expiration.split_once('.').expect("a fraction");
        assert_eq!(
            fraction.len(),
            "123456789Z".len(),
            "nanoseconds in {expiration}"
        );
    }
}

#[test]
fn other_paths_are_not_found() {
    let agent = Agent::start().unwrap();
    let token = test_token(3600);
    for path in [
        "/",
        "/v1",
        "/v1/credentials/",
        "/v2/credentials",
        "/V1/credentials",
    ] {
        let host = agent.address().to_string();
        let (status, head, body) = ask(&agent, &format!("GET {path}"), &host, Some(&token));
        assert_eq!(
            (status.as_str(), body.as_str()),
            ("HTTP/1.1 404 Not Found", "404 page not found\n")
        );
        assert!(head.contains("content-type: text/plain"), "{head}");
        let uri = agent.url_of(path);
        Epicac::new()
            .full_uri(uri)
            .token(&token)
            .run()
            .fails_with(&["404", "page not found"]);
    }
}

#[test]
fn a_query_is_no_other_path() {
    let agent = Agent::start().unwrap();
    let uri = agent.url_of("/v1/credentials?a=b");
    Epicac::new()
        .full_uri(uri)
        .token(&test_token(3600))
        .run()
        .succeeds();
}

#[test]
fn a_token_that_is_missing_or_empty_is_400() {
    let agent = Agent::start().unwrap();
    for authorization in [None, Some("")] {
        let (status, _, body) = get(&agent, authorization);
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        assert_eq!(body, "Service account token cannot be empty\n");
    }
    let epicac = Epicac::asking(&agent);
    epicac
        .run()
        .fails_with(&["400", "Service account token cannot be empty"]);
}

#[test]
fn a_token_that_is_no_jwt_is_400() {
    let agent = Agent::start().unwrap();
    let good = test_token(3600);
    let tokens = [
        "no-token-at-all".to_owned(),
        "one.two".to_owned(),
        format!("{good}.more"),
        format!("Bearer {good}"),
        good.replacen('.', ".!", 1),
        "bm90IGpzb24.bm90IGpzb24.bm90IGpzb24".to_owned(),
    ];
    each(&tokens, |token| {
        let cause = "Service account token cannot be parsed: token is malformed: ";
        let (status, _, body) = get(&agent, Some(token));
        assert_eq!(status, "HTTP/1.1 400 Bad Request");
        assert!(body.starts_with(cause) && body.ends_with('\n'), "{body}");
        let cause = "Service account token cannot be parsed";
        Epicac::asking(&agent)
            .token(token)
            .run()
            .fails_with(&["400", cause]);
    });
}

#[test]
fn a_token_that_has_expired_is_400() {
    let agent = Agent::start().unwrap();
    let cause = "Service account token failed basic claim validations: token is expired";
    let token = test_token(-1);
    let (status, _, body) = get(&agent, Some(&token));
    assert_eq!(
        (status.as_str(), body),
        ("HTTP/1.1 400 Bad Request", format!("{cause}\n"))
    );
    Epicac::asking(&agent)
        .token(&token)
        .run()
        .fails_with(&["400", cause]);
}

#[test]
fn a_token_of_another_audience_is_refused() {
    for aud in [
        json!(["sts.amazonaws.com"]),
        json!("sts.amazonaws.com"),
        json!([]),
        json!(null),
    ] {
        let token = test_token_with(json!({ "aud": aud }), 3600);
        assert!(claim_rejection(&token).unwrap().contains("audience"));
    }
    for aud in [
        json!("pods.eks.amazonaws.com"),
        json!(["x", "pods.eks.amazonaws.com"]),
    ] {
        assert_eq!(
            claim_rejection(&test_token_with(json!({ "aud": aud }), 3600)),
            None
        );
    }
    let agent = Agent::start().unwrap();
    let token = test_token_with(json!({ "aud": "sts.amazonaws.com" }), 3600);
    let epicac = Epicac::asking(&agent).token(&token);
    epicac
        .run()
        .fails_with(&["400", "InvalidTokenException", "audience"]);
}

#[test]
fn another_host_is_403() {
    let agent = Agent::start().unwrap();
    let token = test_token(3600);
    let line = format!("GET {PATH}");
    for host in [
        "example.com",
        "localhost",
        "127.0.0.2:80",
        "[::1]",
        "[fd00:ec2:0::23]",
        "",
    ] {
        let (status, _, body) = ask(&agent, &line, host, Some(&token));
        assert_eq!(status, "HTTP/1.1 403 Forbidden", "{host}");
        assert!(
            body.starts_with("Access Denied. Called agent through invalid address, "),
            "{body}"
        );
    }
    for host in [
        "127.0.0.1",
        "169.254.170.23",
        "169.254.170.23:80",
        "[fd00:ec2::23]",
        "[fd00:ec2::23]:80",
    ] {
        let (status, _, _) = ask(&agent, &line, host, Some(&token));
        assert_eq!(status, "HTTP/1.1 200 OK", "{host}");
    }
    let uri = format!("http://localhost:{}{PATH}", agent.address().port());
    let cause = "Access Denied. Called agent through invalid address";
    Epicac::new()
        .full_uri(uri)
        .token(&token)
        .run()
        .fails_with(&["403", cause]);
}

#[test]
fn more_than_a_thousand_a_second_are_429() {
    let usual = Rules::default();
    assert_eq!(usual.requests_per_second, 1000);
    // A rate that the slowest machine exceeds.
    let agent = agent_with(Rules {
        requests_per_second: 4,
        ..usual
    });
    let token = test_token(3600);
    let answers: Vec<_> = (0..8).map(|_| get(&agent, Some(&token))).collect();
    assert_eq!(answers[0].0, "HTTP/1.1 200 OK");
    let refused = answers
        .iter()
        .find(|(status, ..)| !status.ends_with("200 OK"));
    let (status, _, body) = refused.expect("a limit");
    assert_eq!(status, "HTTP/1.1 429 Too Many Requests");
    assert_eq!(body, "Too Many Requests\n");
}

#[test]
fn as_many_requests_as_the_burst_says_are_answered_at_once() {
    let agent = agent_with(Rules {
        requests_per_second: 0,
        burst: Some(3),
        ..Rules::default()
    });
    let token = test_token(3600);
    let answers: Vec<_> = (0..5).map(|_| get(&agent, Some(&token)).0).collect();
    let good = answers.iter().filter(|status| status.ends_with("200 OK"));
    assert_eq!(good.count(), 3, "{answers:?}");
}

#[test]
fn epicac_gets_the_credentials_of_the_pod_with_its_token() {
    let agent = agent_with(Rules {
        account_id: "000000000042".to_owned(),
        ..Rules::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("eks-pod-identity-token");
    std::fs::write(&file, test_token(3600)).unwrap();
    let document = Epicac::asking(&agent).token_file(file).run().succeeds();
    assert_eq!(document["AccessKeyId"], credentials::ACCESS_KEY_ID);
    assert_eq!(document["SecretAccessKey"], credentials::SECRET_ACCESS_KEY);
    assert_eq!(document["SessionToken"], credentials::SESSION_TOKEN);
    assert_eq!(document["AccountId"], "000000000042");
}
