//! The static binaries, in an image with nothing else in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use epicac_tests::credentials::ACCESS_KEY_ID;
use epicac_tests::require::{require, skipped};
use epicac_tests::{Agent, paths, test_token};
use serde_json::Value;

/// Makes the folder given as `$1` read-only and the root, and runs the rest of the arguments in it.
const IN_READ_ONLY_ROOT: &str = r#"
    mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && exec chroot "$@"
"#;

/// The emulator, itself a static binary, for what was built for another processor.
const EMULATOR: &str = "qemu-aarch64-static";

#[test]
fn the_static_binary_needs_nothing_but_the_token_in_a_read_only_root() {
    let Some(binary) = paths::static_epicac() else {
        return;
    };
    runs_in_an_empty_root(&binary, None);
}

#[test]
fn the_binary_for_aarch64_needs_nothing_but_the_token_in_a_read_only_root() {
    let (Some(binary), Some(emulator)) = (paths::aarch64_epicac(), require(EMULATOR)) else {
        return;
    };
    runs_in_an_empty_root(&binary, Some(&emulator));
}

#[test]
fn the_binary_for_aarch64_prints_credentials() {
    let (Some(binary), Some(emulator)) = (paths::aarch64_epicac(), require(EMULATOR)) else {
        return;
    };
    let agent = Agent::start().expect("the stand-in agent starts");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let token = folder.path().join("token");
    fs::write(&token, test_token(3600)).expect("the token can be written");
    let output = Command::new(emulator)
        .arg(binary)
        .env_clear()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token)
        .output()
        .expect("the emulator starts");
    prints_credentials(&output);
}

/// Runs the binary where there is nothing but itself and the token, and for another processor's the
/// emulator.
fn runs_in_an_empty_root(binary: &Path, emulator: Option<&Path>) {
    let Some(unshare) = require("unshare") else {
        return;
    };
    let agent = Agent::start().expect("the stand-in agent starts");
    let root = tempfile::tempdir().expect("a folder can be made");
    let copy = |from: &Path, name: &str| {
        fs::copy(from, root.path().join(name)).expect("the program can be copied");
    };
    copy(binary, "epicac");
    let mut command = vec!["/epicac"];
    if let Some(emulator) = emulator {
        copy(emulator, "emulator");
        command.insert(0, "/emulator");
    }
    fs::write(root.path().join("token"), test_token(3600)).expect("the token can be written");

    // Mounts of its own, and for somebody who is not root a user namespace to make them in.
    let mut namespaces = vec!["--mount"];
    if !is_root() {
        namespaces.push("--map-root-user");
    }
    let in_namespaces = |program: &str| {
        let mut command = Command::new(&unshare);
        command.args(&namespaces).arg(program);
        command
    };
    if !in_namespaces("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        return skipped("this system lets nobody make a mount namespace");
    }
    let output = in_namespaces("sh")
        .args(["-c", IN_READ_ONLY_ROOT, "sh"])
        .arg(root.path())
        .args(command)
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token")
        .output()
        .expect("unshare starts");
    prints_credentials(&output);
}

fn prints_credentials(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    assert_eq!(stderr, "");
    let document: Value = serde_json::from_slice(&output.stdout).expect("the output is JSON");
    assert_eq!(document["AccessKeyId"], ACCESS_KEY_ID);
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id starts");
    output.stdout == b"0\n"
}
