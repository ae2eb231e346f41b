//! What WebAssembly itself does not allow.

use crate::attacks;
use kit::Outcome;
use kit::wasi::clocks::monotonic_clock::subscribe_instant;

attacks![
    trap_host_overreach,
    trap_out_of_bounds,
    trap_stale_handle,
    trap_unreachable,
];

#[link(wasm_import_module = "wasi:http/types@0.2.0")]
unsafe extern "C" {
    #[link_name = "[static]fields.from-list"]
    fn from_list(entries: *const [usize; 4], length: usize, result: *mut [u32; 2]);
}

/// Hands the host a list that ends beyond its memory.
fn trap_host_overreach() -> Outcome {
    let mut result = [0; 2];
    // SAFETY: there is none, which is the point.
    unsafe { from_list(0xffff_fff0_usize as *const _, 1000, &mut result) };
    kit::pretend()
}

/// Reads beyond its memory.
fn trap_out_of_bounds() -> Outcome {
    let beyond = core::hint::black_box(0xffff_fff0_usize) as *const u8;
    // SAFETY: there is none, which is the point.
    core::hint::black_box(unsafe { beyond.read_volatile() });
    kit::pretend()
}

#[link(wasm_import_module = "wasi:io/poll@0.2.0")]
unsafe extern "C" {
    fn poll(list: *const u32, length: usize, result: *mut [usize; 2]);
}

/// Uses a resource that it has given back.
fn trap_stale_handle() -> Outcome {
    let pollable = subscribe_instant(0);
    let handle = pollable.handle();
    drop(pollable);
    let mut result = [0; 2];
    // SAFETY: a list of one handle, and room for the result. The handle is stale, which is the point.
    unsafe { poll(&handle, 1, &mut result) };
    kit::pretend()
}

/// Traps.
fn trap_unreachable() -> Outcome {
    core::arch::wasm32::unreachable()
}
