//! How often, and until when, the endpoint is asked (`behaviour.md` §3).
//!
//! The code is pure. The caller gives the time, in nanoseconds of the monotonic clock, and does the waiting.
//! This module sets the end of each wait. A server cannot move it.

use crate::error::{Error, Retry};
use crate::limits::{
    ATTEMPTS, BACKOFF, CONNECT, READ, THROTTLED, THROTTLED_BACKOFF, THROTTLED_BACKOFF_MOST, TOTAL,
};

/// The attempts of one call.
#[derive(Debug)]
pub struct Attempts {
    start: u64,
    end: u64,
    made: u32,
    throttled: u32,
    /// How the last attempt failed.
    latest: Option<Error>,
    /// How the last one before it failed that did so otherwise.
    other: Option<Error>,
}

impl Attempts {
    /// No attempt was made yet, and all of them have to end [`TOTAL`] from `now` on.
    pub fn start(now: u64) -> Self {
        Self {
            start: now,
            end: now.saturating_add(TOTAL),
            made: 0,
            throttled: 0,
            latest: None,
            other: None,
        }
    }

    /// Goes on to the next request of the same call: no attempt at it was made yet, and they end at the same
    /// moment.
    pub fn next_request(&mut self) -> &mut Self {
        *self = Self::start(self.start);
        self
    }

    /// Begins an attempt.
    pub fn begin(&mut self, now: u64) -> Attempt {
        self.made += 1;
        Attempt {
            end: now.saturating_add(CONNECT + READ).min(self.end),
        }
    }

    /// The moment to begin another attempt at, after this one failed with `error` just `now`.
    ///
    /// Fails if another would not help, or is one too many, or would begin too late: with `error`, and with
    /// how an attempt before it failed, if that was otherwise.
    pub fn failed(&mut self, error: Error, now: u64) -> Result<u64, Error> {
        if self
            .latest
            .as_ref()
            .is_some_and(|latest| !latest.is_like(&error))
        {
            self.other = self.latest.take();
        }
        match self.retry_at(error.retry(), now) {
            Some(at) => {
                self.latest = Some(error);
                Ok(at)
            }
            None => Err(match self.other.take() {
                Some(before) => error.after(before),
                None => error,
            }),
        }
    }

    fn retry_at(&mut self, retry: Retry, now: u64) -> Option<u64> {
        match retry {
            Retry::Never => None,
            Retry::Attempt => {
                let at = now.saturating_add(backoff(self.made, now));
                (self.made < ATTEMPTS && at < self.end).then_some(at)
            }
            // It says nothing about how the request would end: it does not count.
            Retry::Throttled => {
                let at = now.saturating_add(throttled_backoff(self.throttled, now));
                self.made = self.made.saturating_sub(1);
                self.throttled += 1;
                (now < self.start.saturating_add(THROTTLED)).then_some(at)
            }
        }
    }
}

/// One attempt.
#[derive(Debug)]
pub struct Attempt {
    end: u64,
}

impl Attempt {
    /// When the response's header has to be there: time to connect and time to read.
    pub fn header_by(&self) -> u64 {
        self.end
    }

    /// When the body has to be complete, of a response whose header came just `now`. A server that
    /// sends a byte a second gains no time by it.
    pub fn body_by(&self, now: u64) -> u64 {
        now.saturating_add(READ).min(self.end)
    }
}

/// The delay after that many attempts: exponential, and up to a quarter more by chance, so that the pods of a
/// node that failed together do not return together. Chance is the low bits of the clock, mixed: enough for
/// this, and the component needs no random numbers otherwise.
fn backoff(made: u32, now: u64) -> u64 {
    let shortest = BACKOFF << made.saturating_sub(1).min(16);
    shortest + mix(now) % (shortest / 4)
}

/// The delay after "too many requests", and after that many such answers before it. All of the delay is random, so
/// that requests arrive evenly at a server that counts them per second.
fn throttled_backoff(before: u32, now: u64) -> u64 {
    let longest = (THROTTLED_BACKOFF << before.min(16)).min(THROTTLED_BACKOFF_MOST);
    mix(now) % longest
}

/// The finaliser of splitmix64: each bit of the result depends on every bit of `x`.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::tests::{throttled, unreachable};
    use crate::limits::SECOND;
    use proptest::prelude::*;

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
            attempts.failed(Error::OutputFailed, 0),
            Err(Error::OutputFailed)
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
    }

    #[test]
    fn the_backoff_doubles_and_a_fifth_of_it_is_chance() {
        for (made, least, most) in [(1, 1_000, 1_250), (2, 2_000, 2_500)] {
            let delays = (0..1_000).map(|now| backoff(made, now * 12_345));
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
}
