//! Builds the guests and compiles them ahead of time, as ../../host/build.rs does with epicac.wasm.

#[path = "../../host/src/sandbox/engine.rs"]
mod engine;

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const TARGET: &str = "wasm32-wasip2";

/// The component with most of the attacks.
const ATTACKS: &str = "attacks";

/// Stands in a guest that is no Rust for what makes a component of it.
const PROVIDER: &str = "  ;; kit/provider.wat\n";

type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={error}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<()> {
    for path in [
        "build.rs",
        "programs",
        "../../wit",
        "../../host/src/sandbox/engine.rs",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    let programs = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("programs");
    let built = components(&programs, &out_dir.join("programs"))?;

    let engine = wasmtime::Engine::new(&engine::config(&env::var("TARGET")?)?)?;
    let mut guests = String::from("&[\n");
    for (name, wasm) in sources(&programs, &built)? {
        let compiled = engine
            .precompile_component(&wasm)
            .map_err(|error| format!("{name}: {error:#}"))?;
        fs::write(out_dir.join(format!("{name}.cwasm")), compiled)?;
        writeln!(
            guests,
            "    ({name:?}, include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.cwasm\"))),"
        )?;
    }
    guests.push_str("]\n");
    fs::write(out_dir.join("guests.rs"), guests)?;
    Ok(())
}

/// The components of the programs in Rust are built; gives the folder that they are in.
fn components(programs: &Path, target_dir: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The outer cargo's settings are meant for another target, and a wrapper such as clippy's would
    // leave no file behind.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let is_setting = text.starts_with("CARGO_PROFILE_")
            || text.starts_with("CARGO_BUILD_")
            || text.starts_with("CARGO_FEATURE_")
            || matches!(
                &*text,
                "CARGO_ENCODED_RUSTFLAGS"
                    | "RUSTFLAGS"
                    | "RUSTC"
                    | "RUSTC_WRAPPER"
                    | "RUSTC_WORKSPACE_WRAPPER"
            );
        if is_setting {
            cargo.env_remove(&name);
        }
    }
    let status = cargo
        .args(["build", "--locked", "--examples", "--target", TARGET])
        .arg("--manifest-path")
        .arg(programs.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(target_dir)
        .status()?;
    if !status.success() {
        return Err(format!("building the guests failed ({status})").into());
    }
    Ok(target_dir.join(TARGET).join("debug/examples"))
}

/// Each component with its name, in the order of the names: the one of the attacks, and each guest that is a file beside
/// the manifest.
fn sources(programs: &Path, built: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let provider = fs::read_to_string(programs.join("kit/provider.wat"))?;
    let mut guests = vec![(ATTACKS.to_owned(), component(built, ATTACKS)?)];
    for entry in fs::read_dir(programs)? {
        let path = entry?.path();
        let (Some(name), Some(kind)) = (path.file_stem(), path.extension()) else {
            continue;
        };
        let name = name.to_string_lossy().into_owned();
        if name == "build" {
            continue;
        }
        let wasm = match kind.as_encoded_bytes() {
            b"rs" => component(built, &name)?,
            b"wat" => {
                let text = fs::read_to_string(&path)?.replace(PROVIDER, &provider);
                wat::parse_str(text).map_err(|error| format!("{}: {error}", path.display()))?
            }
            _ => continue,
        };
        guests.push((name, wasm));
    }
    guests.sort();
    Ok(guests)
}

/// What was built of a program in Rust.
fn component(built: &Path, name: &str) -> Result<Vec<u8>> {
    let file = built.join(format!("{name}.wasm"));
    let why = |error| {
        let file = file.display();
        format!("{file}: {error} (is it in programs/Cargo.toml?)")
    };
    Ok(fs::read(&file).map_err(why)?)
}
