//! Loops without end.
#![no_std]

kit::guest!(|| {
    let mut count = 0_u64;
    while core::hint::black_box(count) != u64::MAX {
        count += 1;
    }
    kit::pretend()
});
