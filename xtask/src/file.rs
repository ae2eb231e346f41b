//! Files: read, written, copied and summed, with errors that name them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::{Result, process};

/// The text of a file.
pub fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

/// The names in a folder, in their order.
pub fn names(folder: &Path) -> Result<Vec<String>> {
    let why = |error| format!("cannot list {}: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(why)? {
        names.push(
            entry
                .map_err(why)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}

/// Writes a file, and makes the folder for it.
pub fn write(file: &Path, text: &str) -> Result<()> {
    make_folder_of(file)?;
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

/// Copies a file, permissions included, and makes the folder for it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    make_folder_of(to)?;
    let (from_name, to_name) = (from.display(), to.display());
    fs::copy(from, to)
        .map(drop)
        .map_err(|error| format!("cannot copy {from_name} to {to_name}: {error}"))
}

/// Makes a symbolic link, in the place of an older one.
pub fn link(to: &Path, link: &Path) -> Result<()> {
    make_folder_of(link)?;
    if link.is_symlink() {
        fs::remove_file(link)
            .map_err(|error| format!("cannot remove {}: {error}", link.display()))?;
    }
    symlink(to, link).map_err(|error| format!("cannot make {}: {error}", link.display()))
}

/// Removes a folder, if it is there, with all that is in it.
pub fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The size of a file in bytes.
pub fn size(file: &Path) -> Result<u64> {
    let metadata = fs::metadata(file);
    let metadata = metadata.map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(metadata.len())
}

/// The SHA-256 of a file, in hexadecimal, by coreutils.
pub fn sha256(file: &Path) -> Result<String> {
    let line = process::capture(process::command("sha256sum").arg("--").arg(file))?;
    let digest = line.split_whitespace().next().unwrap_or_default();
    Ok(digest.trim_start_matches('\\').to_owned())
}

fn make_folder_of(file: &Path) -> Result<()> {
    make_folder(file.parent().unwrap_or(file))
}

/// Makes a folder, and those above it.
pub fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))
}
