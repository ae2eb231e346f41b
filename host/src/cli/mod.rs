//! The command line for people, one file a verb. The credential process itself has no arguments.

#[cfg(any(test, target_env = "musl"))]
mod allocator;
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
#[cfg(test)]
mod sentences;
mod serve;
mod shell;
#[cfg(target_os = "linux")]
pub(crate) mod start;
mod words;

use arguments::{Arguments, NAME, Verb};
use clap::{CommandFactory as _, Parser as _};
use std::env::ArgsOs;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Runs the command line. The exit status is 0 on success, 1 with one line on stderr on failure, 2 with the usage on
/// stderr for wrong arguments, and 127 for a command that needs a real shell.
pub(crate) fn run(mut arguments: ArgsOs) -> ExitCode {
    let name = arguments.next().unwrap_or_default();
    if shell::is_called_so(&name) {
        let arguments: Vec<OsString> = arguments.collect();
        return match shell::command(&arguments) {
            Ok(command) => {
                command.redirect();
                match command.words.len() {
                    1 => run::plain(),
                    _ => answer(command.words.into_iter().map(OsString::from)),
                }
            }
            Err(flaw) => {
                run::complain(&flaw);
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
    run::exit(match verb {
        Some(Verb::Policy(arguments)) => return run::exit(policy::run(arguments)),
        Some(Verb::Config(arguments)) => return run::exit(config::run(arguments)),
        Some(Verb::Doctor(arguments)) => {
            return doctor::doctor(&arguments, Arguments::of_credentials);
        }
        Some(Verb::Install(arguments)) => return run::exit(install::run(&arguments)),
        Some(Verb::Serve(arguments)) => return run::exit(serve::run(arguments)),
        None => match policy {
            Some(file) => return run::exit(run::within(&file, roles)),
            None => run::built_in(roles),
        },
    })
}

/// Prints the help, the version, or the error with the usage.
fn explain(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return run::exit(run::report(&error.render().to_string()));
    }
    // When stderr is gone too there is nobody left to tell.
    let _ = error.print();
    if !error.render().to_string().contains("Usage: ") {
        let _ = writeln!(io::stderr(), "\n{}", Arguments::command().render_usage());
    }
    ExitCode::from(2)
}
