//! The time of day, and waiting.

use alloc::vec::Vec;

use super::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use super::bindings::wasi::io::poll::{Pollable, poll};

/// Seconds since 1970.
pub fn wall_seconds() -> i64 {
    i64::try_from(wall_clock::now().seconds).unwrap_or(i64::MAX)
}

/// Nanoseconds of the clock that all deadlines are on.
pub fn now() -> u64 {
    monotonic_clock::now()
}

/// Waits until that moment.
pub fn sleep_until(moment: u64) {
    poll(&[&monotonic_clock::subscribe_instant(moment)]);
}

/// Waits until the thing is ready, and tells whether it is; `false` when the deadline passed before.
pub fn wait_until(thing: &Pollable, deadline: u64) -> bool {
    let timer = monotonic_clock::subscribe_instant(deadline);
    let ready: Vec<u32> = poll(&[thing, &timer]);
    ready.contains(&0)
}
