//! Where things lie.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Result, process};

/// The folders that the chores work in.
pub struct Workspace {
    /// The root: the folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds, as it was told by `CARGO_TARGET_DIR` or by default.
    pub target: PathBuf,
}

impl Workspace {
    pub fn locate() -> Result<Self> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = own.parent().ok_or("xtask has no workspace")?.to_owned();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder)
                .map_err(|error| format!("there is no current folder: {error}"))?,
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// Cargo, in the root of the workspace.
    pub fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut cargo = process::command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root).args(arguments);
        cargo
    }

    /// `cargo test` on the whole workspace with all features, whatever targets are chosen by more arguments: another choice of
    /// packages has other features, with which Wasmtime is built once again.
    pub fn cargo_test(&self) -> Command {
        self.cargo(["test", "--locked", "--workspace", "--all-features"])
    }

    /// Where tools are installed: `EPICAC_TOOLS`, so that CI builds them once, or a folder of this workspace.
    pub fn tools(&self) -> PathBuf {
        env::var_os("EPICAC_TOOLS").map_or_else(|| self.target.join("tools"), PathBuf::from)
    }
}

/// Whether this is a CI run, in which nothing may be missing.
pub fn in_ci() -> bool {
    env::var_os("CI").is_some_and(|value| value == "true")
}
