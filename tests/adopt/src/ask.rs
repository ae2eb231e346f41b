//! Asking other programs what they think of a file.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "these are assertions of tests"
)]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use epicac_tests::paths;
use serde_json::Value;

use crate::place;

/// How many layers of the wall stand, by what `epicac policy --explain` printed.
#[must_use]
pub fn standing_layers(explained: &str) -> usize {
    let lines = explained.lines().filter(|line| line.starts_with("wall."));
    lines.filter(|line| line.contains(" enforced ")).count()
}

/// What `tests/adopt/adopt/terraform.py` says, or why it refuses. `None` means that the test is skipped.
#[must_use]
pub fn terraform<S: AsRef<OsStr>>(verb: &str, arguments: &[S]) -> Option<Result<Value, String>> {
    let script = place::repository("tests/adopt/adopt/terraform.py");
    let mut command = Command::new(paths::in_venv("python")?);
    let answer = outcome(&run(command.arg(script).arg(verb).args(arguments), ""));
    Some(answer.map(|text| serde_json::from_str(&text).expect("it answers in JSON")))
}

/// Runs a script of Python in the virtual environment, with a text as its standard input.
#[must_use]
pub fn python(script: &Path, arguments: &[&str], text: &str) -> Option<Result<String, String>> {
    let mut command = Command::new(paths::in_venv("python")?);
    Some(outcome(&run(command.arg(script).args(arguments), text)))
}

/// Runs a program of the virtual environment.
#[must_use]
pub fn in_venv<S: AsRef<OsStr>>(program: &str, arguments: &[S]) -> Option<Result<String, String>> {
    let mut command = Command::new(paths::in_venv(program)?);
    Some(outcome(&run(command.args(arguments), "")))
}

/// What a program prints that reads a text, or why it fails.
pub fn said(command: &mut Command, text: &str) -> Result<String, String> {
    outcome(&run(command, text))
}

/// What a program prints. Panics when it fails.
pub fn must_say(command: &mut Command) -> String {
    said(command, "").unwrap_or_else(|why| panic!("{command:?}: {why}"))
}

/// Whether bash can read a script.
pub fn bash(script: &str) -> Result<String, String> {
    outcome(&run(Command::new("bash").arg("-n"), script))
}

fn run(command: &mut Command, text: &str) -> Output {
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = process.stdin.take().expect("stdin is piped");
    let text = text.to_owned();
    // Beside the reading below, so that neither side waits for the other. Who does not read it need not.
    let writer = thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
    let output = process.wait_with_output().expect("the program ends");
    writer.join().expect("the text is written");
    output
}

fn outcome(output: &Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{}{}", text(&output.stderr), text(&output.stdout)))
    }
}
