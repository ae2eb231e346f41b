//! What is expected of a run of `epicac`.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;

/// How a run ended.
#[derive(Debug)]
pub struct Outcome {
    /// The exit status.
    pub status: ExitStatus,
    /// What was written to standard output, unless it was not captured.
    pub stdout: Vec<u8>,
    /// What was written to standard error.
    pub stderr: Vec<u8>,
    /// From the start to the end.
    pub took: Duration,
    pub(crate) secrets: Vec<String>,
}

impl Outcome {
    /// Asserts that the run succeeded as behaviour.md §5 says, and gives the document it printed: exit
    /// status 0, one line of compact JSON and nothing else on stdout, nothing on stderr.
    #[track_caller]
    pub fn succeeds(&self) -> Value {
        let run = self.shown();
        assert!(
            self.status.success() && self.stderr.is_empty(),
            "expected success: {run}"
        );
        let text = str::from_utf8(&self.stdout).expect("stdout is UTF-8");
        let line = text.strip_suffix('\n').unwrap_or_default();
        assert!(
            !line.is_empty() && !line.contains('\n'),
            "expected one line on stdout: {run}"
        );
        let document: Value = serde_json::from_str(line).expect("stdout is JSON");
        assert!(document.is_object(), "expected an object: {run}");
        // Were there white space outside of strings or a field twice, the line would be longer.
        assert_eq!(
            line.len(),
            document.to_string().len(),
            "expected compact JSON: {run}"
        );
        document
    }

    /// Asserts that the run failed as behaviour.md §5 says, with a message that holds all of `parts`,
    /// and gives the message: exit status 1, nothing on stdout, on stderr one line
    /// `epicac: what failed: why (what to do)` of printable characters, without a secret.
    #[track_caller]
    pub fn fails_with(&self, parts: &[&str]) -> String {
        let run = self.shown();
        let text = str::from_utf8(&self.stderr).expect("stderr is UTF-8");
        self.shows_no_secret(text);
        assert_eq!(self.status.code(), Some(1), "expected failure: {run}");
        assert!(self.stdout.is_empty(), "nothing belongs on stdout: {run}");
        let line = text.strip_suffix('\n').unwrap_or_default();
        assert!(
            !line.is_empty() && !line.contains(char::is_control),
            "expected one line without control characters: {run}"
        );
        let what_why = line.strip_prefix("epicac: ").unwrap_or_default();
        assert!(
            what_why.contains(": ") && what_why.contains(" (") && what_why.ends_with(')'),
            "expected `epicac: what failed: why (what to do)`: {run}"
        );
        for part in parts {
            assert!(line.contains(part), "expected {part:?} in: {run}");
        }
        text.to_owned()
    }

    /// Asserts this exit status and that nothing is on stderr, and gives what is on stdout, which must not hold
    /// a secret: that is how a verb answers.
    #[track_caller]
    pub fn answers(&self, status: i32) -> String {
        let run = self.shown();
        assert_eq!(self.status.code(), Some(status), "{run}");
        assert!(self.stderr.is_empty(), "nothing belongs on stderr: {run}");
        let text = str::from_utf8(&self.stdout).expect("stdout is UTF-8");
        self.shows_no_secret(text);
        text.to_owned()
    }

    /// Asserts that the command line was refused: exit status 2, nothing on stdout, the usage on stderr.
    #[track_caller]
    pub fn is_wrong_usage(&self) {
        let run = self.shown();
        assert_eq!(self.status.code(), Some(2), "{run}");
        assert!(self.stdout.is_empty(), "nothing belongs on stdout: {run}");
        let stderr = String::from_utf8_lossy(&self.stderr).to_lowercase();
        let usages = stderr.matches("usage: ").count();
        assert_eq!(usages, 1, "expected the usage: {run}");
    }

    /// Not even a part of a secret may show: any 24 characters in a row are found.
    #[track_caller]
    fn shows_no_secret(&self, text: &str) {
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            let parts = secret.as_bytes().windows(secret.len().min(16)).step_by(8);
            for part in parts.map(String::from_utf8_lossy) {
                assert!(!text.contains(&*part), "a secret is on stderr: {text}");
            }
        }
    }

    fn shown(&self) -> String {
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|bytes| {
            let text = String::from_utf8_lossy(bytes);
            format!("{:?}", text.chars().take(1000).collect::<String>())
        });
        format!("{}, stdout {stdout}, stderr {stderr}", self.status)
    }
}
