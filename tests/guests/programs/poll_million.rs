//! Waits for a million pollables at once, all of them the same.
#![no_std]

use kit::wasi::clocks::monotonic_clock::subscribe_instant;
use kit::wasi::io::poll::poll;

kit::guest!(|| {
    let ready = subscribe_instant(0);
    poll(&kit::vec![&ready; 1_000_000]);
    kit::pretend()
});
