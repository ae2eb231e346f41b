//! The start of a whole program with an SDK: what of it is the credential process.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::chart::Bar;
use super::{Peer, in_turn};
use crate::agent::Agent;
use crate::harness::{at, sorted};
use crate::workspace::Workspace;
use crate::{Result, file, process};

/// How often each program is run, and the runs before those that count.
const RUNS: usize = 100;
const WARM_UP: usize = 3;

/// Asks AWS STS who it is, and ends: the least that a program with an SDK does.
const BOTO3: &str = "import boto3; print(boto3.client('sts').get_caller_identity())";
/// What EKS's region would be.
const REGION: &str = "us-west-2";

type Variables = Vec<(&'static str, String)>;

/// The times of one program, in ms, sorted.
pub struct Start {
    pub name: &'static str,
    /// With credentials in its environment.
    pub fixed: Vec<f64>,
    /// With a credential process: epicac.
    pub process: Vec<f64>,
}

/// Runs each program with both kinds of credentials, in turn.
pub fn measure(
    workspace: &Workspace,
    host: &Path,
    agent: &Path,
    folder: &Path,
) -> Result<Vec<Start>> {
    let agent = Agent::start(agent, folder, &["--sts", "127.0.0.1:0"])?;
    let fixed = credentials(&agent, host)?;
    let config = folder.join("aws-config");
    let epicac = process::quoted(&host.display().to_string());
    file::write(
        &config,
        &format!("[default]\ncredential_process = {epicac}\n"),
    )?;
    let by_config = vec![("AWS_CONFIG_FILE", config.display().to_string())];

    let mut python = Command::new(python(workspace)?);
    python.args(["-c", BOTO3]);
    let go = folder.join("go-application");
    file::copy(&workspace.target.join("sdks/go/application"), &go)
        .map_err(|why| format!("{why} (`cargo xtask setup bench` builds it)"))?;
    let mut go = Command::new(go);
    go.arg("identity");

    let programs = [
        ("a program with boto3", python),
        ("a program with the SDK for Go", go),
    ];
    let mut peers = Vec::new();
    for (name, program) in &programs {
        for credentials in [&fixed, &by_config] {
            let mut command = Command::new(program.get_program());
            command.args(program.get_args()).env_clear();
            command.envs(variables(&agent)).envs(credentials.clone());
            peers.push(Peer { name, command });
        }
    }
    println!("\n  {} starts of programs, {RUNS} rounds", peers.len());
    in_turn(&mut peers, WARM_UP)?;
    let mut times = in_turn(&mut peers, RUNS)?.into_iter();
    let mut starts = Vec::new();
    for (name, _) in programs {
        let mut next = || {
            sorted(
                times
                    .next()
                    .unwrap_or_default()
                    .into_iter()
                    .map(|time| time / 1e3),
            )
        };
        starts.push(Start {
            name,
            fixed: next(),
            process: next(),
        });
    }
    Ok(starts)
}

/// The interpreter of the set-up's environment, which has boto3 and the AWS CLI.
pub fn python(workspace: &Workspace) -> Result<PathBuf> {
    let python = workspace.target.join("venv/bin/python");
    match python.is_file() {
        true => Ok(python),
        false => {
            Err("there is no Python with boto3 (`cargo xtask setup venv` installs it)".to_owned())
        }
    }
}

/// The variables of the pod, and what leads to the stand-in of STS.
fn variables(agent: &Agent) -> Variables {
    let mut variables = agent.environment().to_vec();
    variables.extend([
        // The shell in which the SDK for Go starts the process.
        ("PATH", "/usr/bin:/bin".to_owned()),
        ("HOME", "/nonexistent".to_owned()),
        (
            "AWS_ENDPOINT_URL_STS",
            agent.sts.clone().unwrap_or_default(),
        ),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
    ]);
    variables
}

/// The credentials of the pod, as variables.
fn credentials(agent: &Agent, host: &Path) -> Result<Variables> {
    let document = process::capture(Command::new(host).env_clear().envs(agent.environment()))?;
    let document: Value =
        serde_json::from_str(&document).map_err(|error| format!("epicac: {error}"))?;
    let names = [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ];
    let text = |name| {
        document
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let variables = names.map(|(variable, name)| (variable, text(name).to_owned()));
    Ok(variables.to_vec())
}

impl Start {
    /// The median of the start, and what of it is the credential process.
    fn parts(&self) -> Result<(f64, f64)> {
        let whole = at(&self.process, 50)?;
        Ok((whole, (whole - at(&self.fixed, 50)?).max(0.0)))
    }

    /// A row of the table.
    pub fn markdown(&self) -> Result<String> {
        let (whole, part) = self.parts()?;
        let fixed = at(&self.fixed, 50)?;
        let share = part / whole * 100.0;
        Ok(format!(
            "| {} | {fixed:.1} ms | {whole:.1} ms | {part:.1} ms | {share:.1} % |\n",
            self.name
        ))
    }

    /// A bar of the picture: the whole start, and at its end the part that is ours.
    pub fn bar(&self) -> Result<Bar> {
        let (milliseconds, ours) = self.parts()?;
        Ok(Bar {
            name: self.name.to_owned(),
            milliseconds,
            ours,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_of_the_process_is_what_the_start_takes_longer_with_it() {
        let start = Start {
            name: "a program",
            fixed: vec![190.0, 196.0, 300.0],
            process: vec![199.0, 200.0, 290.0],
        };
        let row = "| a program | 196.0 ms | 200.0 ms | 4.0 ms | 2.0 % |\n";
        assert_eq!(start.markdown(), Ok(row.to_owned()));
        let bar = start.bar().unwrap();
        assert!((bar.milliseconds - 200.0).abs() < 0.01 && (bar.ours - 4.0).abs() < 0.01);
    }
}
