//! A policy from a file.

use super::model::{MAX_BYTES, Policy};
use crate::error::Error;
use crate::regular_file;
use std::path::Path;

impl Policy {
    /// Reads the policy in the file at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::PolicyFile`] when there is no such file, or it cannot be read; [`Error::InvalidPolicy`]
    /// when it does not hold a policy.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let content = regular_file::read(path, MAX_BYTES).map_err(|flaw| Error::PolicyFile {
            path: path.to_owned(),
            flaw,
        })?;
        Self::parse(&content).map_err(|flaw| Error::InvalidPolicy {
            path: path.to_owned(),
            flaw,
        })
    }
}
