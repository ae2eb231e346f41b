//! The kernels: where Debian has them, and which layers of the wall each of them has. Included by xtask, which fetches them,
//! and by the tests, which run them. docs/policy.md shows the layers.
#![allow(
    dead_code,
    reason = "xtask reads where the kernels are, and the tests what they are"
)]

/// One kernel.
#[derive(Debug)]
pub struct Kernel {
    /// Of its file.
    pub name: &'static str,
    /// The processor, by the name that Rust has for it.
    pub architecture: &'static str,
    /// Debian's release and package.
    pub suite: &'static str,
    pub package: &'static str,
    /// The beginning of its release, as `uname -r` prints it.
    pub release: &'static str,
    pub page_size: usize,
    /// The layers of the wall that stand.
    pub layers: &'static [&'static str],
}

const WITHOUT_LANDLOCK: &[&str] = &["no_new_privs", "no_core_dumps", "system_calls"];
const WITHOUT_TCP: &[&str] = &["no_new_privs", "no_core_dumps", "files", "system_calls"];
const ALL: &[&str] = &[
    "no_new_privs",
    "no_core_dumps",
    "files",
    "tcp",
    "system_calls",
];

pub const KERNELS: [Kernel; 4] = [
    Kernel {
        name: "x86_64-5.10",
        architecture: "x86_64",
        suite: "bullseye",
        package: "linux-image-cloud-amd64",
        release: "5.10.",
        page_size: 4096,
        layers: WITHOUT_LANDLOCK,
    },
    Kernel {
        name: "x86_64-6.1",
        architecture: "x86_64",
        suite: "bookworm",
        package: "linux-image-cloud-amd64",
        release: "6.1.",
        page_size: 4096,
        layers: WITHOUT_TCP,
    },
    Kernel {
        name: "aarch64-6.12",
        architecture: "aarch64",
        suite: "trixie",
        package: "linux-image-cloud-arm64",
        release: "6.12.",
        page_size: 4096,
        layers: ALL,
    },
    Kernel {
        name: "aarch64-6.12-16k",
        architecture: "aarch64",
        suite: "trixie",
        package: "linux-image-arm64-16k",
        release: "6.12.",
        page_size: 16384,
        layers: ALL,
    },
];
