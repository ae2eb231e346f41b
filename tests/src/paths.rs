//! Where the things lie that the real flow is made of, as `cargo xtask test` says or leaves them by default, and what is
//! in a folder.

#![allow(clippy::expect_used, reason = "these are helpers of tests")]

use std::path::{Path, PathBuf};
use std::{env, fs};

use crate::require::skipped;

/// The program under test: the static one of a release, for this processor.
pub fn epicac() -> Option<PathBuf> {
    let built = static_program(env::consts::ARCH);
    existing("EPICAC", &built, "cargo xtask test behaviour")
}

/// The static program for a processor, by the name that Rust has for it.
pub fn static_epicac_for(architecture: &str) -> Option<PathBuf> {
    existing(
        &format!("EPICAC_{}", architecture.to_uppercase()),
        &static_program(architecture),
        "cargo xtask test real processors",
    )
}

/// Where the static program for this processor is built.
pub fn static_epicac_path() -> PathBuf {
    target().join(static_program(env::consts::ARCH))
}

/// The same for a processor, in the target folder.
fn static_program(architecture: &str) -> String {
    format!("{architecture}-unknown-linux-musl/release/epicac")
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

/// The component.
pub fn wasm() -> Option<PathBuf> {
    existing("EPICAC_WASM", "epicac.wasm", "cargo xtask test behaviour")
}

/// The wasmtime CLI.
pub fn wasmtime() -> Option<PathBuf> {
    existing(
        "EPICAC_WASMTIME",
        "tools/bin/wasmtime",
        "cargo xtask setup wasmtime",
    )
}

/// A program of the virtual environment for Python.
pub fn in_venv(program: &str) -> Option<PathBuf> {
    let venv = existing("EPICAC_VENV", "venv", "cargo xtask setup venv")?;
    Some(venv.join("bin").join(program))
}

/// What the variable names, or else what lies at `default` in the target folder; `None` means that the
/// test is skipped.
pub fn existing(variable: &str, default: &str, made_by: &str) -> Option<PathBuf> {
    let path = match env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => target().join(default),
    };
    if path.exists() {
        return Some(path);
    }
    skipped(&format!(
        "there is no {}: `{made_by}` makes it",
        path.display()
    ));
    None
}

/// The names in a folder, sorted. Panics where it cannot be listed.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder can be listed");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("the folder can be listed").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
