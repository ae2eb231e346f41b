//! The static binaries, in an image with nothing else in it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use epicac_tests::credentials::ACCESS_KEY_ID;
use epicac_tests::root::{self, Mount, in_root};
use epicac_tests::{Agent, paths, require, test_token};
use serde_json::Value;

/// Who runs there: nobody that this machine knows.
const ANYBODY: &str = "12345:12345";

/// The emulator, itself a static binary, for what was built for another processor.
const EMULATOR: &str = "qemu-aarch64-static";

#[test]
fn the_static_binary_needs_nothing_but_the_token_in_a_read_only_root() {
    let Some(binary) = paths::epicac() else {
        return;
    };
    runs_in_an_empty_root(&binary, None);
}

#[test]
fn the_binary_for_aarch64_needs_nothing_but_the_token_in_a_read_only_root() {
    let (Some(binary), Some(emulator)) = (paths::static_epicac_for("aarch64"), require(EMULATOR))
    else {
        return;
    };
    runs_in_an_empty_root(&binary, Some(&emulator));
}

#[test]
fn the_static_binary_installs_itself_from_an_empty_root_as_anybody() {
    let Some(binary) = paths::epicac() else {
        return;
    };
    let (image, volume) = (root::folder(0o755), root::folder(0o777));
    fs::copy(&binary, image.path().join("epicac")).expect("the program can be copied");
    let installs_into = |folder: &str, options: &[&str]| {
        let mounts = [Mount {
            from: volume.path().to_owned(),
            at: "/volume".into(),
            read_only: false,
        }];
        let program = [&["/epicac", "install", folder], options].concat();
        let mut command = in_root(image.path(), ANYBODY, &mounts, &program)?;
        Some(command.output().expect("unshare starts"))
    };
    for said in ["installed", "is there already"] {
        let Some(output) = installs_into("/volume", &["--config"]) else {
            return;
        };
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {stderr}", output.status);
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            format!("/volume/epicac: {said}\n/volume/aws-config: {said}\n")
        );
    }
    let installed = fs::read(volume.path().join("epicac")).expect("it is there");
    assert!(installed == fs::read(&binary).expect("the program can be read"));
    let config = fs::read_to_string(volume.path().join("aws-config")).expect("it is there");
    assert_eq!(
        config,
        "[profile src_role]\ncredential_process = /volume/epicac\n"
    );
    let entries = fs::read_dir(volume.path()).expect("a folder can be listed");
    assert_eq!(entries.count(), 2, "nothing else is left there");

    let Some(output) = installs_into("/elsewhere", &[]) else {
        return;
    };
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr.contains("cannot install: /elsewhere: ") && stderr.contains("emptyDir"),
        "{stderr}"
    );
}

#[test]
fn the_binary_for_aarch64_prints_credentials() {
    let (Some(binary), Some(emulator)) = (paths::static_epicac_for("aarch64"), require(EMULATOR))
    else {
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
    let agent = Agent::start().expect("the stand-in agent starts");
    let root = root::folder(0o755);
    let copy = |from: &Path, name: &str| {
        fs::copy(from, root.path().join(name)).expect("the program can be copied");
    };
    copy(binary, "epicac");
    let mut program = vec!["/epicac"];
    if let Some(emulator) = emulator {
        copy(emulator, "emulator");
        program.insert(0, "/emulator");
    }
    fs::write(root.path().join("token"), test_token(3600)).expect("the token can be written");
    let Some(mut command) = in_root(root.path(), ANYBODY, &[], &program) else {
        return;
    };
    let output = command
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
