//! Where things lie, as `cargo xtask test` says or leaves it by default.

use std::path::{Path, PathBuf};

use epicac_tests::paths::existing;
pub use epicac_tests::paths::{in_venv, static_epicac_for as static_epicac};
use epicac_tests::require::skipped;

/// A file or folder of the repository.
#[must_use]
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

/// A program that `cargo xtask setup` has built. `None` means that the test is skipped.
#[must_use]
pub fn tool(name: &str) -> Option<PathBuf> {
    let folder = existing("EPICAC_TOOLS", "tools", "cargo xtask setup cluster")?;
    let file = folder.join("bin").join(name);
    if file.is_file() {
        return Some(file);
    }
    skipped(&format!(
        "there is no {}: `cargo xtask setup cluster` makes it",
        file.display()
    ));
    None
}

/// A folder of a Go module that `cargo xtask setup` has fetched: a chart, or the schema of Kyverno. `None` means that the test is
/// skipped.
#[must_use]
pub fn chart(name: &str) -> Option<PathBuf> {
    existing("EPICAC_TOOLS", "tools", "cargo xtask setup cluster")
        .map(|tools| tools.join("charts").join(name))
        .filter(|folder| {
            folder.is_dir() || {
                skipped(&format!("there is no {}", folder.display()));
                false
            }
        })
}

/// The folder with the man pages and the completions of shells. `None` means that the test is skipped.
#[must_use]
pub fn manual() -> Option<PathBuf> {
    existing("EPICAC_MANUAL", "manual", "cargo xtask test real documents")
}
