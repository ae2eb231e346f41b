//! The wall, seen by others.

use crate::{Place, has, wait_for_line};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// A process behind the wall, and what /proc tells of it.
fn behind(look: impl FnOnce(&Child, &str)) {
    let place = Place::new();
    waiting(&mut place.command("on", "folder/token"), look);
}

/// Whom no test runs as.
const NOBODY: u32 = 65_534;

fn waiting(command: &mut Command, look: impl FnOnce(&Child, &str)) {
    let mut child = command
        .arg("wait")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_line(&mut child, "waiting");
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    look(&child, &status);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn no_privileges_are_gained() {
    if has("no_new_privs") {
        behind(|_, status| assert!(status.contains("NoNewPrivs:\t1"), "{status}"));
    }
}

#[test]
fn there_is_a_filter_of_system_calls() {
    if has("system_calls") {
        behind(|_, status| assert!(status.contains("Seccomp:\t2"), "{status}"));
    }
}

#[test]
fn there_are_no_core_dumps() {
    if !has("no_core_dumps") {
        return;
    }
    behind(|child, _| {
        let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<_> = line.unwrap().split_whitespace().collect();
        assert_eq!(words.get(4..6), Some(&["0", "0"][..]), "{limits}");
    });
}

/// What /proc shows of a process to the same user belongs to root when it must not be shown.
#[test]
fn its_memory_is_not_shown_to_the_same_user() {
    if !has("no_core_dumps") {
        return;
    }
    let place = Place::new();
    let program = place.path("program-of-all");
    // Not by this process: a test beside this one may start a process at that moment, which would hold the
    // file open for writing too, and such a file cannot be executed.
    let copied = Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_epicac-behind-wall"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    for path in [place.root.path(), &program] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    let is_root = rustix::process::geteuid().is_root();
    let owner = |wall: &str| {
        let mut owner = None;
        let mut command = Command::new(&program);
        command.arg(wall).env_clear();
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        waiting(&mut command, |child, _| {
            let memory = fs::metadata(format!("/proc/{}/mem", child.id())).unwrap();
            owner = Some(memory.uid());
        });
        owner.unwrap()
    };
    assert_ne!(owner("off"), 0);
    assert_eq!(owner("on"), 0);
}
