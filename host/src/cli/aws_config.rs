//! Compares the config file of the AWS SDKs with the form that all of them read alike (`behaviour.md` §8).
//!
//! The reader reads a line leniently, as it was meant, and writes it in that form. It reports each line that differs once,
//! with what to write instead. A finding is an
//! error if it breaks the file for an SDK, or concerns the profile in use or a profile that this one leads to. Any
//! other finding is a warning.
//!
//! | step | where |
//! |---|---|
//! | a line, as it was meant and in the common form | `line` |
//! | the keys that SDKs know | `keys` |
//! | from bytes to sections and properties, with their lines | `parse` |
//! | the chains of profiles | `chain` |
//! | the profiles, one by one and as chains | `profiles` |
//! | the values | `values` |
//! | the command of a `credential_process` | `command` |
//! | what is wrong | `error` |
//!
//! All of it is pure; the caller looks at files and variables ([`Surroundings`]).

mod chain;
mod command;
mod error;
mod found;
mod keys;
mod line;
mod parse;
mod profiles;
mod surroundings;
mod values;

pub(super) use chain::chain;
pub(super) use command::{is_called_epicac, sets_variable, words};
pub(super) use found::Found;
pub(super) use parse::{AwsConfig, Section, credentials_profiles};
pub(super) use profiles::{check, other_source};
pub(super) use surroundings::{Presence, Surroundings};
