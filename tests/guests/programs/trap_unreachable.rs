//! Traps.
#![no_std]

kit::guest!(|| -> kit::Outcome { core::arch::wasm32::unreachable() });
