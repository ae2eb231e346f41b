//! The program's allocator on musl: one arena in the program itself.
//!
//! musl asks the kernel for nearly every page by itself, sixty times in a cold start. The arena costs
//! nothing until it is touched, and its end is the end of what the process can allocate.

#![allow(unsafe_code, reason = "the allocator is told which memory is its own")]

use talc::{ClaimOnOom, Span, Talc, Talck};

/// Far more than a run allocates; the component's own memory is mapped apart from it.
const BYTES: usize = 32 << 20;

static mut ARENA: [u8; BYTES] = [0; BYTES];

#[global_allocator]
static ALLOCATOR: Talck<spin::Mutex<()>, ClaimOnOom> = {
    // SAFETY: the arena is named here only, so the allocator is the only one that ever touches it.
    let arena = unsafe { ClaimOnOom::new(Span::from_array((&raw const ARENA).cast_mut())) };
    Talc::new(arena).lock()
};
