//! The component's imports are of WASI 0.2.0, and whoever offers a later 0.2 can answer them.

use std::process::Command;

use epicac_tests::paths;

use crate::document::root;

/// The oldest, one between, and the newest there is: that of Wasmtime 48.
const VERSIONS: [&str; 3] = ["0.2.0", "0.2.3", "0.2.12"];

#[test]
fn linkers_of_each_wasi_0_2_instantiate_the_component() {
    let Some(output) = names(&VERSIONS) else {
        return;
    };
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stdout}{stderr}");
    let said: Vec<&str> = stdout.lines().collect();
    assert_eq!(said.len(), VERSIONS.len());
    for (line, version) in said.iter().zip(VERSIONS) {
        let document = line.strip_prefix(&format!("{version} {{\"Version\":1,"));
        assert!(document.is_some(), "{line}");
    }
}

#[test]
fn a_linker_of_wasi_0_3_alone_does_not() {
    let Some(output) = names(&["0.3.0"]) else {
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        stderr.contains("matching implementation was not found"),
        "{stderr}"
    );
}

fn names(versions: &[&str]) -> Option<std::process::Output> {
    let (python, wasm) = (paths::in_venv("python")?, paths::wasm()?);
    let output = Command::new(python)
        .arg(root().join("tests/embedding/names.py"))
        .arg(wasm)
        .args(versions)
        .output();
    Some(output.expect("python starts"))
}
