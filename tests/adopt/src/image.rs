//! epicac's own image, and what it is built of.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use crate::place;

/// The engine's names of the platforms, and Rust's of their processors.
pub const PLATFORMS: [(&str, &str); 2] = [("amd64", "x86_64"), ("arm64", "aarch64")];

/// That of this machine.
#[must_use]
pub fn own_platform() -> (&'static str, &'static str) {
    let own = |(_, architecture): &(&str, &str)| *architecture == std::env::consts::ARCH;
    PLATFORMS.into_iter().find(own).expect("an image for here")
}

/// What the Dockerfile copies. `None` means that the test is skipped.
#[must_use]
pub fn context() -> Option<TempDir> {
    let context = tempfile::tempdir().expect("a folder can be made");
    for (_, architecture) in PLATFORMS {
        let program = place::static_epicac(architecture)?;
        copy(
            &program,
            context.path(),
            &format!("dist/epicac-{architecture}"),
        );
    }
    let image = context.path().join("deploy/image");
    fs::create_dir_all(&image).expect("a folder can be made");
    let name = fs::read_link(place::repository("deploy/image/sh")).expect("it is a link");
    symlink(name, image.join("sh")).expect("a link can be made");
    Some(context)
}

/// Copies a file into a context.
pub fn copy(from: &Path, context: &Path, to: &str) {
    let to = context.join(to);
    fs::create_dir_all(to.parent().expect("it has a folder")).expect("a folder can be made");
    fs::copy(from, to).expect("the file can be copied");
}
