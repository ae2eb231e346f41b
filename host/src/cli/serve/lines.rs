//! Lines on stderr: at most one a second of each kind.

use crate::cli::run::complain;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How far two lines of a kind are apart at least.
const BETWEEN: Duration = Duration::from_secs(1);

/// When the last line of each kind was written. There are as many kinds as profiles and causes of a refusal.
#[derive(Default)]
pub(super) struct Lines(Mutex<BTreeMap<String, Instant>>);

impl Lines {
    /// Writes the line, unless one of this kind was written within the last second.
    pub(super) fn tell(&self, kind: &str, line: &str) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_quiet = written.get(kind).is_some_and(|at| at.elapsed() < BETWEEN);
        if !is_quiet {
            written.insert(kind.to_owned(), Instant::now());
            complain(&line);
        }
    }
}
