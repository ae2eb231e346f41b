//! §3, the request: connecting takes at most 2 s and reading 5 s an attempt, and all of it 25 s, whatever
//! the server does. One table, since each case takes its time and they can all take it at once.

use std::time::Duration;

use epicac_tests::{Agent, Answer, Epicac, Framing};

use crate::cases::{agent_with, each, valid};

const SECOND: Duration = Duration::from_secs(1);

/// The budget, and what starting and a busy machine may add.
const AT_MOST: Duration = Duration::from_secs(26);

#[test]
fn whatever_the_server_does_it_ends_within_25_seconds() {
    let json = || Answer::json(&valid());
    let cases = [
        ("stalls before the head", Answer::stall()),
        (
            "stalls within the head",
            Answer::raw("HTTP/1.1 200 OK\r\nConte").then_stall(),
        ),
        (
            "stalls after the head",
            json().framing(Framing::Truncated(usize::MAX)).then_stall(),
        ),
        (
            "stalls before the last byte",
            json().framing(Framing::Truncated(1)).then_stall(),
        ),
        (
            "stalls before the last chunk",
            json().framing(Framing::ChunkedWithoutEnd(9)).then_stall(),
        ),
        (
            "drips a head",
            Answer::raw("HTTP/1.1 200 OK\r\nX: y\r\n".repeat(9)).dripping(SECOND),
        ),
        ("drips a body", json().dripping(SECOND)),
        (
            "drips a chunked body",
            json().framing(Framing::Chunked(1)).dripping(SECOND),
        ),
        (
            "drips a body until it closes",
            json().framing(Framing::UntilClose).dripping(SECOND),
        ),
        (
            "drips the body of an error",
            Answer::text(500, &"x".repeat(99)).dripping(SECOND),
        ),
        (
            "has no end of header fields",
            Answer::raw("HTTP/1.1 200 OK\r\n".to_owned() + &"X: y\r\n".repeat(99_999)).then_stall(),
        ),
        (
            "has no end of preliminary answers",
            Answer::raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(9_999)).then_stall(),
        ),
        (
            "answers 500 after 4 s",
            Answer::status(500).delayed(4 * SECOND),
        ),
    ];
    each(&cases, |(_, answer)| {
        let agent = agent_with(answer.clone());
        let outcome = Epicac::asking(&agent).token("a-token-of-this-test").run();
        outcome.fails_with(&[]);
        assert!(outcome.took < AT_MOST, "took {:?}", outcome.took);
        assert!(
            (1..=3).contains(&agent.requests().len()),
            "{} requests",
            agent.requests().len()
        );
    });
}

#[test]
fn an_attempt_reads_for_five_seconds_and_a_wait_follows() {
    let agent = agent_with(Answer::stall());
    Epicac::asking(&agent).run().fails_with(&[]);
    let times: Vec<_> = agent.requests().iter().map(|request| request.at).collect();
    assert_eq!(times.len(), 3);
    for pair in times.windows(2) {
        let attempt = pair[1] - pair[0];
        assert!(
            (6 * SECOND..9 * SECOND).contains(&attempt),
            "after {attempt:?}"
        );
    }
}

#[test]
fn an_agent_that_takes_its_time_is_waited_for() {
    // The agent may take 1.8 s by itself; up to five are granted.
    each(&[1800, 4000], |delay| {
        let agent = Agent::start().unwrap();
        agent.always(Answer::json(&valid()).delayed(Duration::from_millis(*delay)));
        Epicac::asking(&agent).run().succeeds();
        assert_eq!(agent.connections(), 1);
    });
}
