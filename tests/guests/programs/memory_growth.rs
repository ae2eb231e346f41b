//! Grows its memory without end, and does not mind that it may not.
#![no_std]

kit::guest!(|| {
    for _ in 0..1_000_000 {
        core::arch::wasm32::memory_grow::<0>(16);
    }
    kit::pretend()
});
