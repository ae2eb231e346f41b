//! The second wall (host/src/wall/mod.rs), seen from within: a process that puts it up, as `epicac` does before
//! the guest starts, and then tries what it must not be able to.
//!
//! Where the kernel has a layer not, the tests of that layer say that they are skipped.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what it expects by panicking, and so do the functions it is made of"
)]
#![forbid(unsafe_code)]

mod files;
mod outside;
mod process;
mod tcp;

use epicac_tests::Agent;
use epicac_tests::require::skipped;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A token in a folder, beside other folders, and an endpoint.
struct Place {
    root: TempDir,
    agent: Agent,
}

impl Place {
    /// `folder/token` and `folder/neighbour`, a file `outside`, and a program.
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("folder")).unwrap();
        for name in ["folder/token", "folder/neighbour", "outside"] {
            fs::write(root.path().join(name), "text").unwrap();
        }
        symlink("/bin/true", root.path().join("program")).unwrap();
        let agent = Agent::start().unwrap();
        Self { root, agent }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// A process with these grants, and with or without the wall.
    fn command(&self, wall: &str, token: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epicac-behind-wall"));
        command
            .arg(wall)
            .env_clear()
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.agent.url())
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", self.path(token))
            .stdin(Stdio::null());
        command
    }

    /// What comes of an attempt.
    fn attempt(&self, wall: &str, attempt: &[&OsStr]) -> String {
        let mut command = self.command(wall, "folder/token");
        said(command.args(attempt))
    }
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Asserts that `name`, with an argument or without one, works without the wall and gives this error
/// behind it.
#[track_caller]
fn refused(error: &str, name: &str, argument: Option<&dyn AsRef<OsStr>>) {
    let attempt = |place: &Place, wall| {
        let name: &OsStr = name.as_ref();
        let argument = argument.map(AsRef::as_ref);
        let attempt: Vec<_> = [name].into_iter().chain(argument).collect();
        place.attempt(wall, &attempt)
    };
    let place = Place::new();
    assert_ne!(attempt(&place, "off"), error, "{name} without the wall");
    assert_eq!(attempt(&place, "on"), error, "{name} behind the wall");
}

/// Whether the kernel has a layer. Where it has not, the test is skipped.
fn has(layer: &str) -> bool {
    let place = Place::new();
    let layers = said(place.command("on", "folder/token").arg("layers"));
    let there = layers.lines().any(|standing| standing == layer);
    if !there {
        skipped(&format!(
            "this system does not have the layer {layer}: {layers}"
        ));
    }
    there
}

/// Waits until a process has printed this line.
fn wait_for_line(process: &mut Child, expected: &str) {
    let mut line = String::new();
    let stdout = process.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    assert_eq!(line.trim(), expected);
}
