//! What a new user takes from here: the image and the Dockerfiles of the documentation in a container engine, the modules,
//! the workflows of a release, the completions of shells, and every snippet of the documentation.
//!
//! The manifests are tried in `../cluster`. The set-up is that of `cargo xtask test real`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod engine;
mod manual;
mod release;
mod snippets;
mod terraform;
mod workflows;
