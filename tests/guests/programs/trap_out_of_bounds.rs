//! Reads beyond its memory.
#![no_std]

kit::guest!(|| {
    let beyond = core::hint::black_box(0xffff_fff0_usize) as *const u8;
    // SAFETY: there is none, which is the point.
    core::hint::black_box(unsafe { beyond.read_volatile() });
    kit::pretend()
});
