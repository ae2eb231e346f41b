//! Files: the token is read, wherever it is rotated to, and that is all.

use crate::{Place, has, refused, said};
use std::fs;
use std::os::unix::fs::symlink;

#[test]
fn the_token_is_read() {
    let place = Place::new();
    let path = place.path("folder/token");
    for wall in ["off", "on"] {
        assert_eq!(place.attempt(wall, &["read".as_ref(), path.as_ref()]), "ok");
    }
}

/// As the kubelet rotates it, after the wall was put up.
#[test]
fn the_token_is_read_after_it_was_rotated() {
    let place = Place::new();
    let volume = place.path("volume");
    let turn = |folder: &str| {
        fs::create_dir_all(volume.join(folder)).unwrap();
        fs::write(volume.join(folder).join("token"), folder).unwrap();
        symlink(folder, volume.join("..new")).unwrap();
        fs::rename(volume.join("..new"), volume.join("..data")).unwrap();
    };
    turn("..2026_01_01");
    symlink("..data/token", volume.join("token")).unwrap();
    // By the link from elsewhere too, which the host follows (behaviour.md §2).
    symlink(volume.join("token"), place.path("folder/linked")).unwrap();

    for (token, next) in [
        ("volume/token", "..2026_01_02"),
        ("volume/..data/token", "..2026_01_03"),
        ("folder/linked", "..2026_01_04"),
    ] {
        let mut command = place.command("on", token);
        let mut waiting = command
            .args(["read-later".as_ref(), place.path(token).as_os_str()])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        crate::wait_for_line(&mut waiting, "waiting");
        turn(next);
        drop(waiting.stdin.take());
        let output = waiting.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "ok",
            "{token}"
        );
    }
}

#[test]
fn no_other_file_is_read() {
    if has("files") {
        let place = Place::new();
        let outside = place.path("outside");
        let read = |wall| place.attempt(wall, &["read".as_ref(), outside.as_ref()]);
        assert_eq!(
            (read("off").as_str(), read("on").as_str()),
            ("ok", "EACCES")
        );
        refused("EACCES", "read", Some(&"/etc/passwd"));
        refused("EACCES", "read", Some(&"/proc/self/environ"));
        refused("EACCES", "list", Some(&"/"));
    }
}

#[test]
fn in_the_root_folder_the_token_is_the_only_file() {
    if !has("files") {
        return;
    }
    let place = Place::new();
    let read = |path: &str| {
        let mut command = place.command("on", "folder/token");
        let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
        said(
            command
                .env(name, "/token-that-is-not-there")
                .args(["read", path]),
        )
    };
    assert_eq!(read("/etc/passwd"), "EACCES");
    assert!(read("/token-that-is-not-there").contains("No such file"));
}

#[test]
fn nothing_is_written() {
    if !has("system_calls") {
        return;
    }
    for (attempt, name) in [
        ("write", "folder/token"),
        ("truncate", "folder/token"),
        ("create", "folder/new"),
        ("delete", "folder/token"),
        ("rename", "folder/token"),
        ("link", "folder/token"),
        ("chmod", "folder/token"),
        ("list", "folder"),
    ] {
        let place = Place::new();
        let attempt: [&std::ffi::OsStr; 2] = [attempt.as_ref(), &place.path(name).into_os_string()];
        assert_eq!(place.attempt("on", &attempt), "EPERM", "{attempt:?}");
        assert_eq!(fs::read(place.path("folder/token")).unwrap(), b"text");
        assert_eq!(place.attempt("off", &attempt), "ok", "{attempt:?}");
    }
}

#[test]
fn a_token_that_is_a_folder_is_told_as_one() {
    let place = Place::new();
    let mut command = place.command("on", "folder");
    let said = said(command.args(["read".as_ref(), place.path("folder").as_os_str()]));
    assert!(said.contains("Is a directory"), "{said}");
}
