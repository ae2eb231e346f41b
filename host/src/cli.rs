//! The command line for people, one file a verb. The credential process itself has no arguments.

mod aws_config;
mod config;
mod doctor;
mod install;
#[cfg(test)]
mod manual;
mod policy;
mod roles;
#[cfg(test)]
mod sentences;
mod shell;
mod within;
mod words;

use clap::{CommandFactory as _, Parser, Subcommand};
use epicac::Error;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) use shell::is_called_so as is_shell;

/// The name of the program, whatever it was called by.
const NAME: &str = "epicac";

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
///
/// With --role-arn, it assumes that role with these credentials, and prints the role's. Options of a role
/// follow it; with several roles, each one is assumed with the credentials of the one before it.
#[derive(Parser)]
#[command(name = NAME, version = VERSION, args_conflicts_with_subcommands = true)]
struct Arguments {
    /// Print credentials only if that takes nothing which the policy in FILE does not grant
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    #[command(flatten)]
    roles: roles::RoleOptions,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Print what epicac may do in this environment, as a policy
    Policy(policy::Arguments),
    /// Print an aws-config with the profiles that lead to epicac, or check an existing one
    ///
    /// Without --profile there is one profile, src_role, for the pod's own role.
    Config(config::Arguments),
    /// Tell what stands between this container and its credentials, and what to do
    ///
    /// A line is a check: the verdict, its name, what was found, and in parentheses what to do. The exit
    /// status is 0 only if no check failed. No secret is shown. What the profile's command would send is sent: the
    /// GET to the endpoint, and with --role-arn an AssumeRole for each role.
    Doctor(doctor::Arguments),
    /// Put this program into a folder, and with --config an aws-config beside it
    ///
    /// For an init container whose image holds only epicac. A file takes its place in one step; what is
    /// there already is not written again, and where that fails, what was there stays.
    Install(install::Arguments),
}

/// Answers the program's name and arguments: exit status 0 when that went well, 1 and one line on stderr when it
/// did not, 2 and the usage on stderr for what is not an argument; 127 for what a shell would have to be for.
pub(crate) fn run(name: &OsStr, arguments: Vec<OsString>) -> ExitCode {
    if !is_shell(name) {
        let name = OsString::from(NAME);
        return answer([name].into_iter().chain(arguments));
    }
    match shell::command(&arguments) {
        Ok(command) => {
            if command.merges_output {
                merge_output();
            }
            match command.words.len() {
                1 => crate::run(),
                _ => answer(command.words.into_iter().map(OsString::from)),
            }
        }
        Err(flaw) => {
            crate::complain(&flaw);
            ExitCode::from(shell::NOT_FOUND)
        }
    }
}

/// Has standard error go to standard output.
fn merge_output() {
    // Where that cannot be done, the line goes where it went before.
    #[cfg(target_os = "linux")]
    let _ = rustix::stdio::dup2_stderr(io::stdout());
}

fn answer(words: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error),
    };
    let outcome = match arguments {
        Arguments {
            verb: Some(Verb::Policy(arguments)),
            ..
        } => return crate::exit(policy::run(arguments)),
        Arguments {
            verb: Some(Verb::Config(arguments)),
            ..
        } => return crate::exit(config::run(arguments)),
        Arguments {
            verb: Some(Verb::Doctor(arguments)),
            ..
        } => return doctor::run(&arguments),
        Arguments {
            verb: Some(Verb::Install(arguments)),
            ..
        } => return crate::exit(install::run(&arguments)),
        Arguments {
            policy: Some(file),
            roles,
            ..
        } => return crate::exit(within::run(&file, roles)),
        Arguments { roles, .. } => within::run_built_in(roles),
    };
    crate::exit(outcome)
}

/// Help, version, or what is wrong with the arguments, then with the usage in any case.
fn explain(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return crate::exit(report(&error.render().to_string()));
    }
    // When stderr is gone too there is nobody left to tell.
    let _ = error.print();
    if !error.render().to_string().contains("Usage: ") {
        let _ = writeln!(io::stderr(), "\n{}", Arguments::command().render_usage());
    }
    ExitCode::from(2)
}

/// Writes what was asked for to standard output.
fn report(text: &str) -> Result<(), Error> {
    crate::print(text.as_bytes()).map_err(Error::Report)
}
