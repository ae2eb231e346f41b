//! Complains without end.
#![no_std]

kit::guest!(|| {
    for _ in 0..1_000_000 {
        let _ = kit::complain(b"epicac: help\n");
    }
    kit::pretend()
});
