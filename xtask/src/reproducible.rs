//! Same source, same toolchain: same bytes of `epicac.wasm`, from any folder. What a reviewer has built
//! is then what the digest names.

use std::path::{Path, PathBuf};
use std::{env, fs, process as this};

use crate::workspace::Workspace;
use crate::{Result, component, file, product};

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
        for source in SOURCES {
            copy_tree(&workspace.root.join(source), &copy.folder.join(source))?;
        }
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("xtask: {} stays behind: {error}", self.folder.display());
        }
    }
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    if !from.is_dir() {
        return file::copy(from, to);
    }
    let why = |error| format!("cannot read {}: {error}", from.display());
    for entry in fs::read_dir(from).map_err(why)? {
        let name = entry.map_err(why)?.file_name();
        // What was built in there is not a source.
        if name == "target" {
            continue;
        }
        copy_tree(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}
