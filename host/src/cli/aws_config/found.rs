//! A flaw of an aws-config, and where it is.

use super::error::{LineError, Reach};
use epicac::file::shown;
use epicac_component::Message;
use epicac_component::printable::{Line, printable};
use std::path::Path;

/// A flaw of the file.
#[derive(Debug)]
pub(in crate::cli) struct Found {
    /// The line, from 1; none for what is not about a line.
    pub(in crate::cli) line: Option<usize>,
    pub(super) flaw: LineError,
    pub(super) reach: Reach,
    /// Whether it breaks the file for some SDK, or concerns the profile in use.
    pub(in crate::cli) is_error: bool,
}

impl Found {
    /// A flaw of this line that goes so far.
    pub(super) fn at(line: impl Into<Option<usize>>, flaw: LineError, reach: Reach) -> Self {
        Self {
            line: line.into(),
            flaw,
            reach,
            is_error: true,
        }
    }

    /// The message about the file at `path`, or about one that was named before.
    pub(in crate::cli) fn message(&self, what: &'static str, path: Option<&Path>) -> Message {
        let path = path.map(|path| format!("{}: ", shown(path)));
        let line = self.line.map(|line| format!("line {line}: "));
        let why = path.unwrap_or_default() + &line.unwrap_or_default();
        Message::new(what, format!("{why}{}", self.flaw), self.flaw.remedy())
    }
}

/// A word of the file, on one line: it can be long.
pub(super) fn short(word: &str) -> String {
    Line(word).to_string()
}

/// The same, with its invisible characters as numbers: they may be what is wrong with it.
pub(super) fn spelled(word: &str) -> String {
    let spelled = word.chars().map(|c| {
        let mut bytes = [0; 4];
        let text: &str = c.encode_utf8(&mut bytes);
        match printable(text).eq([c]) {
            true => text.to_owned(),
            false => c.escape_unicode().to_string(),
        }
    });
    short(&spelled.collect::<String>())
}
