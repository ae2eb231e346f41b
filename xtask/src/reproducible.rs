//! The same sources and toolchain give the same bytes of `epicac.wasm` in any folder. So a reviewer can build the
//! file and compare its digest.

use std::path::PathBuf;
use std::{env, fs, process as this};

use crate::workspace::Workspace;
use crate::{Result, component, file, process, product};

/// What a build of the component reads: its own sources, and every manifest of the workspace.
const SOURCES: [&str; 8] = [
    "Cargo.toml",
    "Cargo.lock",
    "clippy.toml",
    "component",
    "wit",
    "host",
    "tests",
    "xtask",
];

/// Builds the component here and in a copy of the sources elsewhere, and compares the bytes.
pub fn run(workspace: &Workspace) -> Result<()> {
    let here = product::component(workspace)?;
    let elsewhere = Copy::of(workspace)?;
    let there = component::build(&elsewhere.folder, &elsewhere.folder.join("built"))?;

    let (one, other) = (file::sha256(&here)?, file::sha256(&there)?);
    println!(
        "  {one}  {}\n  {other}  {}",
        here.display(),
        there.display()
    );
    if one == other {
        Ok(())
    } else {
        // Kept: the difference is what one wants to look at next.
        let kept = workspace.target.join("epicac-from-another-folder.wasm");
        file::copy(&there, &kept)?;
        Err(format!(
            "two folders gave different bytes: compare {} and {}",
            here.display(),
            kept.display()
        ))
    }
}

/// A copy of the sources in a temporary folder, which goes when this does.
pub struct Copy {
    pub folder: PathBuf,
}

impl Copy {
    pub fn of(workspace: &Workspace) -> Result<Self> {
        let folder = env::temp_dir().join(format!("epicac-from-another-folder-{}", this::id()));
        let copy = Self { folder };
        fs::create_dir_all(&copy.folder)
            .map_err(|error| format!("cannot make {}: {error}", copy.folder.display()))?;
        let mut cp = process::command("cp");
        cp.args(["--recursive", "--dereference"]).args(SOURCES);
        process::run(cp.arg(&copy.folder).current_dir(&workspace.root))?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(why) = file::remove(&self.folder) {
            eprintln!("xtask: {why}");
        }
    }
}
