//! The command line for people. The credential process itself has no arguments.

use clap::Parser;
use std::process::ExitCode;

/// The version, and which component is inside.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncomponent sha256:",
    env!("EPICAC_COMPONENT_SHA256")
);

/// AWS container credentials for every SDK, by a sandboxed credential_process.
///
/// Without arguments, epicac asks the container credentials endpoint (EKS Pod Identity, ECS) for
/// credentials and prints them as the AWS SDKs expect of a credential_process: one JSON object on stdout,
/// or one line on stderr and exit status 1. It is configured by the variables that EKS and ECS set:
/// AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, and
/// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN.
#[derive(Parser)]
#[command(name = "epicac", version = VERSION)]
struct Arguments {}

/// Answers the arguments: exit status 0 for `--help` and `--version`, 2 and the usage on stderr for what
/// is not an argument.
pub(crate) fn run() -> ExitCode {
    let Arguments {} = Arguments::parse();
    ExitCode::SUCCESS
}
