//! The configuration of the engine, in one place: the build script compiles the component with it, and the host
//! runs the component with it. Wasmtime refuses to load a component that was compiled with another one.

use wasmtime::{Config, Result};

/// The size of a guest's stack, in bytes.
pub const STACK_BYTES: usize = 256 << 10;

/// The engine's configuration for code that runs on `target`, a target triple.
///
/// The target is always given, so that the compiled code depends on the triple alone and never on the
/// CPU of the machine that built it.
pub fn config(target: &str) -> Result<Config> {
    let mut config = Config::new();
    config.target(target)?;

    // The component uses no threads, floats or vectors, so the engine does not accept them.
    config.wasm_simd(false);
    config.wasm_relaxed_simd(false);
    config.wasm_multi_memory(false);
    config.wasm_memory64(false);
    config.wasm_tail_call(false);
    config.wasm_extended_const(false);
    config.gc_support(false);
    config.concurrency_support(false);

    // Every instruction is counted, so that a loop ends.
    config.consume_fuel(true);

    // A cold start is mostly page faults. The memory is reserved once, never moved, and small; a
    // reservation of zero would make Wasmtime fill and copy the heap instead.
    config.memory_reservation(16 << 20);
    config.memory_reservation_for_growth(0);
    config.memory_guard_size(64 << 10);
    config.memory_may_move(false);
    config.guard_before_linear_memory(false);
    config.memory_init_cow(false);
    config.max_wasm_stack(STACK_BYTES);
    config.async_stack_size(1 << 20);

    // A trap ends the process with one line, so no backtrace is needed.
    config.generate_address_map(false);
    config.native_unwind_info(false);
    config.wasm_backtrace_max_frames(None);
    Ok(config)
}
