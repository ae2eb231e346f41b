//! `epicac config` prints an aws-config. `epicac config check [FILE]` reports each line
//! of an existing one that will not work with every SDK.

pub(super) mod generate;
mod read;

use super::aws_config::{self, AwsConfig, Found, Surroundings};
use super::error::VerbError;
use super::run::complain;
use clap::Subcommand;
use epicac_component::Message;
use epicac_component::printable::Line;
use generate::Roles;
use std::path::{Path, PathBuf};

pub(super) use read::{located, profile_of_python, surroundings};

/// What follows `epicac config`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(flatten)]
    roles: Roles,

    /// What runs the component: epicac itself, or the wasmtime command line
    #[arg(long, default_value = "native", value_parser = ["native", WASMTIME])]
    runtime: String,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell what in an aws-config will not work with every SDK, line by line; run nothing
    Check {
        /// The aws-config [default: AWS_CONFIG_FILE, or else ~/.aws/config]
        file: Option<PathBuf>,
    },
}

/// The second of the runtimes.
const WASMTIME: &str = "wasmtime";

/// What was asked for.
pub(super) fn run(arguments: Arguments) -> Result<String, Message> {
    match arguments.verb {
        Some(Verb::Check { file }) => check(file),
        None => Ok(arguments.roles.aws_config(arguments.runtime == WASMTIME)?),
    }
}

fn check(file: Option<PathBuf>) -> Result<String, Message> {
    let named = file.or_else(|| located().map(|(path, _)| path));
    let path = named.ok_or(VerbError::NoConfig)?;
    let (config, found) = checked(&path, &surroundings())?;
    // Without the profile that a variable names, the other variable is no second cause.
    let is_told = found.iter().any(|it| it.is_error && it.line.is_none());
    let python = profile_of_python().filter(|_| !is_told);
    let python = python.map(|it| Message::new("warning", it.to_string(), it.remedy()));
    let (mut errors, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.is_error);
    let Some(last) = errors.pop() else {
        return Ok(fine(&path, &config, &others, python));
    };
    // A check reports everything.
    python.iter().for_each(|it| complain(it));
    for warning in others {
        complain(&warning.message("warning", Some(&path)));
    }
    let invalid = |error: &Found| error.message("invalid aws-config", Some(&path));
    for error in &errors {
        complain(&invalid(error));
    }
    Err(invalid(&last))
}

/// What the file at `path` holds, and what of it is beyond the common form, in these surroundings.
pub(super) fn checked(
    path: &Path,
    surroundings: &Surroundings,
) -> Result<(AwsConfig, Vec<Found>), VerbError> {
    Ok(aws_config::check(&read::bytes(path)?, surroundings))
}

/// What is told of a file without an error: its profiles, and a line for each warning and note.
fn fine(path: &Path, config: &AwsConfig, found: &[Found], python: Option<Message>) -> String {
    let many = |count, what| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let of_lines = found.iter().filter(|it| it.line.is_some()).count();
    let verdict = match of_lines + usize::from(python.is_some()) {
        0 => "nothing wrong".to_owned(),
        warnings => many(warnings, "warning"),
    };
    let path = path.to_string_lossy();
    let profiles = many(config.profiles().count(), "profile");
    let mut text = format!("{}: {profiles}, {verdict}\n", Line(&path));
    let messages = found.iter().map(|it| {
        let kind = if it.line.is_some() { "warning" } else { "note" };
        it.message(kind, None)
    });
    for message in python.into_iter().chain(messages) {
        text += &format!("{message}\n");
    }
    text
}
