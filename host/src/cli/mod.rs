//! The command line for people, one file a verb. The credential process itself has no arguments.

pub(crate) mod arguments;
mod aws_config;
#[cfg(target_os = "linux")]
mod closed;
mod config;
mod doctor;
mod install;
mod policy;
mod roles;
mod run;
mod sentences;
mod serve;
mod shell;
#[cfg(target_os = "linux")]
pub(crate) mod start;
mod words;

use arguments::{Arguments, NAME, Verb};
use clap::{CommandFactory as _, Parser as _};
use epicac_component::Told;
use std::env::ArgsOs;
use std::ffi::OsString;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Runs the command line. The exit status is 0 on success, 1 with one line on stderr on failure, 2 with the usage on
/// stderr for wrong arguments, and 127 for a command that needs a real shell.
pub(crate) fn run(mut arguments: ArgsOs) -> ExitCode {
    let name = arguments.next().unwrap_or_default();
    if shell::is_called_so(&name) {
        let arguments: Vec<OsString> = arguments.collect();
        return match shell::command(&arguments) {
            Ok(words) => match words.len() {
                1 => run::plain(),
                _ => answer(words.into_iter().map(OsString::from)),
            },
            Err(error) => {
                run::complain(&Told::from(error));
                ExitCode::from(shell::NOT_FOUND)
            }
        };
    }
    match arguments.len() {
        // The credential path does no other work first.
        0 => run::plain(),
        _ => answer([OsString::from(NAME)].into_iter().chain(arguments)),
    }
}

fn answer(words: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(words) {
        Ok(arguments) => arguments,
        Err(error) => return explain(&error),
    };
    let Arguments {
        policy,
        roles,
        verb,
    } = arguments;
    match verb {
        Some(Verb::Policy(arguments)) => say(policy::run(arguments)),
        Some(Verb::Config(arguments)) => say(config::run(arguments)),
        Some(Verb::Install(arguments)) => say(install::run(arguments)),
        Some(Verb::Doctor(arguments)) => doctor::doctor(&arguments, Arguments::of_credentials),
        Some(Verb::Serve(arguments)) => run::exit(serve::run(arguments)),
        None => match policy {
            Some(file) => run::exit(run::within(&file, roles)),
            None => run::exit(run::built_in(roles)),
        },
    }
}

/// Prints what was asked for.
fn say(answer: Result<String, impl Display>) -> ExitCode {
    match answer {
        Ok(text) => run::exit(run::report(&text)),
        Err(error) => run::exit(Err(error)),
    }
}

/// Prints the help, the version, or the error with the usage.
fn explain(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return say(Ok::<_, clap::Error>(error.render().to_string()));
    }
    // When stderr is gone too there is nobody left to tell.
    let _ = error.print();
    if !error.render().to_string().contains("Usage: ") {
        let _ = writeln!(io::stderr(), "\n{}", Arguments::command().render_usage());
    }
    ExitCode::from(2)
}
