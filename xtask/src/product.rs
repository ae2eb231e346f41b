//! Building what is shipped and what the tests run. Each cargo call builds one thing: built together,
//! features would be unified, and the host would get Wasmtime's compiler.

use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::Architecture;
use crate::workspace::Workspace;
use crate::{Result, component, process};

/// The native host, `target/release/epicac`.
pub fn host(workspace: &Workspace) -> Result<PathBuf> {
    process::run(&mut workspace.cargo(["build", "--locked", "--release", "--package", "epicac"]))?;
    built(workspace.target.join("release/epicac"))
}

/// The native host as one static file, for the given processor.
pub fn static_host(workspace: &Workspace, architecture: &Architecture) -> Result<PathBuf> {
    static_host_with(workspace, architecture, &[])?;
    built(static_host_path(workspace, architecture))
}

/// Where [`static_host`] puts it.
pub fn static_host_path(workspace: &Workspace, architecture: &Architecture) -> PathBuf {
    workspace
        .target
        .join(architecture.target)
        .join("release/epicac")
}

/// A variant of the static host that is never shipped, built with more options of rustc and kept as
/// `variant`. What it depends on is not built again; the host itself is, if it is not there.
pub fn static_variant(workspace: &Workspace, rustc_options: &[&str], variant: &Path) -> Result<()> {
    let architecture = Architecture::own()?;
    static_host_with(workspace, architecture, rustc_options)?;
    // Cargo gives every variant the same name: this one makes way for the one that is shipped.
    let built = static_host_path(workspace, architecture);
    copy(&built, variant)?;
    static_host(workspace, architecture).map(drop)
}

fn static_host_with(
    workspace: &Workspace,
    architecture: &Architecture,
    rustc_options: &[&str],
) -> Result<()> {
    let mut cargo = workspace.cargo(["rustc", "--locked", "--release", "--package", "epicac"]);
    cargo.args(["--bin", "epicac", "--target", architecture.target]);
    cargo.arg("--");
    architecture.complete(&mut cargo)?;
    process::run(cargo.args(rustc_options))
}

/// The component, `target/epicac.wasm`: the bytes that the host has embedded.
pub fn component(workspace: &Workspace) -> Result<PathBuf> {
    let built = component::build(&workspace.root, &workspace.target.join("component"))?;
    let wasm = workspace.target.join("epicac.wasm");
    copy(&built, &wasm)?;
    Ok(wasm)
}

/// The man pages and the completions of shells, in `target/manual`.
pub fn manual(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("manual");
    let mut cargo = workspace.cargo(["run", "--locked", "--package", "epicac"]);
    process::run(cargo.args(["--example", "manual", "--"]).arg(&folder))?;
    Ok(folder)
}

/// The stand-in for the EKS Pod Identity Agent.
pub fn agent(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo([
        "build",
        "--locked",
        "--release",
        "--package",
        "epicac-tests",
    ]);
    process::run(cargo.args(["--bin", "stand-in-agent"]))?;
    built(workspace.target.join("release/stand-in-agent"))
}

/// Fails when a host does not say of itself that it holds the component whose digest is given.
pub fn check_embedded(host: &Path, wasm: &Path) -> Result<()> {
    let version = process::capture(process::command(host).arg("--version"))?;
    let digest = sha256(wasm)?;
    let expected = format!("component sha256:{digest}");
    if version.lines().nth(1) == Some(&*expected) {
        println!(
            "  {} holds {} (sha256 {digest})",
            host.display(),
            wasm.display()
        );
        Ok(())
    } else {
        Err(format!(
            "{} holds another component than {}: it says `{version}`, not `{expected}`",
            host.display(),
            wasm.display()
        ))
    }
}

/// Whether a host has this digest of its component in it, which `epicac --version` shows.
pub fn names_digest(host: &Path, digest: &str) -> Result<bool> {
    let bytes =
        fs::read(host).map_err(|error| format!("cannot read {}: {error}", host.display()))?;
    Ok(bytes
        .windows(digest.len())
        .any(|window| window == digest.as_bytes()))
}

/// The SHA-256 of a file, in hexadecimal, by coreutils.
pub fn sha256(file: &Path) -> Result<String> {
    let line = process::capture(process::command("sha256sum").arg("--").arg(file))?;
    line.split_whitespace()
        .next()
        .map(|digest| digest.trim_start_matches('\\').to_owned())
        .ok_or_else(|| format!("sha256sum printed nothing for {}", file.display()))
}

/// Copies a file, permissions included, and makes the folder for it.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let why = |error| {
        format!(
            "cannot copy {} to {}: {error}",
            from.display(),
            to.display()
        )
    };
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(why)?;
    }
    fs::copy(from, to).map(drop).map_err(why)
}

/// The size of a file in bytes.
pub fn size(file: &Path) -> Result<u64> {
    let metadata =
        fs::metadata(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    Ok(metadata.len())
}

fn built(file: PathBuf) -> Result<PathBuf> {
    if file.is_file() {
        Ok(file)
    } else {
        Err(format!("cargo built no {}", file.display()))
    }
}
