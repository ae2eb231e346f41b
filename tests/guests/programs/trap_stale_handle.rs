//! Uses a resource that it has given back.
#![no_std]

use kit::wasi::clocks::monotonic_clock::subscribe_instant;

#[link(wasm_import_module = "wasi:io/poll@0.2.0")]
unsafe extern "C" {
    fn poll(list: *const u32, length: usize, result: *mut [usize; 2]);
}

kit::guest!(|| {
    let pollable = subscribe_instant(0);
    let handle = pollable.handle();
    drop(pollable);
    let mut result = [0; 2];
    // SAFETY: a list of one handle, and room for the result. The handle is stale, which is the point.
    unsafe { poll(&handle, 1, &mut result) };
    kit::pretend()
});
