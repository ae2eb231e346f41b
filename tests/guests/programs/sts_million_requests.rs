//! Assumes the role that it may assume a thousand times.
#![no_std]

kit::guest!(|| {
    for _ in 0..1_000 {
        kit::post(&kit::sts(), "/", kit::form().as_bytes());
    }
    kit::pretend()
});
