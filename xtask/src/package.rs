//! `cargo xtask package`: the crates as they are published, with the component inside.

use std::path::PathBuf;

use crate::workspace::Workspace;
use crate::{Result, file, process, product, setup};

/// The version of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Puts `epicac.wasm` beside the host's manifest, packages the crates without building them, and checks that
/// the package of the host holds the same component, and `wit/`, which the bindings are generated from. Gives the files
/// with their names.
///
/// What is packaged builds without the component's sources and target; to see that takes a build of Wasmtime:
/// `cargo package --package epicac-component --package epicac` does it.
pub fn run(workspace: &Workspace) -> Result<Vec<(String, PathBuf)>> {
    setup::targets(&[setup::WASM_TARGET])?;
    let wasm = product::component(workspace)?;
    file::copy(&wasm, &workspace.root.join("host/epicac.wasm"))?;
    let mut cargo = workspace.cargo(["package", "--locked", "--no-verify", "--allow-dirty"]);
    process::run(cargo.args(["--package", "epicac-component", "--package", "epicac"]))?;

    let name = format!("epicac-{VERSION}");
    let folder = workspace.target.join("package");
    let mut tar = process::command("tar");
    tar.current_dir(&folder)
        .args(["--extract", "--gzip", "--file"])
        .arg(format!("{name}.crate"))
        .arg(format!("{name}/epicac.wasm"))
        .arg(format!("{name}/wit/world.wit"));
    process::run(&mut tar)?;
    let packaged = folder.join(&name).join("epicac.wasm");
    process::run(process::command("cmp").arg(&wasm).arg(packaged))?;
    let files = ["epicac", "epicac-component"].map(|crate_name| {
        let file = format!("{crate_name}-{VERSION}.crate");
        let path = folder.join(&file);
        (file, path)
    });
    Ok(files.to_vec())
}
