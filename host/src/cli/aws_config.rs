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
//! | what is wrong, as a sentence with its remedy | `error` |
//!
//! All of it is pure; the caller looks at files and variables ([`Surroundings`]).

mod command;
mod error;
mod parse;
mod profiles;
mod surroundings;

pub(super) use command::words;
#[cfg(test)]
pub(super) use error::LineError;
pub(super) use error::{Found, is_called_epicac};
pub(super) use parse::{AwsConfig, Section, credentials_profiles};
pub(super) use profiles::{chain, other_type};
pub(super) use surroundings::{Presence, Surroundings};

/// The content of the file, and the findings: those without a line first, then the lines in their order, then the
/// notes.
pub(super) fn check(bytes: &[u8], surroundings: &Surroundings<'_>) -> (AwsConfig, Vec<Found>) {
    let (config, mut found) = match parse::parse(bytes) {
        Ok(parsed) => parsed,
        Err(not_text) => return (AwsConfig::default(), vec![not_text]),
    };
    profiles::check(&config, surroundings, &mut found);
    let used = profiles::used_sections(&config, surroundings.used());
    for it in &mut found {
        let is_used = it
            .line
            .is_none_or(|line| config.section_at(line).is_some_and(|at| used.contains(&at)));
        it.is_error = it.flaw.breaks_file() || is_used && !it.flaw.is_note();
    }
    found.sort_by_key(|it| (it.flaw.is_note(), it.line));
    (config, found)
}
