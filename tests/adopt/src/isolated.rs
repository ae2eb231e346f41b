//! Namespaces of a test's own, for programs that want a machine to themselves: network, mounts and processes.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use epicac_tests::require::{require, skipped};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// Enough for a machine that does something else, too.
const PATIENCE: Duration = Duration::from_secs(180);

/// Namespaces with a shell script as their init process. They end with this value, and with this process however that
/// ends: the script is to read its standard input to its end, and then the kernel ends everything in them.
#[derive(Debug)]
pub struct Isolated {
    unshare: Child,
    /// The init process, as it is numbered outside.
    init: String,
}

impl Isolated {
    /// Starts the script in new namespaces. `None` means that the test is skipped.
    #[must_use]
    pub fn start(script: &Path, arguments: &[&OsStr]) -> Option<Self> {
        let unshare = require("unshare")?;
        for tool in ["nsenter", "ip"] {
            require(tool)?;
        }
        let id = Command::new("id").arg("-u").output();
        if !id.is_ok_and(|output| output.stdout == b"0\n") {
            skipped("this needs root");
            return None;
        }
        let mut unshare = Command::new(unshare)
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "sh"])
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("unshare starts");
        let id = unshare.id();
        let children = format!("/proc/{id}/task/{id}/children");
        let init = until("the namespaces are there", || {
            let ended = unshare.try_wait().expect("it is our child");
            assert!(ended.is_none(), "unshare ended: {ended:?}");
            let children = fs::read_to_string(&children).ok()?;
            Some(children.split_whitespace().next()?.to_owned())
        });
        Some(Self { unshare, init })
    }

    /// How to run a program there.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .args(["--target", &self.init, "--net", "--mount", "--pid", "--"])
            .arg(program);
        command
    }

    /// Does something in a thread of the network namespace. Threads, sockets and processes that it makes stay there.
    pub fn on_its_network<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let network = File::open(format!("/proc/{}/ns/net", self.init)).expect("it is running");
        thread::scope(|scope| {
            let work = scope.spawn(|| {
                move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))
                    .expect("root may enter it");
                work()
            });
            work.join().expect("the work is done")
        })
    }

    /// Where a path of its file system lies for this process.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }
}

impl Drop for Isolated {
    fn drop(&mut self) {
        drop(self.unshare.stdin.take());
        let _ = self.unshare.wait();
    }
}

/// Tries something again and again until it gives a value; panics when that takes too long.
pub fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = attempt() {
            return value;
        }
        assert!(
            start.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        thread::sleep(Duration::from_millis(100));
    }
}
