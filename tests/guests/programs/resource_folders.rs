//! Opens a million descriptors of the one file.
#![no_std]

kit::guest!(|| {
    for _ in 0..1_000_000 {
        if let Ok(file) = kit::open_to_read("token") {
            core::mem::forget(file);
        }
    }
    kit::pretend()
});
