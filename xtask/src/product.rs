//! Builds the files of a release and the programs of the tests. Each call of cargo builds one thing: in one call cargo
//! would unify the features, and the host would get Wasmtime's compiler.

use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::file::{copy, sha256};
use crate::workspace::{Workspace, in_ci};
use crate::{Result, component, process};

/// The native host, `target/release/epicac`.
pub fn host(workspace: &Workspace) -> Result<PathBuf> {
    process::run(&mut workspace.cargo(["build", "--locked", "--release", "--package", "epicac"]))?;
    built(workspace.target.join("release/epicac"))
}

/// The native host as one static file, for the given processor.
pub fn static_host(workspace: &Workspace, architecture: &Architecture) -> Result<PathBuf> {
    let mut cargo = workspace.cargo(["rustc", "--locked", "--release", "--package", "epicac"]);
    cargo.args(["--bin", "epicac", "--target", architecture.target]);
    cargo.arg("--");
    architecture.complete(&mut cargo, workspace)?;
    process::run(&mut cargo)?;
    built(static_host_path(workspace, architecture))
}

/// The static host for each processor of a release. One that cannot be built on somebody's own machine is named and left
/// out; in CI that is a failure.
pub fn static_hosts(workspace: &Workspace) -> Result<Vec<(&'static Architecture, PathBuf)>> {
    let mut hosts = Vec::new();
    for architecture in &ARCHITECTURES {
        match architecture.require() {
            Err(why) if !in_ci() => println!("  missing: {why}"),
            required => {
                required?;
                hosts.push((architecture, static_host(workspace, architecture)?));
            }
        }
    }
    Ok(hosts)
}

/// Where [`static_host`] puts it.
pub fn static_host_path(workspace: &Workspace, architecture: &Architecture) -> PathBuf {
    let folder = workspace.target.join(architecture.target);
    folder.join("release/epicac")
}

/// The component, `target/epicac.wasm`: the bytes that the host has embedded.
pub fn component(workspace: &Workspace) -> Result<PathBuf> {
    let built = component::build(&workspace.root, &workspace.target.join("component"))?;
    let wasm = workspace.target.join("epicac.wasm");
    copy(&built, &wasm)?;
    Ok(wasm)
}

/// The man pages and the completions of shells, in `target/manual`. The whole workspace and all features are chosen as in
/// the tests, so that Wasmtime is not compiled again.
pub fn manual(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("manual");
    let options = [
        "build",
        "--locked",
        "--workspace",
        "--all-features",
        "--example",
        "manual",
    ];
    process::run(&mut workspace.cargo(options))?;
    let program = workspace.target.join("debug/examples/manual");
    process::run(process::command(program).arg(&folder))?;
    Ok(folder)
}

/// The stand-in for the EKS Pod Identity Agent. It is compiled in a third of the time without optimizations.
pub fn agent(workspace: &Workspace, is_optimized: bool) -> Result<PathBuf> {
    let mut cargo = workspace.cargo(["build", "--locked", "--package", "epicac-tests"]);
    cargo.args(["--bin", "stand-in-agent"]);
    let folder = if is_optimized {
        cargo.arg("--release");
        "release"
    } else {
        "debug"
    };
    process::run(&mut cargo)?;
    built(workspace.target.join(folder).join("stand-in-agent"))
}

/// The same agent as the tests have built it, or would.
pub fn agent_of_tests(workspace: &Workspace) -> Result<PathBuf> {
    process::run(
        workspace
            .cargo_test()
            .args(["--no-run", "--test=real_flow"]),
    )?;
    built(workspace.target.join("debug/stand-in-agent"))
}

/// Fails when a host does not hold the digest of this component, which `epicac --version` shows. It is not run: it may be for
/// another processor.
pub fn check_embedded(host: &Path, wasm: &Path) -> Result<()> {
    let digest = sha256(wasm)?;
    let bytes = fs::read(host);
    let (host, wasm) = (host.display(), wasm.display());
    let bytes = bytes.map_err(|error| format!("cannot read {host}: {error}"))?;
    let mut windows = bytes.windows(digest.len());
    if windows.any(|window| window == digest.as_bytes()) {
        println!("  {host} holds {wasm} (sha256 {digest})");
        Ok(())
    } else {
        Err(format!(
            "{host} holds another component than {wasm} (sha256 {digest})"
        ))
    }
}

/// The same for the static host of this processor, as it was built last.
pub fn check_host(workspace: &Workspace) -> Result<()> {
    let host = static_host_path(workspace, Architecture::own()?);
    check_embedded(&host, &workspace.target.join("epicac.wasm"))
}

fn built(file: PathBuf) -> Result<PathBuf> {
    if file.is_file() {
        Ok(file)
    } else {
        Err(format!("cargo built no {}", file.display()))
    }
}
