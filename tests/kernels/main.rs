//! A run, a role and a server, and what somebody who took the process over can still call, under kernels of Debian: an
//! older one without Landlock, one whose Landlock has no rules for TCP, and the other processor with pages of both sizes.
//!
//! qemu emulates the processor, so no rights are needed. A machine has the static program, the tests of the behaviour, and
//! `init`, which runs those whose names begin with the names in [`TESTS`].

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod kernels;

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use epicac_tests::paths::{existing, static_epicac_for};
use epicac_tests::require::require;

use kernels::{KERNELS, Kernel};

/// The tests that a machine runs, by the module of ../behaviour, and how many there are.
const TESTS: [&str; 2] = ["kernel::", "wall_injected::"];
const PASSED: &str = "test result: ok. 4 passed; 0 failed";
/// A machine needs 15 seconds where nothing else runs.
const DEADLINE: Duration = Duration::from_secs(300);

#[test]
fn without_landlock_the_other_layers_stand() {
    check("x86_64-5.10");
}

#[test]
fn without_landlocks_rules_for_tcp_the_other_layers_stand() {
    check("x86_64-6.1");
}

#[test]
fn every_layer_stands_on_aarch64() {
    check("aarch64-6.12");
}

#[test]
fn every_layer_stands_with_pages_of_16_kib() {
    check("aarch64-6.12-16k");
}

/// The table of docs/policy.md has one line for each kernel, with what was seen there.
#[test]
fn the_documentation_has_the_layers_of_each_kernel() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/policy.md");
    let page = fs::read_to_string(page).expect("the page can be read");
    for kernel in &KERNELS {
        let line = line(kernel);
        assert!(
            page.contains(&line),
            "docs/policy.md lacks the line:\n{line}"
        );
    }
}

fn line(kernel: &Kernel) -> String {
    let release = kernel.release.trim_end_matches('.');
    let pages = kernel.page_size / 1024;
    let layers = [
        "no_new_privs",
        "no_core_dumps",
        "files",
        "tcp",
        "system_calls",
    ]
    .map(|layer| {
        let stands = kernel.layers.contains(&layer);
        if stands { " enforced |" } else { " – |" }
    });
    let layers = layers.concat();
    let (suite, architecture) = (kernel.suite, kernel.architecture);
    format!("| {release} (Debian {suite}), {architecture}, pages of {pages} KiB |{layers}\n")
}

fn check(name: &str) {
    let mut kernels = KERNELS.iter();
    let kernel = kernels
        .find(|it| it.name == name)
        .expect("it is in the table");
    let Some(said) = boot(kernel) else { return };
    assert!(
        said.contains(&format!("kernel {}", kernel.release)),
        "{said}"
    );
    assert!(
        said.contains(&format!("page size {}\n", kernel.page_size)),
        "{said}"
    );
    let told = said.lines().filter_map(|it| it.strip_prefix("wall."));
    let standing: Vec<_> = told
        .filter_map(|it| it.split_once(' '))
        .filter(|(_, said)| said.trim_start().starts_with("enforced"))
        .map(|(layer, _)| layer)
        .collect();
    assert_eq!(standing, kernel.layers, "{said}");
    assert!(
        said.contains(PASSED) && !said.contains("skipped: "),
        "{said}"
    );
}

/// What a machine with this kernel wrote to its console until it ended. `None` means that the test is skipped.
fn boot(kernel: &Kernel) -> Option<String> {
    let qemu = require(&format!("qemu-system-{}", kernel.architecture))?;
    let cpio = require("cpio")?;
    let built = existing("EPICAC_KERNELS", "kernels", "cargo xtask test real kernels")?;
    let programs = built.join(format!("{}-unknown-linux-musl", kernel.architecture));
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().join("root");
    fs::create_dir(&root).expect("a folder can be made");
    for (program, name) in [
        (programs.join("init"), "init"),
        (programs.join("behaviour"), "behaviour"),
        (static_epicac_for(kernel.architecture)?, "epicac"),
    ] {
        let copy = root.join(name);
        fs::copy(&program, &copy).unwrap_or_else(|why| panic!("{}: {why}", program.display()));
        fs::set_permissions(&copy, Permissions::from_mode(0o755)).expect("it is ours");
    }
    // A file that is nobody's secret, and that the wall keeps from epicac all the same.
    fs::create_dir(root.join("etc")).expect("a folder can be made");
    fs::write(root.join("etc/passwd"), "root:x:0:0::/:/bin/false\n").expect("it can be written");
    let files = packed(&cpio, &root);
    let (console, machine): (_, &[&str]) = match kernel.architecture {
        // Of the processors that qemu has, this one has what it can do fast.
        "aarch64" => (
            "ttyAMA0",
            &["-machine", "virt", "-cpu", "max,pauth-impdef=on"],
        ),
        // On a busy machine the emulated timer comes too late for the kernel's check of it.
        _ => ("ttyS0 no_timer_check", &["-cpu", "max"]),
    };
    let tests = TESTS.join(" ");
    let process = Command::new(qemu)
        .args([
            "-nodefaults",
            "-no-reboot",
            "-nographic",
            "-serial",
            "stdio",
            "-m",
            "768",
        ])
        .args(machine)
        .arg("-kernel")
        .arg(built.join(kernel.name))
        .arg("-initrd")
        .arg(files)
        .arg("-append")
        .arg(format!(
            "console={console} quiet panic=-1 -- --test-threads=1 {tests}"
        ))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("qemu starts");
    Some(console_of(process, kernel.name))
}

/// The first file system of a machine.
fn packed(cpio: &Path, root: &Path) -> PathBuf {
    let archive = root.with_extension("cpio");
    let mut process = Command::new(cpio)
        .args(["--create", "--format=newc", "--quiet", "--file"])
        .arg(&archive)
        .current_dir(root)
        .stdin(Stdio::piped())
        .spawn()
        .expect("cpio starts");
    let mut names = process.stdin.take().expect("stdin is piped");
    names
        .write_all(b"init\nbehaviour\nepicac\netc\netc/passwd\n")
        .expect("it reads");
    drop(names);
    assert!(process.wait().expect("it ends").success());
    archive
}

fn console_of(mut process: Child, name: &str) -> String {
    let mut output = process.stdout.take().expect("stdout is piped");
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = output.read_to_end(&mut said);
        // A console ends a line with CR and LF.
        String::from_utf8_lossy(&said).replace('\r', "")
    });
    let started = Instant::now();
    while process.try_wait().expect("it can be waited for").is_none() {
        if started.elapsed() > DEADLINE {
            let _ = process.kill();
            let _ = process.wait();
            let said = reader.join().expect("the console is read");
            panic!("{name} has not ended after {DEADLINE:?}:\n{said}");
        }
        sleep(Duration::from_millis(50));
    }
    reader.join().expect("the console is read")
}
