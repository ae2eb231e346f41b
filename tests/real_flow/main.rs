//! The static binary where a pod has nothing else. The SDKs themselves are ../sdks.
//!
//! The set-up is that of `cargo xtask test`, which is why the target is behind the feature `set-up`: a
//! plain `cargo test` could not do it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod empty_root;
