//! Why a policy is refused, or why it refuses a run.

use epicac_component::Told;
use epicac_component::printable::Line;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why nothing runs under a policy. Displays as `what failed: why (what to do)`, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    failure: PolicyFailure,
    file: Option<PathBuf>,
    why: String,
    remedy: String,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFailure {
    /// The file of the policy cannot be read.
    Unreadable,
    /// It holds no policy that can be enforced.
    Invalid,
    /// This build, this environment or this run is not within the policy.
    Beyond,
    /// No policy can grant what this environment asks for.
    Ungrantable,
}

impl PolicyError {
    pub(super) fn new(
        failure: PolicyFailure,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            failure,
            file: None,
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// The same error, of the policy in this file.
    #[must_use]
    pub fn in_file(self, file: &Path) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..self
        }
    }

    /// What failed.
    pub fn failure(&self) -> PolicyFailure {
        self.failure
    }

    /// What failed, why, with the place in the file, and what to do.
    pub fn told(&self) -> Told {
        let what = match self.failure {
            PolicyFailure::Unreadable => "unreadable policy",
            PolicyFailure::Invalid => "invalid policy",
            PolicyFailure::Beyond => "beyond the policy",
            PolicyFailure::Ungrantable => "no policy can grant this",
        };
        let why = match &self.file {
            Some(file) => format!("{}: {}", Line(&file.to_string_lossy()), self.why),
            None => self.why.clone(),
        };
        Told {
            what: what.into(),
            why: why.into(),
            remedy: self.remedy.clone().into(),
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl std::error::Error for PolicyError {}
