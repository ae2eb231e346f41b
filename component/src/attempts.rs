//! How often, and until when, the endpoint is asked (`behaviour.md` §3).
//!
//! Pure: the moments, in nanoseconds of the monotonic clock, come from the caller, who also does the
//! waiting. Whatever the server does, every wait ends at one of the moments given here.

use crate::error::Error;
use crate::limits::{ATTEMPTS, BACKOFF, CONNECT, READ, TOTAL};

/// The attempts of one call.
#[derive(Debug)]
pub struct Attempts {
    made: u32,
    end: u64,
}

impl Attempts {
    /// No attempt was made yet, and all of them have to end [`TOTAL`] from `now` on.
    pub fn start(now: u64) -> Self {
        Self {
            made: 0,
            end: now.saturating_add(TOTAL),
        }
    }

    /// Goes on to the next request of the same call: no attempt at it was made yet, and they end at the same
    /// moment.
    pub fn next_request(&mut self) -> &mut Self {
        self.made = 0;
        self
    }

    /// Begins an attempt.
    pub fn begin(&mut self, now: u64) -> Attempt {
        self.made += 1;
        Attempt {
            end: now.saturating_add(CONNECT + READ).min(self.end),
        }
    }

    /// The moment to begin another attempt at, after this one failed with `error` just `now`; nothing
    /// if another would not help, or is one too many, or would begin too late.
    pub fn retry_at(&self, error: &Error, now: u64) -> Option<u64> {
        if !error.is_transient() || self.made >= ATTEMPTS {
            return None;
        }
        let at = now.saturating_add(backoff(self.made, now));
        (at < self.end).then_some(at)
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

/// The delay after that many attempts: exponential, and of each the upper half is left to chance, so
/// that the pods of a node that failed together do not return together. Chance is the low bits of the
/// clock, mixed: enough for this, and the component needs no random numbers otherwise.
fn backoff(made: u32, now: u64) -> u64 {
    let longest = BACKOFF << made.saturating_sub(1).min(16);
    let half = longest / 2;
    half + mix(now) % (half + 1)
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
    use crate::error::tests::unreachable;
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
            match attempts.retry_at(&unreachable(), now) {
                Some(at) => now = at,
                None => break,
            }
        }
        assert_eq!(made, 3);
    }

    #[test]
    fn each_request_of_a_call_has_three_attempts_and_all_have_one_end() {
        let mut first = Attempts::start(0);
        for now in 0..3 {
            first.begin(now);
        }
        assert_eq!(first.retry_at(&unreachable(), 3), None);
        let second = first.next_request();
        let attempt = second.begin(TOTAL - SECOND);
        assert_eq!(attempt.header_by(), TOTAL);
        let third = first.next_request();
        third.begin(3);
        assert!(third.retry_at(&unreachable(), 3).is_some());
        assert_eq!(third.retry_at(&unreachable(), TOTAL), None);
    }

    #[test]
    fn an_answer_is_not_asked_for_again() {
        let mut attempts = Attempts::start(0);
        attempts.begin(0);
        assert_eq!(attempts.retry_at(&Error::NoEndpoint, 0), None);
    }

    #[test]
    fn the_backoff_doubles_and_half_of_it_is_chance() {
        for (made, least, most) in [(1, 125, 250), (2, 250, 500)] {
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
                match attempts.retry_at(&unreachable(), now) {
                    Some(at) => now = at,
                    None => break,
                }
            }
            prop_assert!(now <= start + TOTAL);
        }
    }
}
