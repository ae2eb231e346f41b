//! §2, the authorization token: the file it is read from.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use epicac_tests::{Epicac, test_token};
use tempfile::TempDir;

use crate::cases::{each, generous_agent};

/// A folder with a file `token` of this content.
fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, content).unwrap();
    (folder, path)
}

/// What reaches the agent from this path.
fn sent_from(path: &Path) -> String {
    let agent = generous_agent();
    Epicac::asking(&agent).token_file(path).run().succeeds();
    let requests = agent.requests();
    let [value] = requests[0].header_values("Authorization")[..] else {
        panic!("one header")
    };
    value.to_owned()
}

/// It fails before any connection, and the message names the path.
fn refused(path: &Path) {
    let agent = generous_agent();
    let epicac = Epicac::asking(&agent)
        .token_file(path)
        .secret("first-half")
        .secret("second-half");
    epicac.run().fails_with(&[path.to_str().unwrap()]);
    assert_eq!(agent.connections(), 0, "the agent was connected to");
}

#[test]
fn a_file_is_sent_verbatim() {
    let token = test_token(3600);
    let (_folder, path) = file(&token);
    assert_eq!(sent_from(&path), token);
}

#[test]
fn one_trailing_newline_is_dropped() {
    let (_folder, path) = file("a-token\n");
    assert_eq!(sent_from(&path), "a-token");
}

#[test]
fn any_other_control_byte_or_non_ascii_or_nothing_fails() {
    let contents: [&[u8]; 14] = [
        b"",
        b"\n",
        b"first-half\n\n",
        b"first-half\r\n",
        b"first-half\r",
        b"\nfirst-half",
        b"first-half\nsecond-half",
        b"first-half\r\nX-Injected: yes",
        b"first-half\tsecond-half",
        b"first-half\0second-half",
        b"first-half\x1b[31msecond-half",
        b"first-half\x7fsecond-half",
        "first-half-é-second-half".as_bytes(),
        b"first-half\xff\xfesecond-half",
    ];
    each(&contents, |content| {
        let (_folder, path) = file(content);
        refused(&path);
    });
}

#[test]
fn what_is_missing_fails() {
    let folder = tempfile::tempdir().unwrap();
    symlink("nowhere", folder.path().join("dangling")).unwrap();
    symlink("loop", folder.path().join("loop")).unwrap();
    for path in ["token", "no/such/folder", "dangling", "loop"] {
        refused(&folder.path().join(path));
    }
}

#[test]
fn what_is_not_a_file_fails_without_hanging() {
    let folder = tempfile::tempdir().unwrap();
    let [fifo, socket, link] = ["fifo", "socket", "link"].map(|name| folder.path().join(name));
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    let _listener = UnixListener::bind(&socket).unwrap();
    symlink(&fifo, &link).unwrap();
    for path in [folder.path(), Path::new("/"), &fifo, &socket, &link] {
        refused(path);
    }
    for device in ["/dev/zero", "/dev/null", "/dev/random", "/dev/tty"] {
        refused(Path::new(device));
    }
}

#[test]
fn a_folder_is_told_as_one_in_the_root_folder_too() {
    let folder = tempfile::tempdir().unwrap();
    let agent = generous_agent();
    let above = folder.path().join("..");
    let others = ["/usr", "/", "..", "."].map(Path::new);
    for path in [folder.path(), &above].into_iter().chain(others) {
        let outcome = Epicac::asking(&agent).token_file(path).run();
        outcome.fails_with(&[path.to_str().unwrap(), "it is a directory"]);
    }
}

#[test]
fn what_may_not_be_read_fails() {
    // Root may read everything, so it becomes somebody else.
    let is_root = rustix::process::geteuid().is_root();
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "first-half").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let agent = generous_agent();
    let mut epicac = Epicac::asking(&agent).token_file(&path);
    if is_root {
        epicac = epicac.user(65534);
    }
    epicac.run().fails_with(&[path.to_str().unwrap()]);
    assert_eq!(agent.connections(), 0);
}

#[test]
fn sixty_four_kibibytes_are_read_and_one_byte_more_is_refused() {
    let token = "t".repeat(65_536);
    let (_folder, path) = file(&token);
    assert!(
        sent_from(&path) == token,
        "the token does not come out whole"
    );
    let (_folder, path) = file("t".repeat(65_537));
    refused(&path);
}

#[test]
fn the_projected_layout_works() {
    let (_folder, path) = projected("a-token");
    assert_eq!(sent_from(&path), "a-token");
}

#[test]
fn an_absolute_link_works() {
    let (_elsewhere, target) = file("a-token");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    symlink(&target, &path).unwrap();
    assert_eq!(sent_from(&path), "a-token");
}

#[test]
fn an_absolute_link_of_a_folder_works() {
    let (elsewhere, _target) = file("a-token");
    let folder = tempfile::tempdir().unwrap();
    // As /var/run, through which EKS names the token, is a link to /run.
    symlink(elsewhere.path(), folder.path().join("run")).unwrap();
    assert_eq!(sent_from(&folder.path().join("run/token")), "a-token");
}

#[test]
fn a_path_with_any_character_works() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder
        .path()
        .join("a token, with ünïcode: %2F 'and' \"more\"");
    fs::write(&path, "a-token").unwrap();
    assert_eq!(sent_from(&path), "a-token");
}

/// The name of the token of EKS Pod Identity in its volume.
pub const NAME: &str = "eks-pod-identity-token";

/// A volume with a token as the kubelet projects it, and the path of the token.
pub fn projected(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME);
    symlink(format!("..data/{NAME}"), &path).unwrap();
    project(folder.path(), "..2026_01_01_00_00_00.000000001", content);
    (folder, path)
}

/// Puts a new version of the token in place as the kubelet does: a new folder, then `..data` renamed over
/// the old link, then the old folder removed.
pub fn project(folder: &Path, version: &str, content: &str) {
    let data = folder.join("..data");
    let old = fs::read_link(&data).ok();
    fs::create_dir(folder.join(version)).unwrap();
    fs::write(folder.join(version).join(NAME), content).unwrap();
    symlink(version, folder.join("..data_tmp")).unwrap();
    fs::rename(folder.join("..data_tmp"), &data).unwrap();
    if let Some(old) = old {
        fs::remove_dir_all(folder.join(old)).unwrap();
    }
}
