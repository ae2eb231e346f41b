//! The component that travels inside this crate, compiled ahead of time by the build script.
//!
//! On Linux its machine code is a section of the executable. The kernel maps it read-only and executable, like
//! the host's own code. Nothing is copied, and the process never asks for executable memory. So it also runs on
//! systems that forbid such requests.

#![allow(
    unsafe_code,
    reason = "Wasmtime cannot tell that compiled code is what its compiler made"
)]

use crate::sandbox::engine;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

/// `epicac.wasm` itself, as it is released.
pub const WASM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/epicac.wasm"));

/// The SHA-256 digest of [`WASM`], in hexadecimal.
pub const WASM_SHA256: &str = env!("EPICAC_COMPONENT_SHA256");

/// The component, ready to be instantiated. It is loaded once a process.
pub(crate) fn component() -> Result<Component> {
    static COMPONENT: OnceLock<Result<Component, String>> = OnceLock::new();
    let loaded = COMPONENT.get_or_init(|| load().map_err(|error| format!("{error:#}")));
    loaded.clone().map_err(wasmtime::Error::msg)
}

#[cfg(target_os = "linux")]
fn load() -> Result<Component> {
    use std::ptr::NonNull;
    use std::sync::Arc;

    let mut config = engine::config(env!("EPICAC_TARGET"))?;
    config.with_custom_code_memory(Some(Arc::new(section::AlreadyExecutable)));
    let engine = Engine::new(&config)?;
    // SAFETY: the bytes are what this crate's build script got from `Engine::precompile_component`
    // under the same configuration and the same version of Wasmtime. They live as long as the process,
    // and the mapping that holds them cannot be written.
    unsafe { Component::deserialize_raw(&engine, NonNull::from(section::compiled())) }
}

#[cfg(not(target_os = "linux"))]
fn load() -> Result<Component> {
    const COMPILED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/epicac.cwasm"));
    let engine = Engine::new(&engine::config(env!("EPICAC_TARGET"))?)?;
    // SAFETY: the bytes are what this crate's build script got from `Engine::precompile_component`
    // under the same configuration and the same version of Wasmtime.
    unsafe { Component::deserialize(&engine, COMPILED) }
}

#[cfg(target_os = "linux")]
mod section {
    use wasmtime::{CustomCodeMemory, Result};

    /// The largest size of a page, to which Wasmtime aligns compiled code.
    const ALIGNMENT: usize = if cfg!(target_arch = "x86_64") {
        4 << 10
    } else {
        64 << 10
    };

    // `a`: part of the running program, `x`: executable; not `w`.
    std::arch::global_asm!(
        ".pushsection .epicac.component, \"ax\", @progbits",
        ".balign {alignment}",
        ".globl epicac_component_start",
        ".hidden epicac_component_start",
        "epicac_component_start:",
        concat!(".incbin \"", env!("OUT_DIR"), "/epicac.cwasm\""),
        ".globl epicac_component_end",
        ".hidden epicac_component_end",
        "epicac_component_end:",
        ".balign {alignment}",
        ".popsection",
        alignment = const ALIGNMENT,
    );

    unsafe extern "C" {
        static epicac_component_start: u8;
        static epicac_component_end: u8;
    }

    /// The compiled component.
    pub(super) fn compiled() -> &'static [u8] {
        let start = &raw const epicac_component_start;
        let end = &raw const epicac_component_end;
        // SAFETY: both symbols are labels around the bytes of one section, the second one after the
        // first, and the section is mapped, initialised and unchanged for as long as the process runs.
        unsafe { std::slice::from_raw_parts(start, end.addr() - start.addr()) }
    }

    /// Code that the kernel has made executable before the program began.
    pub(super) struct AlreadyExecutable;

    impl CustomCodeMemory for AlreadyExecutable {
        fn required_alignment(&self) -> usize {
            1
        }

        fn publish_executable(&self, _: *const u8, _: usize) -> Result<()> {
            Ok(())
        }

        fn unpublish_executable(&self, _: *const u8, _: usize) -> Result<()> {
            Ok(())
        }
    }
}
