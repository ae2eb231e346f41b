//! Opens a million resources of the host.
#![no_std]

use kit::wasi::clocks::monotonic_clock::subscribe_instant;

kit::guest!(|| {
    for _ in 0..1_000_000 {
        core::mem::forget(subscribe_instant(0));
    }
    kit::pretend()
});
