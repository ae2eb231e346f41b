//! Prints a document, and traps.
#![no_std]

kit::guest!(|| {
    kit::print(kit::DOCUMENT);
    core::arch::wasm32::unreachable();
});
