//! The parts of std that the component needs: an allocator, a panic handler, and the canonical ABI's `cabi_realloc`.
//!
//! std itself is not linked, because it would import ten more WASI functions (exit, stdin, terminals …).

#![allow(unsafe_code)]

use alloc::alloc::{Layout, alloc, realloc};
use core::arch::wasm32::unreachable;
use core::panic::PanicInfo;

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

// The compiler calls memcmp and its like; the target's C library has them.
#[link(name = "c")]
unsafe extern "C" {}

/// Traps without a message: a panic's message could hold a secret.
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unreachable()
}

/// Allocates what the runtime passes to the component. wit-bindgen links its own for other targets
/// only, and leaves this one to std.
///
/// # Safety
///
/// Only the runtime calls it, by the canonical ABI: `align` is a power of two, `old` is null or was
/// returned for `old_size` bytes of the same alignment, and `new_size` is 0 only if `old_size` is.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    if new_size == 0 {
        // Never read or written; it only has to be aligned.
        return core::ptr::without_provenance_mut(align);
    }
    let size = if old_size == 0 { new_size } else { old_size };
    let Ok(layout) = Layout::from_size_align(size, align) else {
        unreachable()
    };
    // SAFETY: neither size is 0 here. `old`, if it is used, was allocated by this function, from the
    // same allocator and with this same layout.
    let new = unsafe {
        if old_size == 0 {
            alloc(layout)
        } else {
            realloc(old, layout, new_size)
        }
    };
    if new.is_null() { unreachable() } else { new }
}
