//! `cargo xtask fuzz`: many more inputs than a test has time for, from the models of the rules that guard secrets
//! (host/tests/models), and from the fuzzer.

use crate::workspace::Workspace;
use crate::{Result, file, process};

/// Inputs of each model.
const CASES: &str = "1000000";
/// Seconds of each target of the fuzzer.
const SECONDS: u32 = 300;

/// Runs the models, and the targets of fuzz/ if there is cargo-fuzz, which needs a nightly toolchain.
pub fn run(workspace: &Workspace) -> Result<()> {
    let mut cargo = workspace.cargo_test();
    cargo.args(["--lib", "models::"]);
    cargo.env("PROPTEST_CASES", CASES);
    // The models and what they compare are optimized; Wasmtime stays as the other tests have it.
    for name in ["epicac", "epicac-component", "proptest"] {
        cargo.arg(format!("--config=profile.dev.package.{name}.opt-level=2"));
    }
    process::run(&mut cargo)?;
    if process::find("cargo-fuzz").is_none() {
        println!("skipped: the fuzzer: `cargo install cargo-fuzz` brings it");
        return Ok(());
    }
    for target in file::names(&workspace.root.join("fuzz/fuzz_targets"))? {
        let target = target.trim_end_matches(".rs");
        let seconds = format!("-max_total_time={SECONDS}");
        let mut cargo = process::command("cargo");
        cargo.args(["+nightly", "fuzz", "run", target, "--", &seconds]);
        process::run(cargo.current_dir(&workspace.root))?;
    }
    Ok(())
}
