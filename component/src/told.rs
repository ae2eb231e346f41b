//! The three parts of a message about a failure: what failed, why, and what to do.

use alloc::borrow::Cow;
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
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.what, self.why, self.remedy)
    }
}
