//! The message of a failure: what failed, why, and what to do (`behaviour.md` §5).

use alloc::borrow::Cow;
use alloc::string::ToString;
use core::fmt::{self, Write};

use crate::printable::printable;

/// An error that people are told of. It displays as the reason.
pub trait Failure: fmt::Display {
    /// What failed.
    fn what(&self) -> Cow<'static, str>;

    /// What to do about it.
    fn remedy(&self) -> Cow<'static, str>;
}

/// The three parts of what people are told. It displays as `what failed: why (what to do)`, on one line: this is the one
/// place that joins them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What failed.
    pub what: Cow<'static, str>,
    /// Why it failed.
    pub why: Cow<'static, str>,
    /// What to do about it.
    pub remedy: Cow<'static, str>,
}

impl Message {
    /// The parts of this failure.
    pub fn of(failure: &dyn Failure) -> Self {
        Self::new(failure.what(), failure.to_string(), failure.remedy())
    }

    /// The message of these parts.
    pub fn new(
        what: impl Into<Cow<'static, str>>,
        why: impl Into<Cow<'static, str>>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = OneLine(f);
        write!(line, "{}: {} ({})", self.what, self.why, self.remedy)
    }
}

/// Writes only the characters that fit on one line and can be seen.
struct OneLine<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        printable(text).try_for_each(|c| self.0.write_char(c))
    }
}
