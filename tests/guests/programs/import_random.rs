//! Draws random numbers.
#![no_std]

kit::guest!(|| {
    let _ = kit::wasi::random::random::get_random_u64();
    kit::pretend()
});
