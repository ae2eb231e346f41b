//! The real flow: the SDKs that people use, with nothing but a pod's environment and an AWS config.
//!
//! profile `dest_role` → `source_profile` → `credential_process` → `sts:AssumeRole` → a call in the other
//! account, against moto as AWS and the stand-in agent as EKS. The set-up is that of `cargo xtask test`,
//! which is why the target is behind the feature `real-flow`: a plain `cargo test` could not do it.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod aws;
mod empty_root;
mod paths;
mod pod;
mod roles;
mod sdks;
