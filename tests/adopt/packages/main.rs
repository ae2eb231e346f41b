//! The packages of a release: installed and removed by the programs that people install them with. `cargo xtask test real
//! packages` makes them.

#![expect(
    clippy::expect_used,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_adopt::{ask, place};
use epicac_tests::paths::{existing, names};
use epicac_tests::require::{require, skipped};

/// What every package has, beside a completion for zsh and the licence.
const FILES: [&str; 5] = [
    "/usr/bin/epicac",
    "/usr/share/man/man1/epicac.1",
    "/usr/share/man/man1/epicac-policy.1",
    "/usr/share/bash-completion/completions/epicac",
    "/usr/share/fish/vendor_completions.d/epicac.fish",
];
const OF_DEBIAN: [&str; 2] = [
    "/usr/share/zsh/vendor-completions/_epicac",
    "/usr/share/doc/epicac/copyright",
];
const OF_OTHERS: [&str; 2] = [
    "/usr/share/zsh/site-functions/_epicac",
    "/usr/share/licenses/epicac/LICENSE",
];

/// The package for this processor whose name ends so. `None` means that the test is skipped.
fn package(kind: &str) -> Option<PathBuf> {
    let made_by = "cargo xtask test real packages";
    let folder = existing("EPICAC_PACKAGES", "packages", made_by)?;
    let names = names(&folder);
    let of_this = |name: &&String| {
        let processor = match std::env::consts::ARCH {
            "x86_64" => ["amd64", "x86_64"],
            _ => ["arm64", "aarch64"],
        };
        name.ends_with(kind) && processor.iter().any(|it| name.contains(it))
    };
    let name = names
        .iter()
        .find(of_this)
        .expect("there is one of each kind");
    Some(folder.join(name))
}

/// A root folder, and a command that may change it as root does: as root, or in a user namespace.
struct Root(tempfile::TempDir);

impl Root {
    fn new() -> Option<Self> {
        let is_root = rustix::process::geteuid().is_root();
        let can_be = || {
            let unshare = Command::new("unshare")
                .args(["--map-root-user", "true"])
                .status();
            unshare.is_ok_and(|status| status.success())
        };
        if !is_root && !can_be() {
            skipped("it needs root, or a user namespace, to install a package");
            return None;
        }
        Some(Self(tempfile::tempdir().expect("a folder can be made")))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn as_root(&self, program: &Path) -> Command {
        if rustix::process::geteuid().is_root() {
            return Command::new(program);
        }
        let mut unshare = Command::new("unshare");
        unshare.arg("--map-root-user").arg(program);
        unshare
    }

    fn has(&self, file: &str) -> bool {
        self.path().join(file.trim_start_matches('/')).is_file()
    }

    /// The installed program is the one that was built, and runs.
    fn check(&self, files: &[&str]) {
        for file in FILES.iter().chain(files) {
            assert!(self.has(file), "{file}");
        }
        let program = self.path().join("usr/bin/epicac");
        let built = place::static_epicac(std::env::consts::ARCH).expect("it was packed");
        let bytes = |file: &Path| fs::read(file).expect("it can be read");
        assert!(bytes(&program) == bytes(&built), "it is another program");
        let version = ask::must_say(Command::new(&program).arg("--version"));
        assert!(version.starts_with("epicac "), "{version}");
    }

    fn check_removed(&self, files: &[&str]) {
        for file in FILES.iter().chain(files) {
            assert!(!self.has(file), "{file} is still there");
        }
    }
}

#[test]
fn dpkg_installs_and_removes_it() {
    let (Some(dpkg), Some(package), Some(root)) = (require("dpkg"), package(".deb"), Root::new())
    else {
        return;
    };
    let dpkg = |verb: &str, what: &Path| {
        let mut dpkg = root.as_root(&dpkg);
        dpkg.args(["--force-not-root", "--force-script-chrootless"]);
        dpkg.arg(format!("--root={}", root.path().display()))
            .arg(verb)
            .arg(what);
        ask::must_say(&mut dpkg)
    };
    let database = root.path().join("var/lib/dpkg");
    for folder in ["info", "updates", "triggers"] {
        fs::create_dir_all(database.join(folder)).expect("a folder can be made");
    }
    fs::write(database.join("status"), "").expect("it can be written");
    dpkg("--install", &package);
    root.check(&OF_DEBIAN);
    let listed = dpkg("--status", "epicac".as_ref());
    assert!(listed.contains("Status: install ok installed"), "{listed}");
    dpkg("--remove", "epicac".as_ref());
    root.check_removed(&OF_DEBIAN);
}

#[test]
fn rpm_installs_and_removes_it() {
    let (Some(rpm), Some(package), Some(root)) = (require("rpm"), package(".rpm"), Root::new())
    else {
        return;
    };
    let rpm = |verb: &str, what: &Path| {
        let mut rpm = root.as_root(&rpm);
        rpm.arg(format!("--root={}", root.path().display()))
            .arg(verb)
            .arg(what);
        ask::must_say(&mut rpm)
    };
    rpm("--install", &package);
    root.check(&OF_OTHERS);
    let listed = rpm("--query", "epicac".as_ref());
    assert!(listed.starts_with("epicac-"), "{listed}");
    rpm("--erase", "epicac".as_ref());
    root.check_removed(&OF_OTHERS);
}

/// Debian has no apk, so this package is only unpacked: its parts are archives in a row, with the description first.
#[test]
fn the_package_for_apk_has_the_files_and_a_description() {
    let (Some(tar), Some(package), Some(root)) = (require("tar"), package(".apk"), Root::new())
    else {
        return;
    };
    let mut tar = Command::new(tar);
    tar.args([
        "--extract",
        "--gzip",
        "--warning=no-unknown-keyword",
        "--file",
    ]);
    tar.arg(&package).arg("--directory").arg(root.path());
    ask::must_say(&mut tar);
    root.check(&OF_OTHERS);
    let description = fs::read_to_string(root.path().join(".PKGINFO")).expect("it has one");
    let architecture = format!("arch = {}\n", std::env::consts::ARCH);
    for line in [
        "pkgname = epicac\n",
        "license = Apache-2.0\n",
        &architecture,
    ] {
        assert!(description.contains(line), "{description}");
    }
}
