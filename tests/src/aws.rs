//! AWS, played by moto on a free port, mostly of the loopback address.

#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::paths;

/// The account of the role that is assumed.
pub const ACCOUNT: &str = "222222222222";
/// A bucket that only that account has.
pub const BUCKET: &str = "only-in-the-destination-account";

/// A bucket that only the account has whose credentials the agent serves.
pub const SOURCE_BUCKET: &str = "in-the-source-account";

/// A running moto; it ends when this is dropped, or when the test does.
#[derive(Debug)]
pub struct Aws {
    process: Child,
    /// What an SDK gets as `AWS_ENDPOINT_URL`.
    pub endpoint: String,
}

impl Aws {
    /// Starts moto, with [`BUCKET`] in [`ACCOUNT`] and [`SOURCE_BUCKET`]. `None` means that the test is skipped.
    pub fn start() -> Option<Self> {
        Self::with_sessions_of(Duration::ZERO)
    }

    /// Starts moto as [`start`](Self::start) does; the sessions of roles end after whole seconds, or, for
    /// zero, as AWS ends them.
    pub fn with_sessions_of(lifetime: Duration) -> Option<Self> {
        Self::listening("127.0.0.1", lifetime)
    }

    /// Starts moto as [`start`](Self::start) does, on a free port of this address.
    pub fn at(address: &str) -> Option<Self> {
        Self::listening(address, Duration::ZERO)
    }

    fn listening(address: &str, lifetime: Duration) -> Option<Self> {
        let mut process = Command::new(paths::in_venv("python")?)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/aws.py"))
            .args([
                ACCOUNT,
                BUCKET,
                SOURCE_BUCKET,
                &lifetime.as_secs().to_string(),
                address,
            ])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let mut endpoint = String::new();
        let stdout = process.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut endpoint)
            .expect("moto says where it listens");
        let endpoint = endpoint.trim().to_owned();
        assert!(
            endpoint.starts_with(&format!("http://{address}:")),
            "moto is not up: `{endpoint}`"
        );
        Some(Self { process, endpoint })
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        // It ends by itself when its stdin does; nothing in it is worth waiting for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
