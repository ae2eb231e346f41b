//! What a new user takes from here: the image, `deploy/`, the workflows of a release, and every snippet of the
//! documentation.
//!
//! There is no cluster, no container engine and no account here. What decides is the code of those who would decide
//! there: see `../judge`. The set-up is that of `cargo xtask test adopt`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod admission;
mod completions;
mod image;
mod kubernetes;
mod messages;
mod pod;
mod root;
mod snippets;
mod terraform;
mod workflows;
