//! Sleeps for ever.
#![no_std]

kit::guest!(|| {
    kit::sleep_until(u64::MAX);
    kit::pretend()
});
