//! boto3 and the AWS CLI become the role of the other account.

use std::process::{Command, Output};

use epicac_tests::Answer;
use serde_json::Value;

use crate::aws::{ACCOUNT, Aws, BUCKET};
use crate::paths;
use crate::pod::Pod;

#[test]
fn boto3_calls_the_other_account_by_epicac() {
    let pod = Pod::new();
    let Some(command) = pod.epicac() else { return };
    boto3_calls_the_other_account(&pod, &command);
}

#[test]
fn boto3_calls_the_other_account_by_wasmtime_run() {
    let pod = Pod::new();
    let Some(command) = pod.wasmtime_run() else {
        return;
    };
    boto3_calls_the_other_account(&pod, &command);
}

#[test]
fn the_aws_cli_calls_the_other_account_by_epicac() {
    let pod = Pod::new();
    let Some(command) = pod.epicac() else { return };
    the_aws_cli_calls_the_other_account(&pod, &command);
}

#[test]
fn the_aws_cli_calls_the_other_account_by_wasmtime_run() {
    let pod = Pod::new();
    let Some(command) = pod.wasmtime_run() else {
        return;
    };
    the_aws_cli_calls_the_other_account(&pod, &command);
}

#[test]
fn boto3_calls_the_other_account_by_the_config_that_epicac_prints() {
    let pod = Pod::new();
    let Some(epicac) = paths::epicac() else {
        return;
    };
    let Some((mut python, aws)) = boto3() else {
        return;
    };
    let config = Command::new(&epicac)
        .args([
            "config",
            "--region",
            "us-west-2",
            "--duration",
            "3600",
            "--external-id",
            "an/id=1",
        ])
        .arg(format!(
            "--profile=dest_role=arn:aws:iam::{ACCOUNT}:role/destination"
        ))
        .arg("--path")
        .arg(epicac.canonicalize().expect("epicac is there"))
        .output()
        .expect("epicac starts");
    let config = String::from_utf8(config.stdout).expect("an aws-config is text");
    let seen = json(&pod.run_with(&mut python, &config, &aws));
    let arn = seen["arn"].as_str().unwrap_or_default();
    let role = format!("arn:aws:sts::{ACCOUNT}:assumed-role/destination/");
    assert!(arn.starts_with(&role), "{arn}");
    assert_eq!(seen["buckets"], serde_json::json!([BUCKET]));
}

#[test]
fn what_python_refuses_is_a_flaw_for_epicac() {
    let pod = Pod::new();
    let Some(epicac) = paths::epicac() else {
        return;
    };
    let Some((python, aws)) = boto3() else { return };
    let sound = format!(
        "[profile dest_role]\ncredential_process = {}\n",
        epicac.display()
    );
    for (flaw, is_flawed) in [
        ("", false),
        ("region = a\nregion = b\n", true),
        ("[profile dest_role]\nregion = b\n", true),
        ("no property\n", true),
        ("  [profile indented]\n", true),
    ] {
        let text = format!("{sound}{flaw}");
        let mut python = Command::new(python.get_program());
        python.args([
            "-c",
            "import boto3; boto3.client('sts').get_caller_identity()",
        ]);
        let refused = !pod.run_with(&mut python, &text, &aws).status.success();
        let mut check = Command::new(&epicac);
        let checked = pod.run_with(check.args(["config", "check"]), &text, &aws);
        assert_eq!(
            (refused, !checked.status.success()),
            (is_flawed, is_flawed),
            "{text}"
        );
    }
}

#[test]
fn what_the_agent_refuses_is_read_in_the_error_of_boto3() {
    let pod = Pod::new();
    let Some(command) = pod.epicac() else { return };
    let Some((python, aws)) = boto3() else { return };
    shows_the_refusal(&pod, &command, python, &aws);
}

#[test]
fn what_the_agent_refuses_is_read_in_the_error_of_the_aws_cli() {
    let pod = Pod::new();
    let Some(command) = pod.epicac() else { return };
    let Some((mut cli, aws)) = aws_cli() else {
        return;
    };
    cli.args(["sts", "get-caller-identity"]);
    shows_the_refusal(&pod, &command, cli, &aws);
}

fn boto3_calls_the_other_account(pod: &Pod, credential_process: &str) {
    let Some((mut python, aws)) = boto3() else {
        return;
    };
    let seen = json(&pod.run(&mut python, credential_process, &aws));
    is_the_destination_role(&seen["arn"]);
    assert_eq!(seen["buckets"], serde_json::json!([BUCKET]));
    assert_eq!(
        pod.agent.requests().len(),
        1,
        "the credentials come from the agent, asked once"
    );
}

fn the_aws_cli_calls_the_other_account(pod: &Pod, credential_process: &str) {
    let Some((mut cli, aws)) = aws_cli() else {
        return;
    };
    cli.args(["sts", "get-caller-identity", "--output", "json"]);
    is_the_destination_role(&json(&pod.run(&mut cli, credential_process, &aws))["Arn"]);

    let mut cli = Command::new(cli.get_program());
    cli.args(["s3api", "list-buckets", "--output", "json"]);
    let buckets = json(&pod.run(&mut cli, credential_process, &aws));
    assert_eq!(buckets["Buckets"][0]["Name"], BUCKET);
    assert_eq!(
        pod.agent.requests().len(),
        2,
        "the credentials come from the agent, asked by each call"
    );
}

fn shows_the_refusal(pod: &Pod, credential_process: &str, mut program: Command, aws: &Aws) {
    pod.agent.always(Answer::text(
        403,
        "Access Denied. Called agent through invalid address\n",
    ));
    let output = pod.run(&mut program, credential_process, aws);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "it succeeded without credentials");
    let line = stderr
        .lines()
        .find(|line| line.contains("epicac: "))
        .unwrap_or_default();
    for part in ["403", "Access Denied. Called agent through invalid address"] {
        assert!(
            line.contains(part),
            "`{part}` is not in the error: {stderr}"
        );
    }
}

fn boto3() -> Option<(Command, Aws)> {
    let mut python = Command::new(paths::in_venv("python")?);
    python.arg(paths::script("application.py"));
    Some((python, Aws::start()?))
}

fn aws_cli() -> Option<(Command, Aws)> {
    Some((Command::new(paths::in_venv("aws")?), Aws::start()?))
}

fn is_the_destination_role(arn: &Value) {
    let expected = format!("arn:aws:sts::{ACCOUNT}:assumed-role/destination/real-flow");
    assert_eq!(arn.as_str(), Some(&*expected));
}

fn json(output: &Output) -> Value {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    serde_json::from_slice(&output.stdout).expect("the output is JSON")
}
