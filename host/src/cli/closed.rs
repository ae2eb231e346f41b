//! Whether standard output was closed when the program was started.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in the place of a closed descriptor. Writing to it always
//! succeeds. So this check runs before the runtime starts.

#![allow(
    unsafe_code,
    reason = "what runs before the runtime stands in a section of its own"
)]

use std::sync::atomic::{AtomicBool, Ordering};

static IS_CLOSED: AtomicBool = AtomicBool::new(false);

/// The C library calls this function before `main`.
// SAFETY: an entry of this section is the address of a function, and `look` is one. It ignores any arguments that the C
// library passes.
#[used]
#[unsafe(link_section = ".init_array")]
static BEFORE_MAIN: extern "C" fn() = look;

/// Asks the kernel directly: Rust's library is not ready yet.
extern "C" fn look() {
    // SAFETY: this asks for the flags of a descriptor, which need not be open.
    let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
    IS_CLOSED.store(flags == -1, Ordering::Relaxed);
}

/// Whether there was no standard output.
pub(crate) fn stdout_was_closed() -> bool {
    IS_CLOSED.load(Ordering::Relaxed)
}
