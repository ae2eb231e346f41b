//! The second wall (docs/policy.md): what stands is told, a run does without what does not, and a policy can
//! require it. That it holds is shown by tests/guests/wall.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use epicac_tests::{Answer, Epicac, require};
use serde_json::{Value, json};

use crate::cases::{agent_with, each, generous_agent, gets_credentials};
use crate::policy::{EKS, file, policy_of, printed};

pub const LAYERS: [&str; 5] = [
    "no_new_privs",
    "no_core_dumps",
    "files",
    "tcp",
    "system_calls",
];

/// Runs a program under a kernel that has not the system calls of these numbers, as far as it can tell: they fail with
/// `ENOSYS` (38), by a filter that was put up before.
pub const WITHOUT: &str = r#"
import ctypes, os, struct, sys
deny, allow = 0x00050000 | 38, 0x7fff0000
calls = [int(it) for it in sys.argv.pop(1).split(",")]
code = [(0x20, 0, 0, 0)]
code += [(0x15, len(calls) - at, 0, call) for at, call in enumerate(calls)]
code += [(0x06, 0, 0, allow), (0x06, 0, 0, deny)]
filter = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *it) for it in code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filter)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(program)), 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"#;

/// The numbers of `seccomp`, and of the three calls of Landlock.
const WALL: &str = if cfg!(target_arch = "x86_64") {
    "317,444,445,446"
} else {
    "277,444,445,446"
};

/// A run under a kernel that has neither Landlock nor seccomp, or `None` where the test is skipped.
fn without(epicac: Epicac) -> Option<Epicac> {
    let python = require("python3")?;
    Some(epicac.under([
        python.as_os_str(),
        "-c".as_ref(),
        WITHOUT.as_ref(),
        WALL.as_ref(),
    ]))
}

/// A policy for this agent that requires these layers.
fn requiring(epicac: Epicac, layers: &[&str]) -> Value {
    let mut policy = policy_of(epicac);
    policy["wall"] = json!(layers);
    policy
}

/// What is told of a layer.
fn told(explained: &str, layer: &str) -> &'static str {
    let rule = format!("wall.{layer} ");
    let mut lines = explained.lines();
    let line = lines.find(|line| line.starts_with(&rule)).unwrap();
    let said = line.split_whitespace().nth(1).unwrap();
    let known = ["enforced", "unavailable"];
    known.into_iter().find(|it| *it == said).unwrap()
}

fn explained(epicac: Epicac) -> String {
    printed(&epicac.arg("policy").arg("--explain").run())
}

/// The layers that this system has.
pub fn standing() -> Vec<&'static str> {
    let text = explained(Epicac::new());
    let stands = |layer: &&str| told(&text, layer) == "enforced";
    LAYERS.into_iter().filter(stands).collect()
}

#[test]
fn each_layer_is_told() {
    let text = explained(Epicac::new().full_uri(EKS).token_file("/token"));
    for layer in LAYERS {
        told(&text, layer);
    }
    // prctl is as old as the kernels that Rust runs on.
    for layer in ["no_new_privs", "no_core_dumps"] {
        assert_eq!(told(&text, layer), "enforced", "{layer}");
    }
}

#[test]
fn a_run_does_without_what_the_kernel_does_not_have() {
    let agent = generous_agent();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "a-token").unwrap();
    let Some(epicac) = without(Epicac::asking(&agent).token_file(&token)) else {
        return;
    };
    gets_credentials(epicac);

    let Some(epicac) = without(Epicac::new()) else {
        return;
    };
    let text = explained(epicac);
    for layer in ["files", "tcp", "system_calls"] {
        assert_eq!(told(&text, layer), "unavailable", "{layer}");
    }
    assert_eq!(told(&text, "no_new_privs"), "enforced");
}

#[test]
fn a_policy_of_one_kernel_holds_on_another() {
    let agent = generous_agent();
    let (_folder, path) = file(policy_of(Epicac::asking(&agent)).to_string());
    let Some(epicac) = without(Epicac::asking(&agent).arg("--policy").arg(&path)) else {
        return;
    };
    gets_credentials(epicac);
    let checking = || Epicac::asking(&agent).arg("policy").arg("check").arg(&path);
    if let Some(epicac) = without(checking()) {
        assert!(printed(&epicac.run()).contains("within it"));
    }

    // And the other way round.
    if let Some(epicac) = without(Epicac::asking(&agent)) {
        fs::write(&path, policy_of(epicac).to_string()).unwrap();
        assert!(printed(&checking().run()).contains("within it"));
        gets_credentials(Epicac::asking(&agent).arg("--policy").arg(&path));
    }
}

#[test]
fn a_layer_that_is_required_has_to_stand() {
    let agent = generous_agent();
    let policy = requiring(Epicac::asking(&agent), &standing());
    let (_folder, path) = file(policy.to_string());
    gets_credentials(Epicac::asking(&agent).arg("--policy").arg(&path));
    let before = agent.connections();

    fs::write(
        &path,
        requiring(Epicac::asking(&agent), &["files"]).to_string(),
    )
    .unwrap();
    for arguments in [&["--policy"][..], &["policy", "check"]] {
        let epicac = arguments.iter().fold(Epicac::asking(&agent), Epicac::arg);
        let Some(epicac) = without(epicac.arg(&path)) else {
            return;
        };
        let line = "the line to leave out of \"wall\" is \"files\"";
        let outcome = epicac.run();
        outcome.fails_with(&["beyond the policy", "wall: ", "required", line]);
    }
    assert_eq!(agent.connections(), before, "the agent was connected to");
}

#[test]
fn it_stands_while_the_component_runs() {
    let standing = standing();
    let agent = agent_with(Answer::stall());
    let mut run = Command::new(Epicac::path())
        .env_clear()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while agent.connections() == 0 && started.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(5));
    }
    let status = fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap();
    run.kill().unwrap();
    run.wait().unwrap();
    for (layer, line) in [
        ("no_new_privs", "NoNewPrivs:\t1\n"),
        ("system_calls", "Seccomp:\t2\n"),
    ] {
        let told = standing.contains(&layer);
        assert_eq!(status.contains(line), told, "{layer}: {status}");
    }
}

/// From the beginning of `main` on, and not only behind the wall: with roles, names are resolved before that. Here it
/// waits for whoever reads its output.
#[test]
fn its_memory_is_not_shown_from_its_first_moment_on() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("epicac");
    // Not by this process: a test beside this one may start a process at that moment, which would hold the file open
    // for writing too, and such a file cannot be executed.
    let copied = Command::new("cp")
        .arg(Epicac::path())
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    for path in [folder.path(), &program] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    let (_reader, writer) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&writer, true).unwrap();
    while rustix::io::write(&writer, &[0; 4096]).is_ok() {}
    rustix::io::ioctl_fionbio(&writer, false).unwrap();
    let mut command = Command::new(&program);
    command.arg("--version").env_clear().stdout(writer);
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    let mut run = command.spawn().unwrap();
    let started = Instant::now();
    let is_shown = || {
        let memory = fs::metadata(format!("/proc/{}/mem", run.id())).unwrap();
        memory.uid() != 0
    };
    while is_shown() && started.elapsed() < Duration::from_secs(5) {
        sleep(Duration::from_millis(5));
    }
    let (is_shown, is_over) = (is_shown(), run.try_wait().unwrap().is_some());
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(!is_over, "it did not wait");
    assert!(!is_shown, "the memory is shown");
}

#[test]
fn what_the_parent_left_open_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let shell = folder.path().join("sh");
    symlink(Epicac::path(), &shell).unwrap();
    let epicac = Epicac::path();
    let arguments: [&[&OsStr]; 3] = [
        &[epicac.as_os_str()],
        &[
            epicac.as_os_str(),
            "--role-arn=arn:aws:iam::111111111111:role/reader".as_ref(),
        ],
        &[shell.as_os_str(), "-c".as_ref(), "/opt/epicac".as_ref()],
    ];
    each(&arguments, |arguments| {
        let agent = agent_with(Answer::stall());
        let mut run = Command::new("sh")
            .args(["-c", r#"exec "$@" 7>&1 >/dev/null"#, "sh"])
            .args(*arguments)
            .env_clear()
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
            .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
            .env("AWS_REGION", "eu-central-1")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The end of the pipe is there once nobody has it open for writing.
        let read = run.stdout.take().unwrap().read_to_end(&mut Vec::new());
        assert_eq!(read.unwrap(), 0);
        sleep(Duration::from_millis(500));
        let is_over = run.try_wait().unwrap().is_some();
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(!is_over, "the descriptor was open to the end");
        assert_eq!(agent.connections(), 1);
    });
}
