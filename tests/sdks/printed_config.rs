//! The aws-config that `epicac config` prints, and what `epicac config check` says of others, with boto3 as
//! the witness of both.

use std::process::Command;

use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use epicac_tests::{Application, Pod, paths};
use serde_json::json;

use crate::sdk::PYTHON;

#[test]
fn boto3_calls_the_other_account_by_the_config_that_epicac_prints() {
    let (Some(epicac), Some(mut python)) = (paths::epicac(), (PYTHON.application)()) else {
        return;
    };
    let Some(aws) = Aws::start() else { return };
    let printed = Command::new(&epicac)
        .args(["config", "--region", "us-west-2", "--duration", "3600"])
        .args(["--external-id", "an/id=1", "--profile"])
        .arg(format!("dest_role=arn:aws:iam::{ACCOUNT}:role/destination"))
        .arg("--path")
        .arg(epicac.canonicalize().expect("epicac is there"))
        .output()
        .expect("epicac starts");
    let config = String::from_utf8(printed.stdout).expect("an aws-config is text");

    let pod = Pod::new();
    pod.prepare_with(&mut python, &config, &aws);
    let mut application = Application::start(&mut python, aws);
    application.version();
    let seen = application.call();
    application.end();
    let arn = seen["arn"].as_str().unwrap_or_default();
    let role = format!("arn:aws:sts::{ACCOUNT}:assumed-role/destination/");
    assert!(arn.starts_with(&role), "{seen}");
    assert_eq!(seen["buckets"], json!([BUCKET]));
}

#[test]
fn what_python_refuses_is_a_flaw_for_epicac() {
    let (Some(epicac), Some(python)) = (paths::epicac(), paths::in_venv("python")) else {
        return;
    };
    let Some(aws) = Aws::start() else { return };
    let pod = Pod::new();
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
        let config = format!("{sound}{flaw}");
        let mut boto3 = Command::new(&python);
        boto3.args([
            "-c",
            "import boto3; boto3.client('sts').get_caller_identity()",
        ]);
        let mut check = Command::new(&epicac);
        check.args(["config", "check"]);
        let [refused, has_flaw] = [boto3, check].map(|mut program| {
            let program = pod.prepare_with(&mut program, &config, &aws);
            !program
                .output()
                .expect("the program starts")
                .status
                .success()
        });
        assert_eq!((refused, has_flaw), (is_flawed, is_flawed), "{config}");
    }
}
