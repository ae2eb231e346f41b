//! `cargo xtask demo`: what happens in a pod, on this machine, a step at a time.

mod sdk;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::agent::Agent;
use crate::workspace::Workspace;
use crate::{Result, file, process, product, setup};
use sdk::Sdk;

/// The output of a credential process, field by field.
const FIELDS: [&str; 6] = [
    "Version",
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
    "AccountId",
];

/// The role in the other account.
const ROLE_ARN: &str = "arn:aws:iam::222222222222:role/destination";

/// The number of characters after which a value is cut.
const LONG: usize = 60;

/// Shows the flow; with `keep`, leaves the agent up until Enter.
pub fn run(workspace: &Workspace, keep: bool) -> Result<()> {
    println!(
        "Building epicac and the stand-ins for the EKS Pod Identity Agent and AWS STS (minutes the first time)."
    );
    setup::targets(&[setup::WASM_TARGET])?;
    let host = product::host(workspace)?;
    let wasm = product::component(workspace)?;
    let program = product::agent(workspace, false)?;

    println!(
        "\nWhat follows happens in a pod on EKS whenever a program with an AWS SDK starts. Nothing here is \
         real:\nthe agent and AWS STS are stand-ins on this machine, and the credentials are AWS's published examples."
    );
    let folder = workspace.target.join("demo");

    title("1  The node's Pod Identity Agent serves the credentials of the pod's own role");
    let agent = Agent::start(&program, &folder, &["--sts", "127.0.0.1:0"])?;
    let sts = agent.sts.clone().unwrap_or_default();
    println!("  it listens on {}, and AWS STS on {sts}", agent.uri);

    title("2  EKS gives the pod two variables and a token");
    for (name, value) in agent.environment() {
        println!("  {name}={value}");
    }

    title("3  You give the pod an AWS config, with the role of the other account");
    let config = folder.join("aws-config");
    let text = aws_config(&host);
    file::write(&config, &text)?;
    println!(
        "  AWS_CONFIG_FILE={}\n  AWS_PROFILE=dest_role\n",
        config.display()
    );
    text.lines().for_each(|line| println!("  | {line}"));
    let home = folder.join("home");
    file::remove(&home)?;
    let pod = Pod {
        agent,
        sts,
        config,
        home,
    };

    title("4  The SDK follows the profiles to a command");
    println!("  dest_role assumes   {ROLE_ARN}");
    println!("  with credentials of src_role");
    println!("  which it gets from  {}", host.display());

    title("5  The SDK runs the command: epicac.wasm in its sandbox, asking the agent");
    let document = show_run(&mut pod.command(&host))?;
    println!("  (secrets are shown because they are made up)");

    title("6  With these credentials the SDK assumes the role, and calls AWS in the other account");
    show_callers(workspace, &pod, &host)?;

    title("7  The same component under another runtime: wasmtime run");
    let installed = setup::wasmtime(workspace).or_else(|| process::find("wasmtime"));
    let mut command = pod.command(installed.as_deref().unwrap_or("wasmtime".as_ref()));
    // HTTP, two variables, and the folder of the token; nothing else of this machine.
    command.args(["run", "-S", "http"]);
    for (name, _) in pod.agent.environment() {
        command.args(["--env", name]);
    }
    command.arg("--dir").args([&folder, &wasm]);
    if installed.is_none() {
        println!("  there is no wasmtime here; `cargo xtask setup wasmtime` installs it");
        println!("  the command is: {}", process::shown(&command));
    } else if same_credentials(&show_run(&mut command)?, &document) {
        println!("  the same credentials as in step 5");
    } else {
        return Err("the native host and wasmtime gave different credentials".to_owned());
    }

    title("8  And when something is wrong, one line says what");
    let mut command = pod.command(&host);
    command.env(
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        folder.join("no-such-token"),
    );
    show_failure(&mut command)?;

    if keep { wait_for_enter(&pod) } else { Ok(()) }
}

/// The AWS config. It has two profiles for one role, because the SDK for Go refuses one profile with both
/// `source_profile` and `credential_process`. In the third profile epicac assumes the role.
fn aws_config(epicac: &Path) -> String {
    let epicac = process::quoted(&epicac.display().to_string());
    format!(
        "[profile dest_role]\nrole_arn = {ROLE_ARN}\nsource_profile = src_role\n\
         role_session_name = epicac-demo\n\n\
         [profile src_role]\ncredential_process = {epicac}\n\n\
         [profile by_epicac]\ncredential_process = {epicac} --role-arn {ROLE_ARN} --session-name epicac-demo\n"
    )
}

/// What a container of the pod has.
struct Pod {
    agent: Agent,
    /// The URL of AWS STS.
    sts: String,
    config: PathBuf,
    /// The home folder.
    home: PathBuf,
}

impl Pod {
    /// The variables of the pod, and those that lead to the stand-in of STS.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = self.agent.environment().to_vec();
        variables.extend([
            ("AWS_CONFIG_FILE", self.config.display().to_string()),
            ("AWS_ENDPOINT_URL_STS", self.sts.clone()),
            // As EKS sets them. The AWS CLI (v1) and boto3 know only the second one.
            ("AWS_REGION", "us-west-2".to_owned()),
            ("AWS_DEFAULT_REGION", "us-west-2".to_owned()),
        ]);
        variables
    }

    /// A command with the environment of the pod, and no AWS variable of this shell.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = process::command(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(&name);
            }
        }
        command.envs(self.environment());
        command
    }
}

/// Asks AWS STS who is calling: by the pod's own role, by the SDK that assumes the role, and by epicac that does.
fn show_callers(workspace: &Workspace, pod: &Pod, host: &Path) -> Result<()> {
    let Some(sdk) = Sdk::find(workspace) else {
        println!("  there is neither an AWS CLI nor curl here to ask who is calling");
        return Ok(());
    };
    println!(
        "  AWS_ENDPOINT_URL_STS names the stand-in, which tells who is calling; it verifies no signature"
    );
    if let Sdk::Curl(_) = sdk {
        println!(
            "  (curl signs the requests that an SDK sends; `cargo xtask setup venv` installs the AWS CLI)"
        );
    }
    for (profile, who) in [
        ("src_role", "the pod's own role"),
        ("dest_role", "the SDK assumes the role"),
        ("by_epicac", "epicac --role-arn assumes it"),
    ] {
        let mut epicac = pod.command(host);
        if profile == "by_epicac" {
            epicac.args(["--role-arn", ROLE_ARN, "--session-name", "epicac-demo"]);
        }
        let role_arn = (profile == "dest_role").then_some(ROLE_ARN);
        let arn = sdk.caller(pod, profile, role_arn, || document(&mut epicac))?;
        println!("  | {arn}   ({who})");
        let is_other = arn.starts_with("arn:aws:sts::222222222222:assumed-role/destination/");
        if is_other != (profile != "src_role") {
            return Err(format!("{profile} ends at {arn}"));
        }
    }
    println!("  both ways end in the account 222222222222");
    Ok(())
}

/// Runs a credential process as an SDK does, shows the result, and gives the document.
fn show_run(command: &mut Command) -> Result<Value> {
    println!("  $ {}", process::shown(command));
    let start = Instant::now();
    let document = document(command)?;
    let took = start.elapsed();
    show_document(&document);
    println!(
        "  exit status 0 after {:.1} ms",
        took.as_secs_f64() * 1000.0
    );
    Ok(document)
}

/// What a credential process prints.
fn document(command: &mut Command) -> Result<Value> {
    serde_json::from_str(&process::capture(command)?)
        .map_err(|error| format!("the output is not JSON: {error}"))
}

/// Whether two documents hold the same credentials; the agent extends them with each request.
fn same_credentials(one: &Value, other: &Value) -> bool {
    let same = |name: &&str| *name == "Expiration" || one.get(name) == other.get(name);
    FIELDS.iter().all(same)
}

/// Shows the fields that an SDK reads, in their usual order; a long token is cut.
fn show_document(document: &Value) {
    for name in FIELDS {
        let mut value = document.get(name).unwrap_or(&Value::Null).to_string();
        let length = value.chars().count();
        if length > LONG {
            value = value.chars().take(LONG).collect();
            value += &format!("…\" ({} characters)", length - 2);
        }
        println!("  | \"{name}\": {value}");
    }
}

/// Runs a credential process that fails; its line goes to the terminal.
fn show_failure(command: &mut Command) -> Result<()> {
    let shown = process::shown(command);
    println!("  $ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=…/no-such-token {shown}");
    let status = command
        .status()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    println!("  {status}");
    if status.success() {
        return Err("that should have failed".to_owned());
    }
    Ok(())
}

fn wait_for_enter(pod: &Pod) -> Result<()> {
    println!(
        "\nThe stand-ins stay up. In another shell, give these to a program with an AWS SDK:\n"
    );
    for (name, value) in pod.environment() {
        println!("export {name}={}", process::quoted(&value));
    }
    println!("export AWS_PROFILE=dest_role\n");
    println!("for example: aws sts get-caller-identity");
    println!("\nEnter (or Ctrl-C) stops them.");
    io::stdin()
        .read_line(&mut String::new())
        .map(drop)
        .map_err(|error| format!("cannot read stdin: {error}"))
}

fn title(text: &str) {
    println!("\n{text}");
}
