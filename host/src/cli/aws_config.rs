//! Compares the config file of the AWS SDKs with the form that all of them read alike (`behaviour.md` §8).
//!
//! The reader knows that one form. It reports each line that differs once, with what to write instead. A finding is an
//! error if it breaks the file for an SDK, or concerns the profile in use or one that it leads to. Any other finding is
//! a warning.
//!
//! | step | where |
//! |---|---|
//! | from bytes to sections and properties, with their lines | `parse` |
//! | the profiles, one by one and as chains | `profiles` |
//! | the command of a `credential_process` | `command` |
//! | what is wrong | `cli/sentences.rs` |
//!
//! All of it is pure; the caller looks at files and variables ([`Surroundings`]).

mod command;
mod parse;
mod profiles;

use super::sentences::LineError;
use epicac_component::Told;
use epicac_component::printable::Line;
use std::path::Path;

pub(super) use command::{is_called_epicac, words};
pub(super) use parse::{AwsConfig, Section, credentials_profiles};
pub(super) use profiles::{chain, check, other_type};

/// A flaw of the file.
#[derive(Debug)]
pub(super) struct Found {
    /// The line, from 1; none for what is not about a line.
    pub(super) line: Option<usize>,
    flaw: LineError,
    /// Whether it breaks the file for some SDK, or concerns the profile in use.
    pub(super) is_error: bool,
}

impl Found {
    /// A flaw of this line; whether it is an error is told later.
    fn at(line: usize, flaw: LineError) -> Self {
        Self {
            line: Some(line),
            flaw,
            is_error: true,
        }
    }

    /// The message about the file at `path`, or about one that was named before.
    pub(super) fn told(&self, what: &'static str, path: Option<&Path>) -> Told {
        let (_, why, remedy) = self.flaw.row();
        let path = path.map(|path| format!("{}: ", Line(&path.to_string_lossy())));
        let line = self.line.map(|line| format!("line {line}: "));
        let why = path.unwrap_or_default() + &line.unwrap_or_default() + &why;
        Told::new(what, why, remedy)
    }
}

/// What lies around an aws-config, and decides with it.
pub(super) struct Surroundings<'a> {
    /// The profile that an SDK would use: `AWS_PROFILE`, if it is set.
    pub(super) profile: Option<String>,
    /// The profiles of the credentials file, which can be a source, too.
    pub(super) credentials: Vec<String>,
    /// Whether the environment says which region it is.
    pub(super) region: bool,
    /// Looks for the program of a `credential_process`.
    pub(super) look: &'a dyn Fn(&str) -> Presence,
}

/// What there is at the path of a program, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Presence {
    Missing,
    NotExecutable,
    Program,
}

impl Surroundings<'_> {
    /// The profile in use.
    pub(super) fn used(&self) -> &str {
        self.profile.as_deref().unwrap_or("default")
    }

    /// Whether the credentials file has this profile.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.credentials.iter().any(|known| known == name)
    }
}
