//! What WebAssembly itself does not allow.

use crate::case::{contained, says};

contained! {
    trap_unreachable: says("`unreachable` instruction executed");
    trap_out_of_bounds: says("out of bounds memory access");
    trap_divide: says("integer divide by zero");
    trap_host_overreach: says("list pointer/length out of bounds of memory");
    trap_stale_handle: says("unknown handle index");
    trap_realloc: says("cannot leave component instance");
    trap_allocator: says("realloc return: beyond end of memory");
}
