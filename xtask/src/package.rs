//! `cargo xtask package`: the crates as they are published, with the component inside.

use std::fs;
use std::path::Path;

use crate::setup;
use crate::workspace::Workspace;
use crate::{Result, process, product};

/// The crates that are published, in the order in which they depend on each other.
const CRATES: [&str; 2] = ["epicac-component", "epicac"];

/// Puts `epicac.wasm` beside the host's manifest, packages the crates without building them, and checks that
/// the package of the host holds the component, byte by byte.
///
/// What is packaged builds without the component's sources and target; to see that takes a build of Wasmtime:
/// `cargo package --package epicac-component --package epicac` does it.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::targets(&[setup::WASM_TARGET])?;
    let wasm = product::component(workspace)?;
    product::copy(&wasm, &workspace.root.join("host/epicac.wasm"))?;

    let mut cargo = workspace.cargo(["package", "--locked", "--no-verify", "--allow-dirty"]);
    for name in CRATES {
        cargo.args(["--package", name]);
    }
    process::run(&mut cargo)?;
    holds(workspace, &wasm)
}

/// Fails when the packaged host has another component in it than `wasm`, or none, or no `wit/`.
fn holds(workspace: &Workspace, wasm: &Path) -> Result<()> {
    let name = format!("epicac-{}", version(workspace)?);
    let package = workspace.target.join(format!("package/{name}.crate"));
    let unpacked = workspace.target.join("package/unpacked");
    fs::create_dir_all(&unpacked)
        .map_err(|error| format!("cannot make {}: {error}", unpacked.display()))?;
    process::run(
        process::command("tar")
            .arg("--extract")
            .arg("--gzip")
            .arg("--file")
            .arg(&package)
            .arg("--directory")
            .arg(&unpacked)
            .arg(format!("{name}/epicac.wasm"))
            // The bindings of `provider` are generated from it.
            .arg(format!("{name}/wit/world.wit")),
    )?;
    let packaged = product::sha256(&unpacked.join(&name).join("epicac.wasm"))?;
    let built = product::sha256(wasm)?;
    println!("  {packaged}  {}", package.display());
    if packaged == built {
        Ok(())
    } else {
        Err(format!(
            "{} holds another component than {}: {packaged}, not {built}",
            package.display(),
            wasm.display()
        ))
    }
}

/// The version of the workspace.
fn version(workspace: &Workspace) -> Result<String> {
    let id = process::capture(&mut workspace.cargo(["pkgid", "--package", "epicac"]))?;
    id.rsplit(['#', '@'])
        .next()
        .map(str::to_owned)
        .ok_or_else(|| format!("cargo names the package `{id}`"))
}
