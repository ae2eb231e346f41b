//! The documentation shows what the verbs print that need an agent or write, except for the folders of the tests. What
//! needs neither is in golden.rs.

use std::fs;

use epicac_tests::{Epicac, Namespace, Outcome, test_token};

use crate::agent_program::PROGRAM;
use crate::config::DEST;
use crate::config_check::aws_config;

const REFERENCE: &str = include_str!("../../docs/reference.md");
const DOCTOR: &str = include_str!("../../docs/doctor.md");

/// Asserts that a page shows a command, and below it these lines.
#[track_caller]
fn shows(page: &str, command: &str, printed: &str) {
    let block = format!("```console,ignore\n$ epicac {command}\n{printed}```");
    assert!(page.contains(&block), "the page does not show:\n{block}");
}

/// What it printed, with the first of each pair replaced by the second.
fn text(outcome: &Outcome, replaced: &[(&str, &str)]) -> String {
    let bytes = [outcome.stdout.as_slice(), &outcome.stderr].concat();
    let text = String::from_utf8(bytes).unwrap();
    let replace = |text: String, (from, to): &(&str, &str)| text.replace(from, to);
    replaced.iter().fold(text, replace)
}

#[test]
fn an_installation() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let epicac = Epicac::new().arg("install").arg(path).arg("--profile");
    let printed = text(&epicac.arg(DEST).run(), &[(path, "/epicac")]);
    shows(
        REFERENCE,
        &format!("install /epicac --profile {DEST}"),
        &printed,
    );
}

#[test]
fn a_diagnosis() {
    let Some(namespace) = Namespace::link_local() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, test_token(-7_520)).unwrap();
    let options = ["--profile", DEST, "--region", "eu-central-1", "--path"];
    let config = options
        .iter()
        .fold(Epicac::new().arg("config"), Epicac::arg);
    let (_config, config) = aws_config(&config.arg(Epicac::path()).run().answers(0));

    let outcome = Epicac::new()
        .full_uri("http://169.254.170.23/v1/credentials")
        .token_file(&token)
        .var("AWS_CONFIG_FILE", &config)
        .var("AWS_PROFILE", "dest_role")
        .under(namespace.prefix())
        .under([PROGRAM, "--listen", "169.254.170.23:80", "--"])
        .arg("doctor")
        .run();
    let epicac = Epicac::path();
    let paths = [
        (
            &token,
            "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
        ),
        (&config, "/etc/aws-config"),
        (&epicac, "/opt/epicac"),
    ];
    let paths = paths.map(|(path, shown)| (path.to_str().unwrap(), shown));
    let printed = text(&outcome, &paths);
    // A kernel without all the layers of the wall says so.
    let wall = printed.lines().find(|line| line.contains(" wall "));
    let shown = "ok      wall        all five layers stand";
    shows(DOCTOR, "doctor", &printed.replace(wall.unwrap(), shown));
}
