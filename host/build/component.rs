//! Builds `epicac.wasm`. Included by the host's build script and by xtask, so that the file which is
//! released and the one which is embedded come out of the same command, and are the same bytes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-wasip2";

/// Builds the component of the workspace at `workspace` below `target_dir`, and gives the path of the
/// file.
///
/// The bytes depend on the sources and the toolchain only, never on where either of them lies.
///
/// # Errors
///
/// One line that says what is missing and the command that adds it, or that the build failed (cargo has
/// then printed why).
pub fn build(workspace: &Path, target_dir: &Path) -> Result<PathBuf, String> {
    require_target()?;

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
                "RUSTFLAGS" | "RUSTC" | "RUSTC_WRAPPER" | "RUSTC_WORKSPACE_WRAPPER"
            );
        if is_setting {
            cargo.env_remove(&name);
        }
    }
    let status = cargo
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace).join("\u{1f}"))
        .args(["rustc", "--locked", "--lib", "--crate-type", "cdylib"])
        .args(["--target", TARGET, "--profile", "component"])
        .arg("--manifest-path")
        .arg(workspace.join("component/Cargo.toml"))
        .arg("--target-dir")
        .arg(target_dir)
        .status()
        .map_err(|error| format!("cannot start cargo to build the component: {error}"))?;
    if !status.success() {
        return Err(format!("building the component failed ({status})"));
    }
    let linked = target_dir
        .join(TARGET)
        .join("component/epicac_component.wasm");
    let finished = target_dir.join("epicac.wasm");
    let bytes = fs::read(&linked).map_err(|error| format!("{}: {error}", linked.display()))?;
    let bytes = without_custom_sections(&bytes)
        .ok_or_else(|| format!("{}: not a component", linked.display()))?;
    // Two builds may end here at once, with the same bytes; neither must see half of a file.
    let unfinished = target_dir.join(format!("epicac.wasm.{}", std::process::id()));
    fs::write(&unfinished, bytes)
        .and_then(|()| fs::rename(&unfinished, &finished))
        .map_err(|error| format!("{}: {error}", finished.display()))?;
    Ok(finished)
}

/// The component, and the modules in it, without their custom sections: names for debuggers, which the linker
/// cannot be told to leave out, and which tools it was made by, which the bill of materials tells.
fn without_custom_sections(binary: &[u8]) -> Option<Vec<u8>> {
    let (preamble, mut rest) = binary.split_at_checked(8)?;
    // `\0asm`, a version, and the layer: 0 for a module, 1 for a component.
    let is_component = preamble.get(6) == Some(&1);
    let mut kept = preamble.to_vec();
    while let Some((&kind, sized)) = rest.split_first() {
        let (content, after) = sized_content(sized)?;
        match kind {
            0 => {}
            1 if is_component => {
                let module = without_custom_sections(content)?;
                kept.push(kind);
                push_size(&mut kept, module.len());
                kept.extend(module);
            }
            _ => kept.extend_from_slice(rest.get(..rest.len() - after.len())?),
        }
        rest = after;
    }
    Some(kept)
}

/// Appends a number of bytes, as LEB128.
fn push_size(bytes: &mut Vec<u8>, mut size: usize) {
    while size > 0x7f {
        bytes.push(0x80 | (size & 0x7f) as u8);
        size >>= 7;
    }
    bytes.push(size as u8);
}

/// Splits bytes that are preceded by their number, as LEB128, from what follows them.
fn sized_content(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut size = 0_usize;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        size |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes.get(index + 1..)?.split_at_checked(size);
        }
    }
    None
}

/// Fails with the command that installs the target when it is not there.
fn require_target() -> Result<(), String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .map_err(|error| format!("cannot start rustc: {error}"))?;
    let libdir = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && Path::new(libdir.trim()).is_dir() {
        Ok(())
    } else {
        Err(format!(
            "epicac.wasm is built for {TARGET}, which this toolchain does not have: run `rustup target add {TARGET}`"
        ))
    }
}

/// The flags that take this machine's folders out of the built file, and the one that keeps SHA-256 in
/// loops: unrolled, it is 7 KB larger, and faster at what takes microseconds.
fn flags(workspace: &Path) -> Vec<String> {
    let mut flags = vec![
        r#"--cfg=sha2_backend_soft="compact""#.to_owned(),
        format!("--remap-path-prefix={}=/epicac", workspace.display()),
    ];
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    if let Some(cargo_home) = cargo_home {
        flags.push(format!(
            "--remap-path-prefix={}=/cargo",
            cargo_home.display()
        ));
    }
    flags
}
