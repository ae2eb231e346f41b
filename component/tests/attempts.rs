//! How often, and until when, there is another attempt: `behaviour.md` §3.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::Error;
use epicac_component::attempts::Attempts;
use epicac_component::endpoint::Agent;
use epicac_component::limits::{SECOND, THROTTLED_BACKOFF, THROTTLED_BACKOFF_MOST, TOTAL};
use epicac_component::process::OutputFailed;
use epicac_component::response::ResponseError;
use epicac_component::transport::TransportError;
use proptest::prelude::*;

fn unreachable() -> Error {
    Error::Response(ResponseError::Unreachable {
        origin: "http://127.0.0.1".into(),
        error: TransportError::Refused,
        agent: Agent::Eks,
    })
}

fn throttled() -> Error {
    Error::Response(ResponseError::UnexpectedStatus {
        status: 429,
        code: String::new(),
        message: String::new(),
        agent: Agent::Eks,
        has_token: true,
        is_by_proxy: false,
    })
}

const MILLISECOND: u64 = SECOND / 1_000;

#[test]
fn at_most_three_attempts_are_made() {
    let mut attempts = Attempts::start(0);
    let mut now = 0;
    let mut made = 0;
    loop {
        attempts.begin(now);
        made += 1;
        match attempts.failed(unreachable(), now) {
            Ok(at) => now = at,
            Err(_) => break,
        }
    }
    assert_eq!(made, 3);
    assert!(
        now >= 3 * SECOND,
        "an agent that is away for 2 s is survived"
    );
}

#[test]
fn each_request_of_a_call_has_three_attempts_and_all_have_one_end() {
    let mut first = Attempts::start(0);
    for now in 0..3 {
        first.begin(now);
    }
    assert_eq!(first.failed(unreachable(), 3), Err(unreachable()));
    let second = first.next_request();
    let attempt = second.begin(TOTAL - SECOND);
    assert_eq!(attempt.header_by(), TOTAL);
    let third = first.next_request();
    third.begin(3);
    assert!(third.failed(unreachable(), 3).is_ok());
    assert_eq!(third.failed(unreachable(), TOTAL), Err(unreachable()));
}

#[test]
fn an_answer_is_not_asked_for_again() {
    let mut attempts = Attempts::start(0);
    attempts.begin(0);
    assert_eq!(
        attempts.failed(Error::Output(OutputFailed), 0),
        Err(Error::Output(OutputFailed))
    );
}

#[test]
fn too_many_requests_are_waited_out_until_15_s_have_passed() {
    let mut attempts = Attempts::start(0);
    let mut now = 0;
    let mut made = 0;
    loop {
        attempts.begin(now);
        made += 1;
        match attempts.failed(throttled(), now) {
            Ok(at) => {
                let longest = THROTTLED_BACKOFF_MOST.min(THROTTLED_BACKOFF << (made - 1));
                assert!(at < now + longest, "{made}");
                now = at;
            }
            Err(error) => {
                assert_eq!(error, throttled());
                break;
            }
        }
    }
    assert!((15 * SECOND..19 * SECOND).contains(&now), "{now}");
    assert!((5..32).contains(&made), "{made}");
    // They did not count.
    attempts.begin(now);
    assert!(attempts.failed(unreachable(), now).is_ok());
}

#[test]
fn a_last_failure_does_not_hide_another_one_before_it() {
    let mut attempts = Attempts::start(0);
    let mut last = Ok(0);
    for error in [throttled(), unreachable(), unreachable(), unreachable()] {
        attempts.begin(0);
        last = attempts.failed(error, 0);
    }
    assert_eq!(last, Err(unreachable().after(throttled())));
    // Whenever that one was.
    let mut attempts = Attempts::start(0);
    let mut last = Ok(0);
    for error in [unreachable(), throttled(), unreachable(), unreachable()] {
        attempts.begin(0);
        last = attempts.failed(error, 0);
    }
    assert_eq!(last, Err(unreachable().after(throttled())));
}

#[test]
fn of_several_failures_of_another_kind_the_latest_is_told() {
    let output = || Error::Output(OutputFailed);
    let mut attempts = Attempts::start(0);
    for error in [throttled(), unreachable()] {
        attempts.begin(0);
        assert!(attempts.failed(error, 0).is_ok());
    }
    let told = output().after(unreachable());
    assert_eq!(attempts.failed(output(), 0), Err(told));
}

#[test]
fn the_backoff_doubles_and_a_fifth_of_it_is_chance() {
    for (made, least, most) in [(1, 1_000, 1_250), (2, 2_000, 2_500)] {
        let delays = (0..1_000).map(|now| {
            let now = now * 12_345;
            let mut attempts = Attempts::start(now);
            for _ in 0..made {
                attempts.begin(now);
            }
            attempts.failed(unreachable(), now).unwrap() - now
        });
        let (mut low, mut high) = (u64::MAX, 0);
        for delay in delays {
            assert!((least * MILLISECOND..=most * MILLISECOND).contains(&delay));
            (low, high) = (low.min(delay), high.max(delay));
        }
        assert!(
            high - low > (most - least) * MILLISECOND * 9 / 10,
            "not spread"
        );
    }
}

#[test]
fn an_attempt_has_2_s_to_connect_and_5_s_to_read() {
    let attempt = Attempts::start(0).begin(10);
    assert_eq!(attempt.header_by(), 10 + 7 * SECOND);
    assert_eq!(attempt.body_by(SECOND), 6 * SECOND);
    assert_eq!(attempt.body_by(6 * SECOND), 10 + 7 * SECOND);
}

proptest! {
    /// Each step takes as long as it may, or less; the work between the steps takes no time.
    #[test]
    fn whatever_the_server_does_it_ends_within_25_s(
        start in any::<u32>(), used in proptest::collection::vec(0..=7 * SECOND, 3),
        before in 0..=25 * SECOND,
    ) {
        let start = u64::from(start);
        let mut attempts = Attempts::start(start);
        let mut now = start + before;
        for used in used {
            let attempt = attempts.begin(now);
            prop_assert!(attempt.header_by() <= start + TOTAL);
            now = (now + used).min(attempt.header_by());
            now = attempt.body_by(now);
            prop_assert!(now <= start + TOTAL);
            match attempts.failed(unreachable(), now) {
                Ok(at) => now = at,
                Err(_) => break,
            }
        }
        prop_assert!(now <= start + TOTAL);
    }
}
