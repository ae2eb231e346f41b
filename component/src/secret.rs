//! A text that no message and no log may show.

use alloc::string::String;
use core::fmt;

/// A text that no log, message or panic may show: its `Debug` prints `[redacted]`, and it has no
/// `Display`. Code that needs the text calls [`Secret::expose`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Marks a text as secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place where it has to go.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text itself, given away.
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}
