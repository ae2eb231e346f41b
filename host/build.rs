//! Builds `epicac.wasm`, compiles it ahead of time for the host's target, and leaves both to be
//! embedded: the process that runs the component holds no compiler.

#[path = "build/component.rs"]
mod component;
#[path = "src/engine.rs"]
mod engine;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match embed() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn embed() -> Result<(), Box<dyn Error>> {
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    let manifest_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = manifest_dir.parent().ok_or("the host has no workspace")?;
    let target = env::var("TARGET")?;

    for path in [
        "component/Cargo.toml",
        "component/build.rs",
        "component/src",
        "wit",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    for path in ["build.rs", "build", "src/engine.rs"] {
        println!(
            "cargo::rerun-if-changed={}",
            manifest_dir.join(path).display()
        );
    }

    let wasm = fs::read(component::build(workspace, &out_dir.join("component"))?)?;
    let engine = wasmtime::Engine::new(&engine::config(&target)?)?;
    let compiled = engine.precompile_component(&wasm)?;

    write(&out_dir.join("epicac.wasm"), &wasm)?;
    write(&out_dir.join("epicac.cwasm"), &compiled)?;
    println!("cargo::rustc-env=EPICAC_TARGET={target}");
    println!("cargo::rustc-env=EPICAC_COMPONENT_SHA256={}", sha256(&wasm));
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
