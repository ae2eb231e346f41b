//! `cargo xtask dist`: the files of a release.

use std::fs;

use crate::steps::Steps;
use crate::workspace::{Workspace, musl_target};
use crate::{Result, process, product, sbom, setup};

/// Writes `dist/epicac`, `dist/epicac.wasm`, their bill of materials and `dist/SHA256SUMS`.
///
/// The binary is the static one: one file that runs in an image with nothing else in it.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut steps = Steps::default();
    let musl = musl_target();
    steps.step("Rust targets", || {
        setup::targets(&[setup::WASM_TARGET, &musl])
    })?;
    let wasm = steps.step("epicac.wasm", || product::component(workspace))?;
    let host = steps.step(&format!("epicac, static ({musl})"), || {
        product::static_host(workspace)
    })?;

    let dist = workspace.root.join("dist");
    steps.step("dist/", || {
        let files = [("epicac", &host), ("epicac.wasm", &wasm)];
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
        sums.push_str(&sbom::write(workspace, &dist, &musl, &sums)?);
        let file = dist.join("SHA256SUMS");
        fs::write(&file, sums).map_err(|error| format!("cannot write {}: {error}", file.display()))
    })?;
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
