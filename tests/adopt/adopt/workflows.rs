//! `.github/workflows`: they are workflows, they pin what they run, and they ask for no more rights than they need.

use std::fs;
use std::path::PathBuf;

use epicac_adopt::{ask, place};
use serde_json::json;

fn workflows() -> Vec<PathBuf> {
    let folder = place::repository(".github/workflows");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("there are workflows")
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    files.sort();
    assert_eq!(files.len(), 2, "{files:?}");
    files
}

#[test]
fn actionlint_finds_nothing() {
    let mut arguments = vec![PathBuf::from("workflow")];
    arguments.extend(workflows());
    let Some(findings) = ask::judged(&arguments) else {
        return;
    };
    assert_eq!(findings, json!([]));
}

#[test]
fn they_are_workflows_by_their_schema() {
    let mut arguments = ["--builtin-schema", "vendor.github-workflows"]
        .map(PathBuf::from)
        .to_vec();
    arguments.extend(workflows());
    let Some(answer) = ask::in_venv("check-jsonschema", &arguments) else {
        return;
    };
    assert!(answer.is_ok(), "{answer:?}");
}

/// A tag can be moved to other code; the digest of a commit cannot.
#[test]
fn every_action_is_pinned_by_its_commit() {
    let mut pinned = 0;
    for file in workflows() {
        let text = fs::read_to_string(&file).expect("the workflow can be read");
        for line in text.lines() {
            let Some((_, action)) = line.split_once("uses: ") else {
                continue;
            };
            let (_, version) = action.split_once('@').expect("an action has a version");
            let (commit, tag) = version
                .split_once(" # v")
                .expect("a comment names the version");
            assert!(
                commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{line}"
            );
            assert!(!tag.is_empty(), "{line}");
            pinned += 1;
        }
    }
    assert!(pinned > 5, "only {pinned} actions were found");
}

/// What comes from outside, such as the name of a branch, must not become part of a script.
#[test]
fn no_script_holds_an_expression() {
    for file in workflows() {
        let text = fs::read_to_string(&file).expect("the workflow can be read");
        let mut script = None;
        for line in text.lines() {
            let indent = line.len() - line.trim_start().len();
            if script.is_some_and(|script| !line.trim().is_empty() && indent <= script) {
                script = None;
            }
            if line
                .trim_start()
                .trim_start_matches("- ")
                .starts_with("run:")
            {
                script = Some(indent);
            }
            if script.is_some() {
                assert!(!line.contains("${{"), "{}: {line}", file.display());
            }
        }
    }
}
