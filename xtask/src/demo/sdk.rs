//! Who AWS STS says is calling: asked by the AWS CLI, or by curl, which signs the requests that an SDK sends.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

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
    /// The AWS CLI if it can be told where STS is, or else curl.
    pub fn find() -> Option<Self> {
        let cli = process::find("aws").filter(|program| {
            let version = process::command(program).arg("--version").output();
            version.is_ok_and(|output| {
                output.status.success()
                    && knows_endpoint_variables(&String::from_utf8_lossy(&output.stdout))
            })
        });
        let curl = || process::find("curl").map(Self::Curl);
        cli.map(Self::AwsCli).or_else(curl)
    }

    /// The caller's ARN for a profile whose role, if it has one, the SDK assumes.
    ///
    /// `command` gives a command in the pod's environment. `process` gives the document of the profile's
    /// `credential_process`.
    pub fn caller(
        &self,
        profile: &str,
        role_arn: Option<&str>,
        sts: &str,
        command: impl Fn(&PathBuf) -> Command,
        process: impl FnOnce() -> Result<Value>,
    ) -> Result<String> {
        match self {
            Self::AwsCli(program) => {
                let mut command = command(program);
                command.args(["sts", "get-caller-identity", "--profile", profile]);
                println!("  $ aws sts get-caller-identity --profile {profile}");
                let identity: Value = serde_json::from_str(&output(&mut command)?)
                    .map_err(|error| format!("the AWS CLI printed no JSON: {error}"))?;
                Ok(text(&identity, "Arn").to_owned())
            }
            Self::Curl(program) => {
                let signed = |credentials: &Value, form: &str| {
                    println!("  $ curl --aws-sigv4 … --data '{form}' {sts}   # for {profile}");
                    let [key, secret, token] = CREDENTIALS.map(|name| text(credentials, name));
                    let mut curl = command(program);
                    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*"]);
                    curl.args(["--aws-sigv4", "aws:amz:us-west-2:sts", "--user"]);
                    curl.arg(format!("{key}:{secret}")).arg("--header");
                    curl.arg(format!("x-amz-security-token: {token}"));
                    output(curl.args(["--data", &format!("{form}&Version=2011-06-15"), sts]))
                };
                let mut credentials = process()?;
                if let Some(arn) = role_arn {
                    let form =
                        format!("Action=AssumeRole&RoleSessionName=epicac-demo&RoleArn={arn}");
                    let answer = signed(&credentials, &form)?;
                    credentials = CREDENTIALS
                        .into_iter()
                        .map(|name| (name, element(&answer, name)))
                        .collect();
                }
                let answer = signed(&credentials, "Action=GetCallerIdentity")?;
                Ok(element(&answer, "Arn").to_owned())
            }
        }
    }
}

/// Whether this AWS CLI reads `AWS_ENDPOINT_URL_STS`: from 1.29 and 2.13 on. Others would ask AWS itself.
fn knows_endpoint_variables(version: &str) -> bool {
    let number = version.strip_prefix("aws-cli/").unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(1), Some(minor)) => minor >= 29,
        (Some(2), Some(minor)) => minor >= 13,
        (major, _) => major > Some(2),
    }
}

fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", process::shown(command)))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let why = String::from_utf8_lossy(&output.stderr);
        Err(format!("{}: {}", output.status, why.trim()))
    }
}

fn text<'a>(document: &'a Value, name: &str) -> &'a str {
    document
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// What an element of an answer of STS holds.
fn element<'a>(answer: &'a str, name: &str) -> &'a str {
    let rest = answer.split_once(&format!("<{name}>"));
    rest.and_then(|(_, rest)| rest.split_once("</"))
        .map(|(value, _)| value)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aws_cli_that_would_ask_aws_itself_is_not_used() {
        for (version, knows) in [
            ("aws-cli/1.45.11 Python/3.11.7 Linux/6.18", true),
            ("aws-cli/1.28.9 Python/3.9", false),
            ("aws-cli/2.13.0 Python/3.11", true),
            ("aws-cli/2.9.19 Python/3.11", false),
            ("something else", false),
        ] {
            assert_eq!(knows_endpoint_variables(version), knows, "{version}");
        }
    }

    #[test]
    fn an_element_of_an_answer_is_found() {
        assert_eq!(element("<A><Arn>x</Arn></A>", "Arn"), "x");
        assert_eq!(element("<A></A>", "Arn"), "");
    }
}
