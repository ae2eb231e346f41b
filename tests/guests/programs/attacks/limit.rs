//! More than there is.

use crate::attacks;
use crate::hoard::{Piece, Thing};
use kit::Outcome;
use kit::wasi::clocks::monotonic_clock::subscribe_instant;
use kit::wasi::http::types::Fields;
use kit::wasi::io::poll::poll;

attacks![
    call_endless,
    call_huge_list,
    cpu_loop,
    cpu_recursion,
    memory_allocation,
    memory_growth,
    memory_of_the_host,
    poll_endless,
    poll_million,
    resource_folders,
    resource_million,
    resource_own,
    sleep_past_deadline,
];

#[link(wasm_import_module = "wasi:http/types@0.2.0")]
unsafe extern "C" {
    #[link_name = "[static]fields.from-list"]
    fn from_list(entries: *const [usize; 4], length: usize, result: *mut [u32; 2]);
}

/// Keeps the host busy with calls that cost the guest nothing and the host a lot.
fn call_endless() -> Outcome {
    let entry = |name: &'static str| [name.as_ptr().addr(), name.len(), name.as_ptr().addr(), 1];
    // The first one is refused, so that no resource is made; all of them are copied before.
    let mut entries = kit::vec![entry("x"); 10_000];
    entries[0] = entry("host");
    for _ in 0..100_000_000 {
        let mut result = [0; 2];
        // SAFETY: the entries are what the canonical ABI calls a list of pairs of lists; there is room
        // for the result.
        unsafe { from_list(entries.as_ptr(), entries.len(), &mut result) };
    }
    kit::pretend()
}

/// Hands the host a list of half a million entries, each of which is the same.
fn call_huge_list() -> Outcome {
    let text = kit::vec![b'x'; 1 << 16];
    let entry = [
        text.as_ptr().addr(),
        text.len(),
        text.as_ptr().addr(),
        text.len(),
    ];
    let entries = kit::vec![entry; 500_000];
    let mut result = [0; 2];
    // SAFETY: the entries are what the canonical ABI calls a list of pairs of lists; there is room for
    // the result.
    unsafe { from_list(entries.as_ptr(), entries.len(), &mut result) };
    kit::pretend()
}

/// Loops without end.
fn cpu_loop() -> Outcome {
    let mut count = 0_u64;
    while core::hint::black_box(count) != u64::MAX {
        count += 1;
    }
    kit::pretend()
}

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let here = core::hint::black_box([depth; 8]);
    deeper(here[0] + 1) + here[7]
}

/// Calls itself without end.
fn cpu_recursion() -> Outcome {
    core::hint::black_box(deeper(0));
    kit::pretend()
}

/// Allocates without end.
fn memory_allocation() -> Outcome {
    let mut held = kit::Vec::new();
    loop {
        held.push(core::hint::black_box(kit::vec![1_u8; 1 << 16]));
        if held.len() == usize::MAX {
            return kit::pretend();
        }
    }
}

/// Grows its memory without end, and goes on when the host refuses.
fn memory_growth() -> Outcome {
    for _ in 0..1_000_000 {
        core::arch::wasm32::memory_grow::<0>(16);
    }
    kit::pretend()
}

/// What all values of one header may hold together.
const HEADER: usize = 64 << 10;

/// Has the host keep as many headers as it may, again and again, of another size each time.
fn memory_of_the_host() -> Outcome {
    for values in 1..64_usize {
        let header: kit::Vec<(kit::String, kit::Vec<u8>)> = (0..values)
            .map(|number| (kit::format!("x-{number}"), kit::vec![b'x'; HEADER / values]))
            .collect();
        let held: kit::Vec<_> = (0..100).map(|_| Fields::from_list(&header)).collect();
        drop(held);
    }
    kit::pretend()
}

/// Keeps waiting for what is ready already.
fn poll_endless() -> Outcome {
    loop {
        kit::sleep_until(0);
    }
}

/// Waits for a million pollables at once, all of them the same.
fn poll_million() -> Outcome {
    let ready = subscribe_instant(0);
    poll(&kit::vec![&ready; 1_000_000]);
    kit::pretend()
}

/// Opens a million descriptors of the one file.
fn resource_folders() -> Outcome {
    for _ in 0..1_000_000 {
        if let Ok(file) = kit::open_to_read("token") {
            core::mem::forget(file);
        }
    }
    kit::pretend()
}

/// Opens a million resources of the host.
fn resource_million() -> Outcome {
    for _ in 0..1_000_000 {
        core::mem::forget(subscribe_instant(0));
    }
    kit::pretend()
}

/// Makes a million resources of a type of its own, which the runtime has to remember.
fn resource_own() -> Outcome {
    for _ in 0..1_000_000 {
        core::mem::forget(Thing::new(Piece));
    }
    kit::pretend()
}

/// Sleeps for ever.
fn sleep_past_deadline() -> Outcome {
    kit::sleep_until(u64::MAX);
    kit::pretend()
}
