//! `cargo xtask mutants`: changes the product one place at a time, and tells which changes no test notices. What is
//! changed stands in `.cargo/mutants.toml`.

use crate::workspace::Workspace;
use crate::{Result, process, setup};

/// Runs cargo-mutants with these options of its own, such as `--in-diff FILE` or `--shard 1/8`.
pub fn run(workspace: &Workspace, options: &[&str]) -> Result<()> {
    setup::run(workspace, &["mutants"])?;
    let program = workspace.tools().join("bin/cargo-mutants");
    let mut mutants = process::command(program);
    mutants.current_dir(&workspace.root).arg("mutants");
    // The default is the host alone.
    if !options.contains(&"--package") {
        mutants.arg("--workspace");
    }
    mutants.arg("--output").arg(&workspace.target);
    // Each run copies the sources elsewhere. What they depend on is built once.
    mutants.env("CARGO_TARGET_DIR", workspace.target.join("mutants"));
    process::run(mutants.args(options))
}
