//! Allocates without end.
#![no_std]

kit::guest!(|| {
    let mut held = kit::Vec::new();
    loop {
        held.push(core::hint::black_box(kit::vec![1_u8; 1 << 16]));
        if held.len() == usize::MAX {
            return kit::pretend();
        }
    }
});
