//! Asks AWS STS who is calling, by the AWS CLI or by curl. curl signs the requests that an SDK would send.

use std::path::PathBuf;

use serde_json::Value;

use super::Pod;
use crate::workspace::Workspace;
use crate::{Result, process};

/// The fields of credentials with which a request is signed.
const CREDENTIALS: [&str; 3] = ["AccessKeyId", "SecretAccessKey", "SessionToken"];

/// A program that calls AWS with credentials.
pub enum Sdk {
    /// It reads the profiles by itself, as every SDK does.
    AwsCli(PathBuf),
    /// It only signs; the profiles are followed here.
    Curl(PathBuf),
}

impl Sdk {
    /// The AWS CLI of the set-up, or else curl. An AWS CLI on the `PATH` may be too old to be told where STS is, and would
    /// ask AWS itself.
    pub fn find(workspace: &Workspace) -> Option<Self> {
        let cli = workspace.target.join("venv/bin/aws");
        if cli.is_file() {
            return Some(Self::AwsCli(cli));
        }
        process::find("curl").map(Self::Curl)
    }

    /// The caller's ARN for a profile whose role, if it has one, the SDK assumes. `process` gives the document of the
    /// profile's `credential_process`.
    pub fn caller(
        &self,
        pod: &Pod,
        profile: &str,
        role_arn: Option<&str>,
        process: impl FnOnce() -> Result<Value>,
    ) -> Result<String> {
        let curl = match self {
            Self::Curl(curl) => curl,
            Self::AwsCli(program) => {
                println!("  $ aws sts get-caller-identity --profile {profile}");
                let mut aws = pod.command(program);
                aws.args(["sts", "get-caller-identity", "--profile", profile]);
                // It keeps credentials in the home folder.
                aws.env("HOME", &pod.home);
                return process::capture(aws.args(["--query", "Arn", "--output", "text"]));
            }
        };
        let signed = |[key, secret, token]: &[String; 3], form: &str| {
            println!(
                "  $ curl --aws-sigv4 … --data '{form}' {}   # for {profile}",
                pod.sts
            );
            let mut curl = pod.command(curl);
            curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*"])
                .args(["--aws-sigv4", "aws:amz:us-west-2:sts"])
                .args(["--user", &format!("{key}:{secret}")])
                .args(["--header", &format!("x-amz-security-token: {token}")])
                .args(["--data", &format!("{form}&Version=2011-06-15"), &pod.sts]);
            process::capture(&mut curl)
        };
        let document = process()?;
        let text = |name| {
            document
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let mut credentials = CREDENTIALS.map(|name| text(name).to_owned());
        if let Some(arn) = role_arn {
            let form = format!("Action=AssumeRole&RoleSessionName=epicac-demo&RoleArn={arn}");
            let answer = signed(&credentials, &form)?;
            credentials = CREDENTIALS.map(|name| element(&answer, name));
        }
        let answer = signed(&credentials, "Action=GetCallerIdentity")?;
        Ok(element(&answer, "Arn"))
    }
}

/// What an element of an answer of STS holds.
fn element(answer: &str, name: &str) -> String {
    let rest = answer.split_once(&format!("<{name}>"));
    let value = rest.and_then(|(_, rest)| rest.split_once("</"));
    value.map_or("", |(value, _)| value).to_owned()
}
