//! The static binaries, in an image with nothing else in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
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

/// The same for the folder `$1`, with the folder `$2` mounted in it as `/volume`, which can be written.
const IN_READ_ONLY_IMAGE: &str = r#"
    mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && mount --bind "$2" "$1/volume" &&
    shift 2 && exec chroot "$@"
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
fn the_static_binary_installs_itself_from_an_empty_root_as_anybody() {
    let (Some(binary), Some(unshare)) = (paths::static_epicac(), require("unshare")) else {
        return;
    };
    let image = tempfile::tempdir().expect("a folder can be made");
    let volume = tempfile::tempdir().expect("a folder can be made");
    fs::copy(&binary, image.path().join("epicac")).expect("the program can be copied");
    fs::create_dir(image.path().join("volume")).expect("a folder can be made");
    for folder in [image.path(), volume.path()] {
        let anybody = fs::Permissions::from_mode(0o777);
        fs::set_permissions(folder, anybody).expect("a folder can be opened");
    }
    // Root becomes somebody else; who is not root is somebody else already, and becomes root there.
    let (namespaces, user): (&[&str], &[&str]) = if is_root() {
        (&["--mount"], &["--userspec=12345:12345"])
    } else {
        (&["--mount", "--map-root-user"], &[])
    };
    let in_image = |arguments: &[&str]| {
        let mut command = Command::new(&unshare);
        command
            .args(namespaces)
            .args(["sh", "-c", IN_READ_ONLY_IMAGE, "sh"]);
        command.args([image.path(), volume.path()]);
        command.args(user).arg(image.path()).args(arguments);
        command
    };
    if !Command::new(&unshare)
        .args(namespaces)
        .arg("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        return skipped("this system lets nobody make a mount namespace");
    }
    for said in ["installed", "is there already"] {
        let output = in_image(&["/epicac", "install", "/volume", "--config"])
            .output()
            .expect("unshare starts");
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

    let output = in_image(&["/epicac", "install", "/elsewhere"])
        .output()
        .expect("unshare starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr.contains("cannot install: /elsewhere: ") && stderr.contains("emptyDir"),
        "{stderr}"
    );
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
