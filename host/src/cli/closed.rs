//! Whether standard output was closed when the program was started.
//!
//! Rust's runtime puts `/dev/null` in the place of a closed descriptor before `main`, and to write to that always
//! succeeds. So it is asked before the runtime begins.

#![allow(
    unsafe_code,
    reason = "what runs before the runtime stands in a section of its own"
)]

use std::sync::atomic::{AtomicBool, Ordering};

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// What the C library calls before `main`.
// SAFETY: an entry of this section is the address of a function, which `look` is; what more than nothing the C library
// hands to it is left where it is.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look;

/// Asks the kernel, and nobody else: of Rust's library nothing is ready yet.
extern "C" fn look() {
    // SAFETY: this asks for the flags of a descriptor, which may well be none.
    let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
    IS_CLOSED.store(flags == -1, Ordering::Relaxed);
}

/// Whether there was no standard output.
pub(crate) fn stdout_was_closed() -> bool {
    IS_CLOSED.load(Ordering::Relaxed)
}
