//! Calls itself without end.
#![no_std]
#![allow(unconditional_recursion)]

fn deeper(depth: u64) -> u64 {
    let here = core::hint::black_box([depth; 8]);
    deeper(here[0] + 1) + here[7]
}

kit::guest!(|| {
    core::hint::black_box(deeper(0));
    kit::pretend()
});
