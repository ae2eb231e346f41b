//! The bindings of the world, generated from `wit/`.

#![allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    clippy::undocumented_unsafe_blocks
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "epicac",
    generate_all,
});

export!(Component with_types_in self);

/// What the exports are implemented for.
pub struct Component;
