//! How often, and until when, the endpoint is asked (`behaviour.md` §3).
//!
//! The code is pure. The caller gives the time, in nanoseconds of the monotonic clock, and does the waiting.
//! This module sets the end of each wait. A server cannot move it.

use alloc::vec::Vec;

use crate::error::Error;
use crate::limits::{
    ATTEMPTS, BACKOFF, CONNECT, READ, THROTTLED, THROTTLED_BACKOFF, THROTTLED_BACKOFF_MOST, TOTAL,
};
use crate::transport::Retry;

/// The attempts of one call.
#[derive(Debug)]
pub struct Attempts {
    start: u64,
    end: u64,
    made: u32,
    throttled: u32,
    /// How the attempts failed, in their order.
    failures: Vec<Error>,
}

impl Attempts {
    /// Begins a call without an attempt. All attempts end within [`TOTAL`] of `now`.
    pub fn start(now: u64) -> Self {
        Self {
            start: now,
            end: now.saturating_add(TOTAL),
            made: 0,
            throttled: 0,
            failures: Vec::new(),
        }
    }

    /// Begins the next request of the same call. Its attempts are counted anew, and end at the same moment.
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

    /// The moment at which the next attempt begins, after this one failed with `error` at `now`.
    ///
    /// Fails if another attempt would not help, would be one too many, or would begin too late. The failure is `error`, with
    /// the latest failure of another kind, if there was one.
    pub fn failed(&mut self, error: Error, now: u64) -> Result<u64, Error> {
        if let Some(at) = self.retry_at(error.retry(), now) {
            self.failures.push(error);
            return Ok(at);
        }
        let mut failures = self.failures.drain(..).rev();
        Err(match failures.find(|before| !before.is_like(&error)) {
            Some(before) => error.after(before),
            None => error,
        })
    }

    fn retry_at(&mut self, retry: Retry, now: u64) -> Option<u64> {
        match retry {
            Retry::Never => None,
            Retry::Attempt => {
                let at = now.saturating_add(backoff(self.made, now));
                (self.made < ATTEMPTS && at < self.end).then_some(at)
            }
            // It does not count as an attempt: the request itself was not judged.
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
    /// The deadline of the response's header: time to connect and time to read.
    pub fn header_by(&self) -> u64 {
        self.end
    }

    /// The deadline of the body, if the header came at `now`. A server that sends a byte a second gains no time.
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
