//! `deploy/kubernetes` and the manifests of the documentation, on a real API server: etcd and kube-apiserver in
//! namespaces of their own, which `cargo xtask setup cluster` builds.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod admission;
mod annotations;
mod aws;
mod helm;
mod image_volume;
mod installed;
mod kyverno;
mod manifests;
mod node;
mod overlays;
mod page;
mod pod;
mod server;
mod sidecar;
mod token;
mod webhook;
