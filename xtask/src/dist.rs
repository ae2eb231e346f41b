//! `cargo xtask dist`: the files of a release.

use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::setup::{self, Part};
use crate::steps::Steps;
use crate::workspace::{Workspace, in_ci};
use crate::{Result, process, product, sbom};

/// Writes the static binary of each processor, `dist/epicac` for this machine, `dist/epicac.wasm`, the man
/// pages and the completions of shells, their bill of materials, and `dist/SHA256SUMS`.
///
/// A static binary is one file that runs in an image with nothing else in it. One for another processor
/// that cannot be built here is left out, which is said; in CI it is a failure.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    steps.step("Set-up", || {
        setup::run(workspace, &[Part::Targets, Part::Packages])
    })?;
    let wasm = steps.step("epicac.wasm", || product::component(workspace))?;
    let mut files = vec![("epicac.wasm".to_owned(), wasm.clone())];
    for architecture in &ARCHITECTURES {
        if let Some(host) = binary(workspace, architecture, &wasm, &mut steps)? {
            files.push((format!("epicac-{}", architecture.name), host.clone()));
            if architecture.is_own() {
                files.push(("epicac".to_owned(), host));
            }
        }
    }
    for folder in ["completions", "man"] {
        files.extend(manual(workspace, folder)?);
    }
    files.sort();

    let dist = workspace.root.join("dist");
    steps.step("dist/", || write(workspace, &dist, &files))?;
    steps.step("Checks", || {
        product::check_embedded(&dist.join("epicac"), &dist.join("epicac.wasm"))?;
        process::run(
            process::command("sha256sum")
                .args(["--check", "SHA256SUMS"])
                .current_dir(&dist),
        )
    })?;
    steps.print_times();
    Ok(())
}

/// The binary for one processor; `None` when it cannot be built here and may be missing.
fn binary(
    workspace: &Workspace,
    architecture: &Architecture,
    wasm: &Path,
    steps: &mut Steps,
) -> Result<Option<PathBuf>> {
    if let Err(why) = architecture.require() {
        if in_ci() {
            return Err(why);
        }
        println!("\nskipped: dist/epicac-{}: {why}", architecture.name);
        return Ok(None);
    }
    steps.step(&format!("epicac, static ({})", architecture.target), || {
        let host = product::static_host(workspace, architecture)?;
        // One for another processor cannot be asked which component it holds.
        if product::names_digest(&host, &product::sha256(wasm)?)? {
            Ok(Some(host))
        } else {
            Err(format!(
                "{} holds another component than {}",
                host.display(),
                wasm.display()
            ))
        }
    })
}

/// The files of a folder in docs/, which a test of the host holds to its arguments: for the folder of the same
/// name in dist/.
fn manual(workspace: &Workspace, folder: &str) -> Result<Vec<(String, PathBuf)>> {
    let path = workspace.root.join("docs").join(folder);
    let why = |error| format!("cannot read {}: {error}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&path).map_err(why)? {
        let entry = entry.map_err(why)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.push((format!("{folder}/{name}"), entry.path()));
    }
    Ok(files)
}

/// Makes the folder anew, so that nothing of an older release is in it, with these files and their digests.
fn write(workspace: &Workspace, dist: &Path, files: &[(String, PathBuf)]) -> Result<()> {
    if dist.exists() {
        fs::remove_dir_all(dist)
            .map_err(|error| format!("cannot empty {}: {error}", dist.display()))?;
    }
    let mut sums = String::new();
    for (name, built) in files {
        let file = dist.join(name);
        product::copy(built, &file)?;
        let digest = product::sha256(&file)?;
        println!(
            "  {digest}  {:>9} bytes  dist/{name}",
            product::size(&file)?
        );
        sums.push_str(&format!("{digest}  {name}\n"));
    }
    let target = Architecture::own()?.target;
    sums.push_str(&sbom::write(workspace, dist, target, &sums)?);
    let file = dist.join("SHA256SUMS");
    fs::write(&file, sums).map_err(|error| format!("cannot write {}: {error}", file.display()))
}
