//! Running one block.

use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use epicac_tests::aws::{Aws, SOURCE_BUCKET};
use epicac_tests::{Pod, matrix};

use crate::document::{Directive, blocks};
use crate::place::Place;

/// Longer than any block takes, also where several start compilers at once.
const PATIENCE: Duration = Duration::from_secs(180);

/// Runs the block of a test as the document says it.
pub fn block(name: &str) {
    let block = blocks()
        .into_iter()
        .find(|block| block.directive.test() == Some(name))
        .unwrap_or_else(|| panic!("docs/embedding.md has no block `{name}`"));
    let Some(place) = Place::new() else { return };
    let Some(aws) = Aws::start() else { return };
    assert!(
        !block.text.contains(SOURCE_BUCKET),
        "what a block prints must come from AWS"
    );
    let pod = Pod::new();
    let mut shell = Command::new("sh");
    shell.args(["-eu", "-c", &block.text]);
    pod.prepare(&mut shell, "false", &aws)
        .env("PATH", place.path())
        .current_dir(place.folder());
    // The document's applications use no profile.
    for variable in ["AWS_PROFILE", "AWS_CONFIG_FILE"] {
        shell.env_remove(variable);
    }
    let output = output(&mut shell);
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let all = format!("{}\n{stdout}\n{stderr}", output.status);
    match &block.directive {
        Directive::Run { prints, .. } => {
            assert!(output.status.success(), "it failed: {all}");
            assert!(
                stdout.contains(prints),
                "it did not print `{prints}`: {all}"
            );
        }
        Directive::Fails { says, .. } => {
            assert!(!output.status.success(), "it succeeded: {all}");
            assert!(stderr.contains(says), "it did not say `{says}`: {all}");
        }
        Directive::File(_) | Directive::SameAs(_) => panic!("it is not run"),
    }
    matrix::record("embedding", name, "outcome", "passed").expect("the cell can be written down");
}

/// Each block that is run has a test.
pub fn blocks_are(tests: &[&str]) {
    let blocks = blocks();
    let names: Vec<&str> = blocks
        .iter()
        .filter_map(|block| block.directive.test())
        .collect();
    assert_eq!(names, tests);
}

/// The output of a command, which is killed when it takes too long.
fn output(command: &mut Command) -> Output {
    let mut process = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sh starts");
    let started = Instant::now();
    while process.try_wait().expect("it can be waited for").is_none() {
        if started.elapsed() > PATIENCE {
            let _ = process.kill();
            panic!("it still ran after {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(20));
    }
    process.wait_with_output().expect("its output can be read")
}
