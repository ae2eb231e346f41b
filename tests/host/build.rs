//! Compiles epicac.wasm ahead of time: with a compiler in this crate, the native host would have it too
//! when both are built in one cargo call.

#[path = "../../host/build/component.rs"]
mod component;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn compile() -> Result<(), Box<dyn Error>> {
    for path in [
        "build.rs",
        "../../component",
        "../../wit",
        "../../host/build",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    let manifest_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = manifest_dir.join("../..").canonicalize()?;
    // The one folder that the host's build script uses, too.
    let target_dir = out_dir
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file())
        .unwrap_or(Path::new(&out_dir));
    let wasm = fs::read(component::build(&root, &target_dir.join("component"))?)?;
    let mut config = wasmtime::Config::new();
    config.target(&env::var("TARGET")?)?;
    let compiled = wasmtime::Engine::new(&config)?.precompile_component(&wasm)?;
    fs::write(out_dir.join("epicac.cwasm"), compiled)?;
    Ok(())
}
