//! A root of its own for a program, as a container runtime makes it, and without one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_tests::require::{require, skipped};

/// Where the machine has its programs, and what they cannot be without.
const SYSTEM: [&str; 7] = ["bin", "etc", "lib", "lib64", "nix", "sbin", "usr"];

/// A folder of the machine that is mounted in the root.
pub struct Mount {
    pub from: PathBuf,
    /// Its absolute path there. The folders on the way to it are made.
    pub at: PathBuf,
    pub read_only: bool,
}

impl Mount {
    /// A folder that has the same path there. Who may write to it may do so there, too.
    pub fn same(folder: &Path) -> Self {
        Self {
            from: folder.to_owned(),
            at: folder.to_owned(),
            read_only: false,
        }
    }
}

/// The programs of the machine in an empty root: neither its homes nor its `/opt`, `/run`, `/tmp` or `/proc`.
pub fn system(root: &Path) -> Vec<Mount> {
    let mut mounts = Vec::new();
    for name in SYSTEM {
        let folder = Path::new("/").join(name);
        if let Ok(target) = fs::read_link(&folder) {
            symlink(target, root.join(name)).expect("a link can be made");
        } else if folder.is_dir() {
            mounts.push(Mount::same(&folder));
        }
    }
    mounts
}

/// How to run a program in a root that cannot be written, in a mount namespace of its own. Only root can become
/// another user. `None` means that the test is skipped.
pub fn in_root(
    root: &Path,
    user: &str,
    mounts: &[Mount],
    program: &[impl AsRef<OsStr>],
) -> Option<Command> {
    let unshare = require("unshare")?;
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    let mut namespaces = vec!["--mount"];
    let mut become_user = String::new();
    if is_root {
        become_user = format!("--userspec={user}");
    } else {
        namespaces.push("--map-root-user");
    }
    let mut probe = Command::new(&unshare);
    if !probe
        .args(&namespaces)
        .arg("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        skipped("this system lets nobody make a mount namespace");
        return None;
    }
    let script = format!(
        r#"set -e
        ROOT="$1"; shift
        mount --bind "$ROOT" "$ROOT"
        while [ "$1" != -- ]; do
            mkdir -p "$ROOT$2"
            mount --rbind "$1" "$ROOT$2"
            [ "$3" = false ] || mount -o remount,bind,ro "$ROOT$2"
            shift 3
        done
        shift
        mount -o remount,bind,ro "$ROOT"
        exec chroot {become_user} "$ROOT" "$@""#
    );
    let mut command = Command::new(unshare);
    command
        .args(namespaces)
        .args(["sh", "-c", &script, "sh"])
        .arg(root);
    for mount in mounts {
        command.arg(&mount.from).arg(&mount.at);
        command.arg(mount.read_only.to_string());
    }
    command.arg("--").args(program);
    Some(command)
}
