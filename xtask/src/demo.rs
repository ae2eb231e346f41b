//! `cargo xtask demo`: what happens in a pod, on this machine, a step at a time.

mod profiles;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::agent::Agent;
use crate::workspace::Workspace;
use crate::{Result, process, product, setup};
use profiles::Profiles;

/// The variables by which a pod's AWS SDK, and epicac, find the agent and the token.
const VARIABLES: [&str; 4] = [
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
];

/// The output of a credential process, field by field.
const FIELDS: [&str; 6] = [
    "Version",
    "AccessKeyId",
    "SecretAccessKey",
    "SessionToken",
    "Expiration",
    "AccountId",
];

/// The number of characters after which a value is cut.
const LONG: usize = 60;

/// Shows the flow; with `keep`, leaves the agent up until Enter.
pub fn run(workspace: &Workspace, keep: bool) -> Result<()> {
    println!(
        "Building epicac and a stand-in for the EKS Pod Identity Agent (minutes the first time)."
    );
    setup::targets(&[setup::WASM_TARGET])?;
    let host = product::host(workspace)?;
    let wasm = product::component(workspace)?;
    let program = product::agent(workspace)?;

    println!(
        "\nWhat follows happens in a pod on EKS whenever a program with an AWS SDK starts. Nothing here is \
         real:\nthe agent is a stand-in on this machine, and its credentials are AWS's published examples."
    );
    let folder = workspace.target.join("demo");

    title(
        1,
        "The node's Pod Identity Agent serves the credentials of the pod's own role",
    );
    let agent = Agent::start(&program, &folder)?;
    println!("  it listens on {}", agent.uri);

    title(2, "EKS gives the pod two variables and a token");
    for (name, value) in agent.environment() {
        println!("  {name}={value}");
    }

    title(
        3,
        "You give the pod an AWS config, with the role of the other account",
    );
    let config = folder.join("aws-config");
    let text = profiles::config(&host);
    fs::write(&config, &text)
        .map_err(|error| format!("cannot write {}: {error}", config.display()))?;
    println!(
        "  AWS_CONFIG_FILE={}\n  AWS_PROFILE=dest_role\n",
        config.display()
    );
    text.lines().for_each(|line| println!("  | {line}"));

    title(4, "The SDK follows the profiles to a command");
    let profiles = Profiles::parse(&text);
    let chain = profiles.chain("dest_role")?;
    println!("  dest_role assumes   {}", chain.role_arn);
    println!("  with credentials of {}", chain.source_profile);
    println!("  which it gets from  {}", chain.credential_process);

    title(
        5,
        "The SDK runs the command: epicac.wasm in its sandbox, asking the agent",
    );
    let words = profiles::split(&chain.credential_process)?;
    let document = show_run(&mut in_pod(&words, &agent)?)?;
    println!("  (secrets are shown because they are made up)");

    title(
        6,
        "With these credentials the SDK assumes the role and calls the other account",
    );
    println!("  sts:AssumeRole {}", chain.role_arn);
    println!("  needs AWS, so not done here; `cargo xtask test sdks` does it with seven SDKs");

    title(7, "The same component under another runtime: wasmtime run");
    let wasmtime = setup::wasmtime(workspace).or_else(|| process::find("wasmtime"));
    let words = wasmtime_words(wasmtime.as_deref(), &wasm, &folder);
    if wasmtime.is_some() {
        let same = same_credentials(&show_run(&mut in_pod(&words, &agent)?)?, &document);
        println!(
            "  the same credentials as in step 5: {}",
            if same { "yes" } else { "NO" }
        );
        if !same {
            return Err("the native host and wasmtime gave different credentials".to_owned());
        }
    } else {
        println!(
            "  there is no wasmtime here; this is the command:\n  $ {}",
            shell_line(&words)
        );
        println!("  (`cargo xtask setup wasmtime` installs it)");
    }

    title(8, "And when something is wrong, one line says what");
    let mut command = in_pod(&[host.display().to_string()], &agent)?;
    command.env(
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        folder.join("no-such-token"),
    );
    show_failure(&mut command)?;

    if keep {
        wait_for_enter(&agent, &config)
    } else {
        Ok(())
    }
}

/// The command line with which the wasmtime CLI runs the component: HTTP, the variables, and the folder
/// of the token; nothing else of this machine.
fn wasmtime_words(wasmtime: Option<&Path>, wasm: &Path, token_folder: &Path) -> Vec<String> {
    let program = wasmtime.unwrap_or(Path::new("wasmtime"));
    let mut words = vec![
        program.display().to_string(),
        "run".into(),
        "-S".into(),
        "http".into(),
    ];
    for name in VARIABLES {
        words.extend(["--env".to_owned(), name.to_owned()]);
    }
    words.extend([
        "--dir".to_owned(),
        token_folder.display().to_string(),
        wasm.display().to_string(),
    ]);
    words
}

/// The command, with the environment of the pod and no AWS variable of this shell's.
fn in_pod(words: &[String], agent: &Agent) -> Result<Command> {
    let (program, arguments) = words
        .split_first()
        .ok_or("the credential_process is empty")?;
    let mut command = process::command(program);
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(&name);
        }
    }
    command.envs(agent.environment());
    Ok(command)
}

/// Runs a credential process as an SDK does, shows what came of it, and gives the document.
fn show_run(command: &mut Command) -> Result<Value> {
    println!("  $ {}", process::shown(command));
    let start = Instant::now();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", process::shown(command)))?;
    let took = start.elapsed();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{}: {}", output.status, stderr.trim()));
    }
    let document: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the output is not JSON: {error}"))?;
    show_document(&document)?;
    println!(
        "  exit status 0 after {:.1} ms",
        took.as_secs_f64() * 1000.0
    );
    Ok(document)
}

/// Whether two documents hold the same credentials; the agent extends them with each request.
fn same_credentials(one: &Value, other: &Value) -> bool {
    FIELDS
        .iter()
        .filter(|name| **name != "Expiration")
        .all(|name| one.get(name) == other.get(name))
}

/// Shows the fields that an SDK reads, in their usual order; a long token is cut.
fn show_document(document: &Value) -> Result<()> {
    let fields = document
        .as_object()
        .ok_or("the output is not a JSON object")?;
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(format!("no SDK knows the field {name}"));
    }
    let shown = |(name, value): (&str, &Value)| {
        let mut value = value.to_string();
        let length = value.chars().count();
        if length > LONG {
            value = value.chars().take(LONG).collect::<String>()
                + &format!("…\" ({} characters)", length - 2);
        }
        format!("  |   \"{name}\": {value}")
    };
    let known = FIELDS
        .into_iter()
        .filter_map(|name| Some((name, fields.get(name)?)));
    let lines: Vec<String> = known.map(shown).collect();
    println!("  | {{\n{}\n  | }}", lines.join(",\n"));
    Ok(())
}

fn show_failure(command: &mut Command) -> Result<()> {
    println!(
        "  $ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=…/no-such-token {}",
        process::shown(command)
    );
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", process::shown(command)))?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    stderr.lines().for_each(|line| println!("  | {line}"));
    println!(
        "  {}, {} bytes on stdout",
        output.status,
        output.stdout.len()
    );
    if output.status.success() {
        Err("that should have failed".to_owned())
    } else {
        Ok(())
    }
}

fn wait_for_enter(agent: &Agent, config: &Path) -> Result<()> {
    println!("\nThe agent stays up. In another shell, give these to a program with an AWS SDK:\n");
    for (name, value) in agent.environment() {
        println!("export {name}={}", process::quoted(&value));
    }
    println!(
        "export AWS_CONFIG_FILE={}",
        process::quoted(&config.display().to_string())
    );
    println!("export AWS_PROFILE=src_role   # dest_role assumes a role, for which it takes AWS");
    println!("export AWS_REGION=us-west-2\n");
    println!("for example: aws configure export-credentials --format process");
    print!("\nEnter (or Ctrl-C) stops the agent. ");
    io::stdout()
        .flush()
        .map_err(|error| format!("cannot write: {error}"))?;
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map(drop)
        .map_err(|error| format!("cannot read stdin: {error}"))
}

fn shell_line(words: &[String]) -> String {
    words
        .iter()
        .map(|word| process::quoted(word))
        .collect::<Vec<_>>()
        .join(" ")
}

fn title(number: u32, text: &str) {
    println!("\n{number}  {text}");
}
