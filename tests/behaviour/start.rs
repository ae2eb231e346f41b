//! The start of the process: few or closed descriptors, no `/dev/null`, little memory, and the pages of the program.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use epicac_tests::require::{require, skipped};
use epicac_tests::{Answer, Epicac, Namespace, Outcome};

use crate::cases::{agent_with, each, generous_agent, gets_credentials};
use crate::wall::WITHOUT;

/// A run whose shell did this first.
fn after(shell: &str, epicac: Epicac) -> Epicac {
    let script = format!("{shell}; exec \"$@\"");
    epicac.under(["/bin/sh", "-c", &script, "sh"])
}

#[test]
fn too_few_descriptors_are_named() {
    let agent = generous_agent();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "a-token").unwrap();
    let verbs: [&[&str]; 4] = [
        &[],
        &["doctor"],
        &["policy", "--explain"],
        &["--role-arn=arn:aws:iam::111111111111:role/reader"],
    ];
    for limit in [3, 5, 6, 7, 15] {
        each(&verbs, |verb| {
            let epicac = Epicac::asking(&agent).token_file(&token);
            let epicac = verb.iter().fold(epicac, Epicac::arg);
            let outcome = after(&format!("ulimit -n {limit}"), epicac).run();
            let at_most = format!("at most {limit} may be open");
            outcome.fails_with(&["too few descriptors", &at_most, "ulimit -n"]);
        });
    }
    gets_credentials(after(
        "ulimit -n 16",
        Epicac::asking(&agent).token_file(&token),
    ));
}

/// On a kernel without `close_range` (436), and without a descriptor for the folder that lists them.
#[test]
fn what_the_parent_left_open_is_closed_without_close_range_too() {
    let Some(python) = require("python3") else {
        return;
    };
    let agent = agent_with(Answer::stall());
    let full = r#"
import os, resource
for descriptor in range(3, 32):
    os.dup2(1, descriptor, inheritable=True)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
os.closerange(32, 64)
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
"#;
    let (before, exec) = WITHOUT.rsplit_once("os.execv").unwrap();
    let mut run = Command::new(python)
        .arg("-c")
        .arg(format!("{before}{full}os.execv{exec}"))
        .arg("436")
        .arg(Epicac::path())
        .env_clear()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let read = run.stdout.take().unwrap().read_to_end(&mut Vec::new());
    assert_eq!(read.unwrap(), 0);
    let is_over = run.try_wait().unwrap().is_some();
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(!is_over, "the descriptors were open to the end");
}

/// Rust's runtime ends a process without a line if it has to open `/dev/null` and cannot.
#[test]
fn closed_descriptors_are_no_obstacle_even_without_dev_null() {
    let Some(namespace) = Namespace::with(&["--mount"], "mount -t tmpfs none /dev") else {
        return;
    };
    let agent = generous_agent();
    let start = |shell: &str, without: bool| -> Outcome {
        let epicac = Epicac::asking(&agent);
        if without {
            // There the agent is out of reach.
            let epicac = epicac.arg("--version").under(namespace.prefix());
            return after(shell, epicac).run();
        }
        after(shell, epicac).run()
    };
    for without in [false, true] {
        for closed in ["exec <&-", "exec 2>&-", "exec <&- 2>&-"] {
            let outcome = start(closed, without);
            assert!(outcome.status.success(), "{closed} {without}: {outcome:?}");
        }
        for closed in ["exec >&-", "exec <&- >&-"] {
            let what = if without {
                "cannot write the answer"
            } else {
                "cannot write the credentials"
            };
            start(closed, without).fails_with(&[what, "Bad file descriptor", "closed"]);
        }
    }
}

#[test]
fn without_memory_it_ends_with_a_line() {
    if header(&Epicac::path(), PT_INTERP).is_some() {
        return skipped("only the static program has an allocator of its own");
    }
    let profiles =
        (0..14_000).map(|it| format!("--profile=p{it}=arn:aws:iam::111111111111:role/r"));
    let epicac = profiles.fold(Epicac::new().arg("config"), Epicac::arg);
    let outcome = after("ulimit -v 24000", epicac).run();
    outcome.fails_with(&["out of memory: ", "32 MiB", "limited"]);
}

/// A profile of a container that kills at every other call ends the program without a line.
#[test]
fn the_calls_that_a_profile_has_to_allow_are_in_the_documentation() {
    let Some(strace) = require("strace") else {
        return;
    };
    if header(&Epicac::path(), PT_INTERP).is_some() {
        return skipped("other C libraries make other calls than that of the static program");
    }
    let agent = generous_agent();
    let folder = tempfile::tempdir().unwrap();
    let [token, trace] = ["token", "trace"].map(|name| folder.path().join(name));
    fs::write(&token, "a-token").unwrap();
    let [strace, trace] = [&strace, &trace].map(|path| path.to_str().unwrap());
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/policy.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, table) = page
        .split_once("### Under a profile of the container")
        .unwrap();
    let (table, _) = table.split_once("\n[cold-start.md]").unwrap();
    let install = folder.path().join("new");
    let verbs: [&[&str]; 3] = [
        &[],
        &["policy", "--explain"],
        &["install", install.to_str().unwrap()],
    ];
    for verb in verbs {
        let epicac = Epicac::asking(&agent).token_file(&token);
        let epicac = verb.iter().fold(epicac, Epicac::arg);
        let outcome = epicac.under([strace, "-qq", "-o", trace]).run();
        assert!(outcome.status.success(), "{verb:?}: {outcome:?}");
        let calls = fs::read_to_string(trace).unwrap();
        assert!(calls.contains("write(1, "), "{calls}");
        for line in calls.lines() {
            let (call, _) = line.split_once('(').unwrap();
            assert!(table.contains(&format!("`{call}`")), "{verb:?}: {line}");
        }
    }
}

/// The part of the program's memory that only the loader writes to (RELRO), and huge pages.
#[test]
fn its_memory_is_as_it_should_be() {
    if !rustix::process::geteuid().is_root() {
        return skipped("only root can see the memory of a process that hides it");
    }
    let agent = agent_with(Answer::stall());
    let mut run = Command::new(Epicac::path())
        .env_clear()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while agent.connections() == 0 && started.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(5));
    }
    let [maps, status] =
        ["maps", "status"].map(|name| fs::read_to_string(format!("/proc/{}/{name}", run.id())));
    run.kill().unwrap();
    run.wait().unwrap();

    let (start, size) = header(&Epicac::path(), PT_GNU_RELRO).unwrap();
    let maps = maps.unwrap();
    let mut maps = maps.lines().map(|line| {
        let (range, rest) = line.split_once(' ').unwrap();
        let [from, to] =
            [0, 1].map(|it| u64::from_str_radix(range.split('-').nth(it).unwrap(), 16).unwrap());
        (from, to, rest)
    });
    let program = Epicac::path();
    let is_program = |rest: &str| rest.ends_with(program.to_str().unwrap());
    let (base, ..) = maps.clone().find(|(.., rest)| is_program(rest)).unwrap();
    // The last page may hold other data, too.
    let last = base + start + size - 4096;
    let (.., rights) = maps
        .find(|(from, to, _)| (*from..*to).contains(&last))
        .unwrap();
    assert!(rights.starts_with("r--p"), "{rights}");
    assert!(status.unwrap().contains("THP_enabled:\t0\n"));
}

/// Types of program headers.
const PT_INTERP: u64 = 3;
const PT_GNU_RELRO: u64 = 0x6474_e552;

/// Where this part of a program is, relative to where the program is loaded, and its size.
fn header(program: &Path, kind: u64) -> Option<(u64, u64)> {
    let file = fs::File::open(program).unwrap();
    let number = |at: u64, bytes: usize| {
        let mut number = [0; 8];
        file.read_exact_at(&mut number[..bytes], at).unwrap();
        u64::from_le_bytes(number)
    };
    // Of a 64-bit ELF file: e_phoff, e_phentsize and e_phnum, then p_type, p_vaddr and p_memsz.
    let (offset, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    let mut headers = (0..count).map(|it| offset + it * size);
    let header = headers.find(|at| number(*at, 4) == kind)?;
    Some((number(header + 16, 8), number(header + 40, 8)))
}
