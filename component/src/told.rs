//! How a failure is told to people.

use alloc::borrow::{Cow, ToOwned};
use core::fmt;

/// A failure in the three parts that every message has. Displays as `what failed: why (what to do)`: the one
/// place that joins them (`behaviour.md` §5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What failed.
    pub what: Cow<'static, str>,
    /// Why it failed.
    pub why: Cow<'static, str>,
    /// What to do about it.
    pub remedy: Cow<'static, str>,
}

impl Told {
    /// A failure of these parts.
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

    /// The parts that `Display` has joined to this line, for who has only the line: it is what the contract in `wit/`
    /// carries. The parentheses of a remedy come in pairs.
    pub fn parse(line: &str) -> Option<Self> {
        let (what, rest) = line.split_once(": ")?;
        let rest = rest.strip_suffix(')')?;
        let mut depth = 1;
        let (start, _) = rest.char_indices().rev().find(|(_, c)| {
            match c {
                ')' => depth += 1,
                '(' => depth -= 1,
                _ => {}
            }
            depth == 0
        })?;
        let why = rest.get(..start)?.strip_suffix(' ')?;
        let remedy = rest.get(start + 1..)?;
        Some(Self::new(
            what.to_owned(),
            why.to_owned(),
            remedy.to_owned(),
        ))
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.why, self.remedy)
    }
}
