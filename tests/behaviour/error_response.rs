//! §4, the response: another status than 200, told to people in one harmless line.

use epicac_tests::agent::upstream_error;
use epicac_tests::{Answer, Epicac, Framing, Serving, test_token};
use serde_json::{Value, json};

use crate::cases::{agent_with, each, valid};

/// The message about this answer, which holds all of `parts`.
fn message(answer: Answer, parts: &[&str]) -> String {
    let agent = agent_with(answer);
    Epicac::asking(&agent).run().fails_with(parts)
}

#[test]
fn it_fails_with_the_status_and_the_text_of_the_body() {
    message(
        Answer::text(400, "the text of the body\n"),
        &["400", "the text of the body"],
    );
    message(
        Answer::text(404, "404 page not found\n"),
        &["404", "page not found"],
    );
    message(Answer::status(418), &["418"]);
    let upstream = upstream_error(
        400,
        "InvalidTokenException",
        "The token's audience is wrong",
    );
    message(
        upstream,
        &[
            "400",
            "InvalidTokenException",
            "The token's audience is wrong",
        ],
    );
}

#[test]
fn the_body_may_come_in_any_framing() {
    for framing in [Framing::Chunked(3), Framing::UntilClose] {
        message(
            Answer::text(403, "the text\n").framing(framing),
            &["403", "the text"],
        );
    }
}

#[test]
fn control_characters_are_removed_and_all_is_one_line() {
    let texts = [
        "before\nepicac: all is well\nafter",
        "before\r\n\r\nafter",
        "before\u{1b}[2J\u{1b}[31mafter",
        "before\u{7}\u{8}\u{0}\u{7f}after",
        "before\u{85}\u{9b}31mafter",
        "before\u{b}\u{c}after",
        "before\u{2028}after\u{2029}",
    ];
    each(&texts, |text| {
        let line = message(Answer::text(400, text), &["400", "before", "after"]);
        // The line separators of Unicode are no control characters, but they break lines too.
        assert!(!line.contains(['\u{2028}', '\u{2029}']), "{line:?}");
    });
}

#[test]
fn the_text_is_at_most_512_characters() {
    for unit in ["x", "é", "😀", "x\n"] {
        let sign = unit.chars().next().unwrap();
        let line = message(Answer::text(400, &unit.repeat(5000)), &["400"]);
        let longest = line.chars().filter(|one| *one == sign).count();
        // A few of them belong to the sentence around.
        assert!(
            (100..=520).contains(&longest),
            "{longest} times {sign}: {line}"
        );
    }
}

#[test]
fn a_body_that_is_no_text_fails_cleanly() {
    let bodies: [&[u8]; 4] = [
        b"\xff\xfe\xfd",
        b"before\xc3\x28after",
        b"\x1f\x8b\x08\x00",
        &[0; 1000],
    ];
    each(&bodies, |body| {
        message(
            Answer::body(400, "application/octet-stream", *body),
            &["400"],
        );
    });
}

#[test]
fn a_body_that_never_ends_fails() {
    let framings = [
        Framing::ContentLength,
        Framing::Chunked(4096),
        Framing::UntilClose,
    ];
    each(&framings, |framing| {
        let agent = agent_with(Answer::endless(403, *framing));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert_eq!(agent.connections(), 1);
    });
}

#[test]
fn code_and_message_of_a_json_body_are_picked_out() {
    let bodies = [
        json!({ "Code": "AccessDeniedException", "Message": "the reason" }),
        json!({ "code": "AccessDeniedException", "message": "the reason" }),
        json!({ "Code": "AccessDeniedException", "message": "the reason", "other": [1, {}] }),
    ];
    for body in bodies {
        let answer = Answer::body(403, "application/json", body.to_string());
        let line = message(answer, &["403", "AccessDeniedException", "the reason"]);
        assert!(!line.contains('{'), "the JSON itself does not show: {line}");
    }
    let only_message = json!({ "message": "the reason" }).to_string();
    message(
        Answer::body(400, "application/json", only_message),
        &["400", "the reason"],
    );
}

#[test]
fn code_and_message_are_made_harmless_too() {
    let body = json!({ "Code": "C\u{1b}[31m\nD", "Message": format!("a\nb{}", "x".repeat(5000)) });
    let answer = Answer::body(403, "application/json", body.to_string());
    let line = message(answer, &["403"]);
    assert!(
        line.chars().filter(|one| *one == 'x').count() <= 512,
        "{line}"
    );
}

#[test]
fn code_and_message_together_have_at_most_512_characters() {
    for (code, length) in [
        ("y".repeat(600), 3000),
        ("y".repeat(300), 3000),
        ("y".repeat(600), 0),
    ] {
        let body = json!({ "Code": code, "Message": "y".repeat(length) });
        let line = message(
            Answer::body(403, "application/json", body.to_string()),
            &["403"],
        );
        let shown = line.chars().filter(|one| *one == 'y').count();
        // Those of the sentence around it, too.
        assert!((160..=512 + 5).contains(&shown), "{shown} in {line}");
    }
    let body = json!({ "Code": "OnlyACode" }).to_string();
    let line = message(Answer::body(403, "application/json", body), &["OnlyACode"]);
    assert!(!line.contains('{'), "{line}");
}

#[test]
fn a_token_that_the_server_echoes_does_not_show() {
    let token = test_token(3600);
    let short = "a-short-token-0123456789";
    for token in [token.as_str(), short] {
        let echoes = [
            format!("cannot use the token {token}, sorry\n"),
            format!("Authorization: {token}"),
            token.to_owned(),
            json!({ "Code": "Invalid", "Message": format!("cannot use {token}") }).to_string(),
            json!({ "Code": token, "Message": "x" }).to_string(),
            // Across the limit of 512 characters.
            format!("{}{token}", "x".repeat(488)),
        ];
        each(&echoes, |echo| {
            for status in [400, 200] {
                let agent = agent_with(Answer::body(status, "application/json", echo.as_bytes()));
                Epicac::asking(&agent).token(token).run().fails_with(&[]);
            }
        });
    }
}

#[test]
fn a_token_that_the_server_breaks_does_not_show() {
    let token = "a-token-0123456789-0123456789-0123456789";
    // What is taken out of a text, or turned into a space, must not hide the token in it.
    each(
        &["\n", "\r\n", "\t", "\0", "\u{1b}", "\u{200b}", "\u{2028}"],
        |between| {
            let (first, second) = token.split_at(20);
            let agent = agent_with(Answer::text(400, &format!("{first}{between}{second}")));
            Epicac::asking(&agent)
                .token(token)
                .run()
                .fails_with(&["400"]);
        },
    );
}

#[test]
fn credentials_in_the_body_of_an_error_do_not_show() {
    let document = valid();
    let fields = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .values()
            .map(Value::to_string)
            .collect::<Vec<_>>()
    };
    let bodies = [
        document.to_string(),
        serde_json::to_string_pretty(&document).unwrap(),
        json!({ "Credentials": document }).to_string(),
        json!({ "Code": "Oops", "Message": document.to_string() }).to_string(),
        format!("failed to serialize {document}"),
        document.to_string()[..200].to_owned(),
        fields(&document).join("\n") + "SecretAccessKey",
    ];
    each(&bodies, |body| {
        for content_type in ["application/json", "text/plain"] {
            message(Answer::body(400, content_type, body.as_bytes()), &["400"]);
        }
    });
}

#[test]
fn the_proxy_of_a_mesh_is_told_apart_from_the_agent() {
    let envoy = |status, text| Answer::text(status, text).header("Server", "envoy");
    each(
        &[
            envoy(404, ""),
            envoy(502, ""),
            envoy(
                503,
                "upstream connect error or disconnect/reset before headers",
            ),
            Answer::text(403, "RBAC: access denied").header("server", "istio-envoy"),
            Answer::text(403, "RBAC: access denied"),
            Answer::text(502, "").header("l5d-proxy-error", "no available endpoints"),
        ],
        |answer| {
            let remedy = "a proxy of a service mesh answered in the agent's place";
            message(
                answer.clone(),
                &[remedy, "169.254.170.23 and [fd00:ec2::23]"],
            );
        },
    );
    // What the agent passes on is its own, through a proxy, too.
    let passed_on = upstream_error(400, "AccessDeniedException", "no trust");
    let remedy = "eks-auth:AssumeRoleForPodIdentity";
    message(passed_on.header("Server", "envoy"), &[remedy]);
    let own = "Service account token failed basic claim validations: token is expired";
    for answer in [
        Answer::text(400, own),
        Answer::text(400, "later versions say it otherwise")
            .header("x-envoy-upstream-service-time", "3"),
    ] {
        let answer = answer.header("server", "istio-envoy");
        message(answer, &["no token was sent: EKS sets"]);
    }
    let line = message(
        Answer::text(503, "busy").header("Server", "nginx"),
        &["503"],
    );
    assert!(!line.contains("mesh"), "{line}");
}

#[test]
fn a_token_that_a_server_escapes_or_cuts_is_not_shown() {
    let token = "Basic TOKENSECRET.aa/bb+cc==";
    let echoes = [
        (
            r#"{"err":"Basic TOKENSECRET.aa\/bb\u002bcc\u003d\u003d"}"#,
            "{\"err\":\"[redacted]\"}",
        ),
        (
            r#"{"err":"Basic \u0054OKENSECRET.aa/bb+cc=="}"#,
            "{\"err\":\"[redacted]\"}",
        ),
        (
            "<p>Basic TOKENSECRET.aa&#x2F;bb&#43;cc==</p>",
            "<p>[redacted]</p>",
        ),
        ("what is Basic TOKENSECRET.aa/…", "what is [redacted]…"),
        ("what is TOKENSECRET.aa/bb", "what is [redacted]"),
    ];
    each(&echoes, |(echo, shown)| {
        let agent = agent_with(Answer::text(400, echo));
        let outcome = Epicac::asking(&agent).token(token).secret("SECRET").run();
        outcome.fails_with(&[shown]);
    });
}

/// The id of a task of Amazon ECS is all that a request needs to know.
const TASK: &str = "0b6e1f2a-77aa-4d0c-9f6e-task-of-this-test";

#[test]
fn the_id_of_an_ecs_task_does_not_show_in_a_run_in_doctor_or_to_callers_of_serve() {
    let encoded = TASK.replace('-', "%2d");
    let echoes = [
        format!("no task has /v2/credentials/{TASK}"),
        format!("no task has {}/", TASK.to_uppercase()),
        format!("no task has %2Fv2%2Fcredentials%2F{encoded}"),
    ];
    each(&echoes, |echo| {
        for path in [
            TASK.to_owned(),
            format!("{TASK}/"),
            format!("{TASK}?a"),
            encoded.clone(),
        ] {
            let agent = agent_with(Answer::text(404, echo));
            let epicac = || {
                let uri = agent.url_of(&format!("/v2/credentials/{path}"));
                Epicac::new().full_uri(uri).secret(TASK).secret(&encoded)
            };
            let hides = |text: &str| {
                let shown = text.to_lowercase();
                assert!(
                    shown.contains("no task has") && shown.contains("[redacted]"),
                    "{text}"
                );
                assert!(
                    !shown.contains("0b6e1f2a") && !shown.contains("of-this-test"),
                    "{text}"
                );
            };
            hides(&epicac().run().fails_with(&["404"]));
            hides(&epicac().arg("doctor").run().answers(1));
            let mut serving = Serving::start(epicac(), &[]);
            hides(&serving.get("/v1/credentials").body);
            hides(&serving.end());
        }
    });
}
