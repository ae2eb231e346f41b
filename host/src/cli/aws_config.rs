//! The config file of the AWS SDKs, read as they read it: what is in it, and what of it will not work.
//!
//! The SDKs differ in what they forgive. Here nothing is forgiven that one of them does not (`behaviour.md`
//! §6): Python refuses a key that comes twice, Go a profile with two sources of credentials, and so on.
//!
//! | step | where |
//! |---|---|
//! | from text to sections and properties, with their lines | `parse` |
//! | the profiles, one by one and as chains | `profiles` |
//! | the command of a `credential_process` | `command` |
//! | what is wrong, as a sentence with its remedy | `flaw` |
//!
//! All of it is pure; who calls it looks at files and variables ([`Surroundings`]).

mod command;
mod flaw;
mod parse;
mod profiles;

#[cfg(test)]
pub(super) use command::CommandFlaw;
pub(super) use command::words;
#[cfg(test)]
pub(super) use flaw::Flaw;
pub(super) use flaw::Found;
pub(super) use parse::{AwsConfig, Section, credentials_profiles};
pub(super) use profiles::{chain, other_type};

/// What of a profile's surroundings its fate depends on.
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

/// What there is at the path of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// A file that may be executed.
    Program,
    /// Something that may not be.
    NotExecutable,
    /// Nothing.
    Missing,
}

/// Everything that is wrong with the text of a config file, in the order of its lines, and then the notes.
pub(super) fn check(text: &str, surroundings: &Surroundings<'_>) -> (AwsConfig, Vec<Found>) {
    let (config, mut found) = parse::parse(text);
    for it in profiles::check(&config, surroundings) {
        let place = |it: &Found| (it.flaw.is_note(), it.line);
        let at = found.partition_point(|before| place(before) <= place(&it));
        found.insert(at, it);
    }
    (config, found)
}
