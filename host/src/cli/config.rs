//! `epicac config` prints an aws-config. `epicac config check [FILE]` reports what in an existing one will not work.

pub(super) mod generate;
mod read;

use super::aws_config::{self, AwsConfig, Found, Surroundings};
use super::run::{complain, report};
use clap::Subcommand;
use epicac_component::printable::Line;
use generate::{Launch, Roles, RolesError};
use std::fmt;
use std::path::{Path, PathBuf};

use read::bytes;
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

/// Why there is no aws-config, or none that works.
#[derive(Debug)]
pub(super) enum ConfigError {
    /// The profiles do not go together.
    Roles(RolesError),
    /// Nothing says where the file is.
    NoFile,
    /// The file cannot be read.
    Unreadable(PathBuf, &'static str),
    /// Some SDK reads nothing of the file, or not the profile in use as it was meant.
    Invalid(PathBuf, Found),
    /// Some SDK does not read the file as it was meant, which fails nothing.
    Warning(PathBuf, Found),
    /// The answer could not be printed.
    Print(epicac::Error),
}

/// Prints what was asked for.
pub(super) fn run(arguments: Arguments) -> Result<(), ConfigError> {
    match arguments.verb {
        Some(Verb::Check { file }) => check(file),
        None => {
            let Arguments { roles, runtime, .. } = arguments;
            let launch = match &*runtime {
                WASMTIME => Launch::wasmtime(roles.path.as_ref()),
                _ => Launch::native(roles.path.as_ref()),
            };
            let text = roles.aws_config(&launch);
            report(&text.map_err(ConfigError::Roles)?).map_err(ConfigError::Print)
        }
    }
}

fn check(file: Option<PathBuf>) -> Result<(), ConfigError> {
    let path = file
        .or_else(|| located().map(|source| source.path))
        .ok_or(ConfigError::NoFile)?;
    let (config, found) = checked(&path, &surroundings())?;
    let (mut errors, others): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.is_error);
    let Some(last) = errors.pop() else {
        return report(&fine(&path, &config, &others)).map_err(ConfigError::Print);
    };
    // A check reports everything.
    for warning in others {
        complain(&ConfigError::Warning(path.clone(), warning));
    }
    for error in errors {
        complain(&ConfigError::Invalid(path.clone(), error));
    }
    Err(ConfigError::Invalid(path, last))
}

/// What the file at `path` holds, and what of it is beyond the common form, in these surroundings.
pub(super) fn checked(
    path: &Path,
    surroundings: &Surroundings<'_>,
) -> Result<(AwsConfig, Vec<Found>), ConfigError> {
    let bytes = bytes(path).map_err(|why| ConfigError::Unreadable(path.to_owned(), why))?;
    Ok(aws_config::check(&bytes, surroundings))
}

/// What is told of a file without an error: its profiles, and a line for each warning and note.
fn fine(path: &Path, config: &AwsConfig, found: &[Found]) -> String {
    let many = |count, what| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    let verdict = match found.iter().filter(|it| it.line.is_some()).count() {
        0 => "nothing wrong".to_owned(),
        warnings => many(warnings, "warning"),
    };
    let path = path.to_string_lossy();
    let profiles = many(config.profiles().count(), "profile");
    let mut text = format!("{}: {profiles}, {verdict}\n", Line(&path));
    for it in found {
        let kind = if it.line.is_some() { "warning" } else { "note" };
        text += &format!("{kind}: {it}\n");
    }
    text
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &PathBuf| Line(&path.to_string_lossy()).to_string();
        match self {
            Self::Roles(flaw) => write!(f, "invalid profiles: {flaw}"),
            Self::NoFile => f.write_str(
                "no aws-config: neither AWS_CONFIG_FILE nor HOME is set (name the file, or set AWS_CONFIG_FILE)",
            ),
            Self::Unreadable(path, why) => write!(
                f,
                "unreadable aws-config: {}: {why} (name another file, or mount it there, readable for this user)",
                shown(path)
            ),
            Self::Invalid(path, found) => write!(f, "invalid aws-config: {}: {found}", shown(path)),
            Self::Warning(path, found) => write!(f, "warning: {}: {found}", shown(path)),
            Self::Print(error) => error.fmt(f),
        }
    }
}

/// Errors of each kind, for the test of their sentences.
#[cfg(test)]
pub(super) fn examples() -> Vec<ConfigError> {
    let found = Found {
        line: Some(1),
        flaw: aws_config::LineError::Header,
        is_error: true,
    };
    vec![
        ConfigError::Roles(RolesError::Twice("a".to_owned())),
        ConfigError::Roles(RolesError::Base),
        ConfigError::NoFile,
        ConfigError::Unreadable("a\nb".into(), "no such file"),
        ConfigError::Invalid("a\nb".into(), found),
        ConfigError::Print(epicac::Error::Report(std::io::ErrorKind::BrokenPipe.into())),
    ]
}
