//! `.github/workflows`: they are workflows, they pin what they run, and they ask for no more rights than they need.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use epicac_adopt::{ask, place};
use epicac_tests::require::require;

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

/// zizmor knows the ways in which workflows are attacked. Without a network it does not ask GitHub about the actions.
#[test]
fn zizmor_finds_nothing() {
    let mut arguments = ["--offline", "--no-config", "--format=json"]
        .map(PathBuf::from)
        .to_vec();
    arguments.extend(workflows());
    let Some(findings) = ask::in_venv("zizmor", &arguments) else {
        return;
    };
    assert_eq!(findings.as_deref().map(str::trim), Ok("[]"));
}

#[test]
fn zizmor_finds_what_a_stranger_may_write_into_a_script() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("bad.yml");
    let text = fs::read_to_string(&workflows()[0]).expect("the workflow can be read");
    let bad = text.replace("\"$HALF\"", "\"${{ github.head_ref }}\"");
    assert_ne!(bad, text);
    fs::write(&file, bad).expect("the workflow can be written");
    let options = ["--offline", "--no-config", "--format=json"].map(PathBuf::from);
    let Some(findings) = ask::in_venv("zizmor", &[&options[..], &[file]].concat()) else {
        return;
    };
    let found = findings.expect_err("it is refused");
    assert!(found.contains("template-injection"), "{found}");
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

/// What a version of a crate is in the registry's index.
const LINE: &str =
    r#"{"name":"CRATE","vers":"VERSION","deps":[],"cksum":"","features":{},"yanked":false}"#;

/// A release that failed half-way is run again, and the first version of a crate is published by hand.
#[test]
fn only_crates_that_are_not_in_the_registry_are_published() {
    let both = ["0.0.9", "0.1.0"];
    for (component, host, expected) in [
        (
            &[][..],
            &[][..],
            "--package epicac-component --package epicac",
        ),
        (
            &both[..1],
            &both[..1],
            "--package epicac-component --package epicac",
        ),
        (&both, &both[..1], "--package epicac"),
        (&both, &[], "--package epicac"),
        (&both, &both, ""),
    ] {
        let Some(published) = published(component, host) else {
            return;
        };
        assert_eq!(published, expected, "{component:?} {host:?}");
    }
}

/// The packages that the release of 0.1.0 publishes, with these versions of both crates in the registry: by the
/// workflow's own script, and stand-ins for the two programs that reach a network.
fn published(component: &[&str], host: &[&str]) -> Option<String> {
    require("jq")?;
    let folder = tempfile::tempdir().expect("a folder can be made");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).expect("it can be written");
        fs::set_permissions(&file, Permissions::from_mode(0o755)).expect("it is ours");
    };
    for (name, versions) in [("epicac-component", component), ("epicac", host)] {
        let lines: Vec<String> = versions
            .iter()
            .map(|version| LINE.replace("CRATE", name).replace("VERSION", version))
            .collect();
        // What the index says of a crate that it does not have.
        let text = if lines.is_empty() {
            "<Error><Code>NoSuchKey</Code></Error>".to_owned()
        } else {
            lines.join("\n")
        };
        write(&format!("{name}.index"), &text);
    }
    write("cargo", "#!/bin/bash\necho \"$*\" > cargo.called\n");
    write(
        "curl",
        "#!/bin/bash
case \"${!#}\" in
  https://index.crates.io/ep/ic/epicac) cat epicac.index ;;
  https://index.crates.io/ep/ic/epicac-component) cat epicac-component.index ;;
  *) exit 1 ;;
esac
",
    );
    let path = env::var("PATH").expect("there is a PATH");
    // As a runner starts the scripts of steps that name no shell.
    let output = Command::new("bash")
        .args(["-e", "-c", &script("release.yml", "Publish")])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("VERSION", "0.1.0")
        .output()
        .expect("bash starts");
    assert!(output.status.success(), "{output:?}");
    let Ok(called) = fs::read_to_string(folder.path().join("cargo.called")) else {
        return Some(String::new());
    };
    let packages = called
        .trim()
        .strip_prefix("publish --locked --allow-dirty --no-verify ");
    Some(packages.expect("cargo publishes").to_owned())
}

/// The script of a step, which is a block of lines.
fn script(workflow: &str, step: &str) -> String {
    let file = place::repository(".github/workflows").join(workflow);
    let text = fs::read_to_string(file).expect("the workflow can be read");
    let (_, rest) = text
        .split_once(&format!("- name: {step}\n"))
        .expect("the workflow has that step");
    let (_, rest) = rest.split_once("run: |\n").expect("it runs a script");
    let indent = rest.len() - rest.trim_start().len();
    let lines = rest.lines().map_while(|line| {
        let (blank, line) = line.split_at_checked(indent).unwrap_or((line, ""));
        blank.trim().is_empty().then_some(line)
    });
    lines.collect::<Vec<_>>().join("\n")
}
