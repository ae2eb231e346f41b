//! A running application, which calls AWS once for each line that it is sent; and two of them, in Python.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "these are assertions of tests"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

use crate::aws::Aws;
use crate::paths;

/// Longer than any call takes, also where several start compilers at once.
const PATIENCE: Duration = Duration::from_secs(120);

/// The folder of the applications in Python.
#[must_use]
pub fn python_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdks/python")
}

/// The application with boto3. `None` means that the test is skipped.
#[must_use]
pub fn boto3() -> Option<Command> {
    let mut python = Command::new(paths::in_venv("python")?);
    python.arg(python_folder().join("application.py"));
    Some(python)
}

/// Somebody who types commands of the AWS CLI. `None` means that the test is skipped.
#[must_use]
pub fn aws_cli() -> Option<Command> {
    let mut python = Command::new(paths::in_venv("python")?);
    python
        .arg(python_folder().join("cli.py"))
        .arg(paths::in_venv("aws")?);
    Some(python)
}

/// It ends when this is dropped.
pub struct Application {
    process: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<String>,
    stderr: Option<JoinHandle<String>>,
    /// The AWS that it calls, for as long as it runs.
    _aws: Aws,
}

impl Application {
    /// Starts it; `aws` is what it calls.
    pub fn start(command: &mut Command, aws: Aws) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the application starts");
        let stdin = process.stdin.take();
        let stdout = process.stdout.take().expect("stdout is piped");
        let mut stderr = process.stderr.take().expect("stderr is piped");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let stderr = thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            process,
            stdin,
            stdout: lines,
            stderr: Some(stderr),
            _aws: aws,
        }
    }

    /// Which SDK it has, in which version: what it says when it starts.
    pub fn version(&mut self) -> String {
        let said = self.line();
        said["version"].as_str().expect("a version").to_owned()
    }

    /// Lets it call AWS, and gives what it saw.
    pub fn call(&mut self) -> Value {
        let stdin = self.stdin.as_mut().expect("it has not been ended");
        writeln!(stdin, "call").expect("the application reads on");
        self.line()
    }

    /// Ends it, and gives what it wrote to stderr.
    pub fn end(mut self) -> String {
        self.stop();
        let stderr = self.stderr.take().expect("it is ended once");
        stderr.join().expect("stderr is read")
    }

    fn line(&mut self) -> Value {
        let Ok(line) = self.stdout.recv_timeout(PATIENCE) else {
            self.stop();
            let stderr = self.stderr.take().map(JoinHandle::join);
            panic!("the application says nothing more: {stderr:?}");
        };
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn stop(&mut self) {
        // Most end by themselves with their stdin; whatever still runs has nothing to lose.
        self.stdin = None;
        thread::sleep(Duration::from_millis(50));
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.stop();
    }
}
