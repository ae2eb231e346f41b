//! Roles against an AWS that verifies signatures and permissions, over TLS with an authority of its own: by
//! epicac itself, and by SDKs whose profile has nothing but `credential_process = epicac --role-arn …`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use epicac_tests::{Agent, Answer, Authority, credentials, paths};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::sdk::GO;

const READER: &str = "arn:aws:iam::222222222222:role/reader";
const POWERLESS: &str = "arn:aws:iam::222222222222:role/powerless";
const MIDDLE: &str = "arn:aws:iam::333333333333:role/middle";
const LAST: &str = "arn:aws:iam::444444444444:role/last";

/// AWS, and a pod whose own role may assume others there. It ends when this is dropped.
struct Aws {
    process: Child,
    agent: Agent,
    folder: TempDir,
    http: String,
    https: String,
    /// What the agent serves.
    pod: Value,
}

impl Aws {
    /// `None` means that the test is skipped.
    fn start() -> Option<Self> {
        let python = paths::in_venv("python")?;
        let folder = tempfile::tempdir().expect("a folder can be made");
        let authority = Authority::new().expect("an authority can be made");
        let (certificate, key) = authority
            .issue(&["localhost", "127.0.0.1"])
            .expect("a certificate can be issued");
        let file = |name: &str, content: &str| {
            let path = folder.path().join(name);
            fs::write(&path, content).expect("a file can be written");
            path
        };
        file("bundle.pem", &authority.pem());
        let mut process = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/sdks/roles.py"))
            .arg(file("certificate.pem", &certificate))
            .arg(file("key.pem", &key))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("stdout is piped");
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("moto says where it listens");
        let said: Value = serde_json::from_str(&line).expect("moto is up");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let aws = Self {
            process,
            agent: Agent::start().expect("the stand-in agent starts"),
            folder,
            http: text(&said["http"]),
            https: text(&said["https"]),
            pod: json!({
                "AccessKeyId": said["pod"]["AccessKeyId"],
                "SecretAccessKey": said["pod"]["SecretAccessKey"],
                "Token": said["pod"]["SessionToken"],
                "Expiration": credentials::moment(3600),
            }),
        };
        aws.agent.always(Answer::json(&aws.pod));
        Some(aws)
    }

    fn bundle(&self) -> PathBuf {
        self.folder.path().join("bundle.pem")
    }

    /// The program, in the environment of the pod and of this AWS.
    fn run(&self, program: &mut Command, sts: &str) -> Output {
        self.in_pod(program.env_clear(), sts)
    }

    fn in_pod(&self, program: &mut Command, sts: &str) -> Output {
        program
            .env("HOME", self.folder.path())
            .env("AWS_REGION", "us-east-1")
            // botocore's name of it.
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", sts)
            .env("AWS_CA_BUNDLE", self.bundle())
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.agent.url())
            .output()
            .expect("the program starts")
    }

    fn epicac(&self, program: &Path, arguments: &[&str]) -> Output {
        self.run(Command::new(program).args(arguments), &self.https)
    }

    /// Who the credentials are, as AWS itself says.
    fn caller(&self, document: &[u8]) -> Option<Value> {
        let document: Value = serde_json::from_slice(document).expect("one JSON object");
        let text = |name: &str| document[name].as_str().unwrap_or_default().to_owned();
        let mut cli = Command::new(paths::in_venv("aws")?);
        cli.args(["sts", "get-caller-identity", "--output", "json"]);
        let output = cli
            .env_clear()
            .env("AWS_REGION", "us-east-1")
            // botocore's name of it.
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_ENDPOINT_URL", &self.http)
            .env("AWS_ACCESS_KEY_ID", text("AccessKeyId"))
            .env("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey"))
            .env("AWS_SESSION_TOKEN", text("SessionToken"))
            .output()
            .expect("the AWS CLI starts");
        assert!(output.status.success(), "{}", said(&output));
        let caller: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(
            caller["Account"], document["AccountId"],
            "the role's account"
        );
        Some(caller)
    }

    /// A program that has one profile, with this credential process.
    fn consumer(&self, program: Command, credential_process: &str) -> Output {
        let config = format!("[profile role]\ncredential_process = {credential_process}\n");
        self.consumer_of(program, &config)
    }

    /// A program that has this aws-config.
    fn consumer_of(&self, mut program: Command, config: &str) -> Output {
        let file = self.folder.path().join("aws-config");
        fs::write(&file, config).expect("the config can be written");
        // `sh` runs a credential process for some.
        program
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("AWS_CONFIG_FILE", file)
            .env("AWS_PROFILE", "role");
        let output = self.in_pod(&mut program, &self.https);
        assert!(output.status.success(), "{}", said(&output));
        output
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        // It ends by itself when its stdin does; nothing in it is worth waiting for.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    format!("{}: {text}", output.status)
}

/// The one line of a run that failed.
#[track_caller]
fn fails_with(output: &Output, parts: &[&str]) {
    let line = said(output);
    assert_eq!(output.status.code(), Some(1), "{line}");
    assert!(output.stdout.is_empty(), "{line}");
    for part in parts {
        assert!(line.contains(part), "`{part}` is not in: {line}");
    }
}

#[test]
fn one_hop_and_three_hops_are_the_roles_that_aws_sees() {
    let (Some(epicac), Some(aws)) = (paths::epicac(), Aws::start()) else {
        return;
    };
    let options = [
        "--role-arn",
        READER,
        "--session-name=one",
        "--external-id=an-id",
        "--tag=team=light blue",
        "--transitive-tag=team",
        r#"--session-policy={"Version": "2012-10-17", "Statement": []}"#,
    ];
    let output = aws.epicac(&epicac, &options);
    assert!(output.status.success(), "{}", said(&output));
    let Some(caller) = aws.caller(&output.stdout) else {
        return;
    };
    assert_eq!(
        caller["Arn"],
        "arn:aws:sts::222222222222:assumed-role/reader/one"
    );

    let hops = [
        "--role-arn",
        READER,
        "--role-arn",
        MIDDLE,
        "--role-arn",
        LAST,
    ];
    let output = aws.epicac(&epicac, &[&hops[..], &["--session-name=three"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let Some(caller) = aws.caller(&output.stdout) else {
        return;
    };
    assert_eq!(
        caller["Arn"],
        "arn:aws:sts::444444444444:assumed-role/last/three"
    );
}

#[test]
fn what_aws_refuses_is_told_in_one_line() {
    let (Some(epicac), Some(aws)) = (paths::epicac(), Aws::start()) else {
        return;
    };
    // The second hop is not allowed to the first one's role.
    let output = aws.epicac(&epicac, &["--role-arn", POWERLESS, "--role-arn", LAST]);
    fails_with(
        &output,
        &["AWS STS answered with status 403", "AccessDenied"],
    );

    let mut forged = aws.pod.clone();
    forged["SecretAccessKey"] = json!("this-is-not-the-secret-of-that-access-key");
    aws.agent.always(Answer::json(&forged));
    let output = aws.epicac(&epicac, &["--role-arn", READER]);
    fails_with(&output, &["status 403", "SignatureDoesNotMatch"]);

    let mut unknown = aws.pod.clone();
    unknown["AccessKeyId"] = json!("ASIAUNKNOWN");
    aws.agent.always(Answer::json(&unknown));
    let output = aws.epicac(&epicac, &["--role-arn", READER]);
    fails_with(&output, &["status 403", "InvalidClientTokenId"]);

    let mut expired = aws.pod.clone();
    expired["Expiration"] = json!(credentials::moment(-60));
    aws.agent.always(Answer::json(&expired));
    let output = aws.epicac(&epicac, &["--role-arn", READER]);
    fails_with(&output, &["expired credentials"]);
}

#[test]
fn the_authority_has_to_be_named() {
    let (Some(epicac), Some(aws)) = (paths::epicac(), Aws::start()) else {
        return;
    };
    let mut command = Command::new(epicac);
    command.args(["--role-arn", READER]).env_clear();
    let output = command
        .env("AWS_ENDPOINT_URL", &aws.https)
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", aws.agent.url())
        .output()
        .expect("epicac starts");
    fails_with(&output, &["no connection to AWS STS", "AWS_CA_BUNDLE"]);
}

#[test]
fn the_same_under_wasmtime_run() {
    let (Some(wasmtime), Some(wasm)) = (paths::wasmtime(), paths::wasm()) else {
        return;
    };
    let Some(aws) = Aws::start() else { return };
    let mut command = Command::new(wasmtime);
    command.args(["run", "-S", "http"]);
    for name in [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
    ] {
        command.args(["--env", name]);
    }
    command.arg(wasm).args([
        "--role-arn",
        READER,
        "--external-id",
        "an-id",
        "--role-arn",
        LAST,
        "--session-name=two",
    ]);
    let output = aws.run(&mut command, &aws.http);
    assert!(output.status.success(), "{}", said(&output));
    let Some(caller) = aws.caller(&output.stdout) else {
        return;
    };
    assert_eq!(
        caller["Arn"],
        "arn:aws:sts::444444444444:assumed-role/last/two"
    );
}

/// The command line of a tool that knows no role by itself.
fn credential_process(epicac: &Path) -> String {
    format!(
        "\"{}\" --role-arn {READER} --external-id an-id --role-arn {LAST} --session-name consumer",
        epicac.display()
    )
}

const CONSUMER: &str = "arn:aws:sts::444444444444:assumed-role/last/consumer";

/// Prints who boto3 is.
fn boto3() -> Option<Command> {
    let mut program = Command::new(paths::in_venv("python")?);
    program.args([
        "-c",
        "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])",
    ]);
    Some(program)
}

#[test]
fn boto3_needs_nothing_but_a_credential_process() {
    let (Some(epicac), Some(program), Some(aws)) = (paths::epicac(), boto3(), Aws::start()) else {
        return;
    };
    let output = aws.consumer(program, &credential_process(&epicac));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), CONSUMER);
}

#[test]
fn the_config_that_epicac_prints_lets_it_assume_the_role_itself() {
    let (Some(epicac), Some(program), Some(aws)) = (paths::epicac(), boto3(), Aws::start()) else {
        return;
    };
    let printed = Command::new(&epicac)
        .args(["config", "--chain", "epicac", "--region", "us-east-1"])
        .args(["--external-id", "an-id", "--duration", "3600"])
        .arg(format!("--profile=role={READER}"))
        .arg("--path")
        .arg(epicac.canonicalize().expect("epicac is there"))
        .output()
        .expect("epicac starts");
    assert!(printed.status.success(), "{}", said(&printed));
    let config = String::from_utf8_lossy(&printed.stdout);
    assert!(config.contains("--role-arn"), "{config}");
    let output = aws.consumer_of(program, &config);
    let arn = String::from_utf8_lossy(&output.stdout);
    let role = "arn:aws:sts::222222222222:assumed-role/reader/epicac";
    assert!(arn.starts_with(role), "{arn}");
}

#[test]
fn the_aws_cli_needs_nothing_but_a_credential_process() {
    let (Some(epicac), Some(cli), Some(aws)) =
        (paths::epicac(), paths::in_venv("aws"), Aws::start())
    else {
        return;
    };
    let mut program = Command::new(cli);
    program.args(["sts", "get-caller-identity", "--query=Arn", "--output=text"]);
    let output = aws.consumer(program, &credential_process(&epicac));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), CONSUMER);
}

#[test]
fn the_go_sdk_needs_nothing_but_a_credential_process() {
    let (Some(epicac), Some(mut program)) = (paths::epicac(), (GO.application)()) else {
        return;
    };
    let Some(aws) = Aws::start() else { return };
    let calls = aws.folder.path().join("calls");
    fs::write(&calls, "call\n").expect("a file can be written");
    program.stdin(File::open(calls).expect("the file can be read"));
    let output = aws.consumer(program, &credential_process(&epicac));
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        stdout.contains(&format!(r#""arn":"{CONSUMER}""#)),
        "{stdout}"
    );
}
