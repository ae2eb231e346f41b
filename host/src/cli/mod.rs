//! The command line: the credential process, and one file for each verb.

pub(crate) mod arguments;
mod aws_config;
mod config;
mod doctor;
mod error;
mod folder;
mod install;
mod place;
mod policy;
mod roles;
pub(crate) mod run;
mod serve;
mod shell;
#[cfg(target_os = "linux")]
pub(crate) mod start;
mod words;

use arguments::{Arguments, Verb};
use clap::error::{ContextKind, ContextValue};
use clap::{CommandFactory as _, FromArgMatches as _};
use epicac_component::Message;
use roles::RoleOptions;
use std::env::ArgsOs;
use std::ffi::OsString;
use std::fmt::Display;
use std::process::ExitCode;

/// Runs the command line. The exit status is 0 on success, 1 with one line on stderr on failure, 2 with the usage on
/// stderr for wrong arguments, and 127 for a command that needs a real shell.
pub(crate) fn run(mut arguments: ArgsOs) -> ExitCode {
    let name = arguments.next().unwrap_or_default();
    let mut words: Vec<OsString> = arguments.collect();
    if shell::is_called_so(&name) {
        words = match shell::arguments(&words) {
            Ok(words) => words,
            Err(error) => {
                run::complain(&Message::from(error));
                return ExitCode::from(shell::NOT_FOUND);
            }
        };
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = start::check_descriptors() {
        return run::exit(Err(Message::from(error)));
    }
    // Without arguments no parser is made: this is the path of most credential processes.
    if words.is_empty() {
        return run::exit(run::built_in(RoleOptions::default()));
    }
    let command = Arguments::command().no_binary_name(true);
    let matches = command.try_get_matches_from(&words);
    let arguments = match matches.and_then(|it| Arguments::from_arg_matches(&it)) {
        Ok(arguments) => arguments,
        Err(error) => return explain(error, &words),
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

/// Prints the help, the version, or the error with the usage of the verb.
fn explain(error: clap::Error, words: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        return say(Ok::<_, clap::Error>(error.to_string()));
    }
    let mut command = Arguments::command();
    command.build();
    let mut verb = &command;
    // Verbs come before all options.
    let mut words = words.iter();
    while let Some(next) = words.next().and_then(|word| verb.find_subcommand(word)) {
        verb = next;
    }
    let mut verb = verb.clone();
    // Errors of our own parsers have no usage yet.
    let mut error = error.format(&mut verb);
    if error.get(ContextKind::Usage).is_none() {
        let usage = ContextValue::StyledStr(verb.render_usage());
        error.insert(ContextKind::Usage, usage);
    }
    // When stderr is gone too there is nobody left to tell.
    let _ = error.print();
    ExitCode::from(2)
}
