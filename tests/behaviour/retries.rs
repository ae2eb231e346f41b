//! §3, the request: what is tried again, how often, and after how long.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use epicac_tests::agent::upstream_error;
use epicac_tests::{Agent, Answer, Epicac, Framing, credentials};
use serde_json::json;

use crate::cases::{agent_with, each, valid};

/// Answers that are worth another attempt, and what is said of those that stay.
fn passing_faults() -> Vec<(Answer, &'static str)> {
    const CLOSED: &str = "closed the connection before its response was complete";
    const INVALID: &str = "invalid response";
    let valid = valid();
    vec![
        (Answer::text(500, "Internal Server Error\n"), "status 500"),
        (Answer::text(502, "Bad Gateway\n"), "status 502"),
        (Answer::text(503, "Service Unavailable\n"), "status 503"),
        (Answer::text(504, "Gateway Timeout\n"), "status 504"),
        (
            upstream_error(500, "InternalServerException", "Internal Server Error"),
            "InternalServerException",
        ),
        (Answer::close(), CLOSED),
        (Answer::reset(), CLOSED),
        (
            Answer::raw("HTTP/1.1 200 OK\r\nContent-Type: applica"),
            CLOSED,
        ),
        (
            Answer::raw("SSH-2.0-OpenSSH_9.6\r\n"),
            "did not respond with valid HTTP",
        ),
        (Answer::json(&valid).framing(Framing::Truncated(1)), CLOSED),
        (
            Answer::json(&valid).framing(Framing::Truncated(usize::MAX)),
            CLOSED,
        ),
        (
            Answer::json(&valid).framing(Framing::ChunkedWithoutEnd(64)),
            CLOSED,
        ),
        (
            Answer::json(&valid)
                .framing(Framing::Truncated(10))
                .then_reset(),
            CLOSED,
        ),
        // 200s that do not parse: nothing, no JSON, half of it, not an object, a field that is missing.
        (Answer::status(200), INVALID),
        (Answer::text(200, "ok\n"), INVALID),
        (
            Answer::body(
                200,
                "application/json",
                &valid.to_string().as_bytes()[..100],
            ),
            INVALID,
        ),
        (Answer::body(200, "application/json", "[]"), INVALID),
        (
            Answer::body(200, "application/json", format!("{valid}{valid}")),
            INVALID,
        ),
        (Answer::json(&json!({ "AccessKeyId": "x" })), INVALID),
        (Answer::json(&credentials::expiring_at("tomorrow")), INVALID),
    ]
}

#[test]
fn a_fault_that_passes_is_tried_again() {
    each(&passing_faults(), |(fault, _)| {
        let agent = agent_with(Answer::json(&valid()));
        agent.script([fault.clone(), fault.clone()]);
        Epicac::asking(&agent).run().succeeds();
        assert_eq!(agent.connections(), 3);
    });
}

#[test]
fn a_fault_that_stays_is_tried_three_times() {
    each(&passing_faults(), |(fault, said)| {
        let agent = agent_with(fault.clone());
        Epicac::asking(&agent)
            .token("a-token-of-this-test")
            .run()
            .fails_with(&[said]);
        assert_eq!(agent.connections(), 3);
    });
}

#[test]
fn the_message_is_about_the_last_attempt() {
    let agent = agent_with(Answer::text(503, "the last word\n"));
    agent.script([Answer::text(500, "the first word\n"), Answer::close()]);
    let message = Epicac::asking(&agent)
        .run()
        .fails_with(&["503", "the last word"]);
    assert!(!message.contains("the first word"), "{message}");
}

#[test]
fn another_failure_before_the_last_one_is_told_too() {
    let agent = agent_with(Answer::close());
    agent.script([Answer::text(500, "the first word\n")]);
    Epicac::asking(&agent).run().fails_with(&[
        "closed the connection before its response was complete; before that, it answered with status 500: \
         the first word (",
    ]);
}

#[test]
fn the_wait_between_attempts_is_about_1_s_and_then_2() {
    let agent = agent_with(Answer::status(500));
    Epicac::asking(&agent).run().fails_with(&["500"]);
    let times: Vec<_> = agent.requests().iter().map(|request| request.at).collect();
    assert_eq!(times.len(), 3);
    for (pair, least) in times.windows(2).zip([1_000, 2_000]) {
        // Above a quarter more there is room for a busy machine.
        let expected = Duration::from_millis(least - 50)..Duration::from_millis(least * 2);
        let wait = pair[1] - pair[0];
        assert!(expected.contains(&wait), "waited {wait:?}");
    }
}

#[test]
fn too_many_requests_are_waited_out() {
    let agent = agent_with(Answer::json(&valid()));
    agent.script(vec![Answer::text(429, "Too Many Requests\n"); 6]);
    Epicac::asking(&agent).run().succeeds();
    assert_eq!(agent.connections(), 7);
}

/// As the agent of ECS limits: 10 a second, 15 at once.
#[test]
fn forty_runs_at_once_all_get_through_a_limit_of_ten_a_second() {
    let agent = Agent::start().unwrap();
    let bucket = Mutex::new((15.0_f64, Instant::now()));
    agent.handle(move |_| {
        let mut bucket = bucket.lock().unwrap();
        let (tokens, then) = *bucket;
        let now = Instant::now();
        let tokens = (tokens + now.duration_since(then).as_secs_f64() * 10.0).min(15.0);
        let is_free = tokens >= 1.0;
        *bucket = (if is_free { tokens - 1.0 } else { tokens }, now);
        Some(if is_free {
            Answer::json(&valid())
        } else {
            Answer::text(429, "Too Many Requests\n")
        })
    });
    std::thread::scope(|scope| {
        let run = || Epicac::asking(&agent).token("a-token").run().succeeds();
        let runs: Vec<_> = (0..40).map(|_| scope.spawn(run)).collect();
        for run in runs {
            run.join().unwrap();
        }
    });
    assert!(agent.requests().len() > 40, "nobody was limited");
}

#[test]
fn too_many_requests_for_longer_than_15_s_fail() {
    let agent = agent_with(Answer::text(429, "Too Many Requests\n"));
    let started = Instant::now();
    Epicac::asking(&agent)
        .token("a-token-of-this-test")
        .run()
        .fails_with(&["status 429", "too many requests on this node"]);
    let took = started.elapsed();
    assert!(
        (Duration::from_secs(15)..Duration::from_secs(25)).contains(&took),
        "{took:?}"
    );
}

#[test]
fn an_agent_that_is_away_for_two_seconds_is_survived() {
    let agent = agent_with(Answer::json(&valid()));
    // Refused twice, and there again at the third attempt.
    agent.script([Answer::close(), Answer::close()]);
    let started = Instant::now();
    Epicac::asking(&agent).run().succeeds();
    assert!(started.elapsed() >= Duration::from_secs(3));
}

#[test]
fn another_status_is_final() {
    let statuses = [
        201, 202, 203, 204, 205, 206, 300, 304, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409,
        410, 412, 413, 418, 421, 422, 425, 426, 431, 451, 501, 505, 507, 511, 599,
    ];
    each(&statuses, |status| {
        // Valid credentials do not help: success is 200.
        let body = if matches!(status, 204 | 205 | 304) {
            String::new()
        } else {
            valid().to_string()
        };
        let agent = agent_with(Answer::body(*status, "application/json", body));
        Epicac::asking(&agent)
            .run()
            .fails_with(&[&status.to_string()]);
        assert_eq!(agent.connections(), 1);
    });
}

#[test]
fn a_200_that_says_it_failed_is_final() {
    let agent = agent_with(Answer::json(
        &json!({ "Code": "AccessDenied", "Message": "no" }),
    ));
    Epicac::asking(&agent)
        .run()
        .fails_with(&["AccessDenied", "no"]);
    assert_eq!(agent.connections(), 1);
}

#[test]
fn expired_credentials_are_final() {
    let agent = agent_with(Answer::json(&credentials::expiring_in(-10)));
    Epicac::asking(&agent).run().fails_with(&["expired"]);
    assert_eq!(agent.connections(), 1);
}

#[test]
fn a_body_that_is_too_large_is_final() {
    let endless = [
        Framing::ContentLength,
        Framing::Chunked(4096),
        Framing::UntilClose,
    ];
    each(&endless, |framing| {
        let agent = agent_with(Answer::endless(200, *framing));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert_eq!(agent.connections(), 1);
    });
}
