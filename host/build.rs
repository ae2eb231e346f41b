//! Builds `epicac.wasm`, compiles it ahead of time for the host's target, and leaves both to be
//! embedded: the process that runs the component holds no compiler.
//!
//! The published crate has no sources of the component beside it, and whoever builds it need not have the
//! component's target: there the `epicac.wasm` of the release lies in the crate itself, put there by
//! `cargo xtask package`.

#[path = "build/component.rs"]
mod component;
#[path = "src/sandbox/engine.rs"]
mod engine;
#[cfg(target_os = "linux")]
#[path = "build/filter.rs"]
mod filter;
#[path = "build/imports.rs"]
mod imports;

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The system calls that are allowed behind the wall.
const CALLS: &str = "src/wall/calls.json";

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

    for path in ["build.rs", "build", "src/sandbox/engine.rs", CALLS] {
        println!(
            "cargo::rerun-if-changed={}",
            manifest_dir.join(path).display()
        );
    }

    let wasm = if workspace.join("wit/world.wit").is_file() {
        fs::read(from_sources(workspace, &out_dir)?)?
    } else {
        released(&manifest_dir)?
    };
    let engine = wasmtime::Engine::new(&engine::config(&target)?)?;
    let compiled = engine.precompile_component(&wasm)?;

    write(&out_dir.join("epicac.wasm"), &wasm)?;
    write(&out_dir.join("epicac.cwasm"), &compiled)?;
    write(
        &out_dir.join("epicac.imports"),
        imports::of(&wasm)?.as_bytes(),
    )?;
    #[cfg(target_os = "linux")]
    if env::var("CARGO_CFG_TARGET_OS")? == "linux" {
        let calls = fs::read_to_string(manifest_dir.join(CALLS))?;
        let filter = filter::source(&calls, &env::var("CARGO_CFG_TARGET_ARCH")?)
            .map_err(|error| format!("{CALLS}: {error}"))?;
        write(&out_dir.join("filter.rs"), filter.as_bytes())?;
    }
    println!("cargo::rustc-env=EPICAC_TARGET={target}");
    println!("cargo::rustc-env=EPICAC_COMPONENT_SHA256={}", sha256(&wasm));
    Ok(())
}

/// Builds the component, and has cargo watch what it is built of.
fn from_sources(workspace: &Path, out_dir: &Path) -> Result<PathBuf, String> {
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
    component::build(workspace, &component_dir(out_dir))
}

/// The component that travels in the published crate.
fn released(manifest_dir: &Path) -> Result<Vec<u8>, String> {
    let file = manifest_dir.join("epicac.wasm");
    println!("cargo::rerun-if-changed={}", file.display());
    fs::read(&file).map_err(|error| {
        format!(
            "{}: {error}: the crate lacks its component, and the sources of the component are not beside it (build in a clone of the repository, or take the crate from its registry)",
            file.display()
        )
    })
}

/// Where cargo builds the component: one folder for all profiles and targets of the host, since the
/// component is the same for each of them. Cargo marks its target folder with the tag of a cache.
fn component_dir(out_dir: &Path) -> PathBuf {
    let target_dir = out_dir
        .ancestors()
        .find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target_dir.unwrap_or(out_dir).join("component")
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
