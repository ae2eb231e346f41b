//! A policy from a file, and what it admits.

use super::model::{Policy, ServeRule};
use super::parse::MAX_BYTES;
use super::rules::RULES;
use crate::error::PolicyError;
use crate::file;
use crate::grants::{Admitted, Grants};
use crate::limits::{Limit, Limits};
use crate::wall::Wall;
use std::path::Path;

impl Policy {
    /// Reads the policy in the file at `path`.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be read, or does not hold a policy.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        let content = file::read(path, MAX_BYTES).map_err(|error| PolicyError::unreadable(&error));
        let policy = content.and_then(|content| Self::parse(&content));
        policy.map_err(|error| error.in_file(path))
    }

    /// Admits these grants if a run with them is within this policy. The result carries the policy's limits, and what
    /// only a policy can grant. The wall is judged later, [when it stands](Self::check_wall).
    ///
    /// # Errors
    ///
    /// The first of what they need beyond it. [`Policy::beyond`] has all.
    pub fn admit(&self, grants: Grants) -> Result<Admitted, PolicyError> {
        let mut needed = Self::effective(&grants)?;
        needed.wall.clone_from(&self.wall);
        match self.beyond(&needed).into_iter().next() {
            Some(error) => Err(error),
            None => Ok(Admitted::by_policy(grants, self.limits.clone())),
        }
    }

    /// Whether the credentials may be served in this way.
    ///
    /// # Errors
    ///
    /// The first thing about it that is not granted.
    pub fn check_serve(&self, serve: ServeRule) -> Result<(), PolicyError> {
        let serving = Self {
            serve: Some(serve),
            ..self.clone()
        };
        let first = self.beyond(&serving).into_iter().next();
        first.map_or(Ok(()), Err)
    }

    /// Whether each layer that this policy requires stands.
    ///
    /// # Errors
    ///
    /// The first one that does not.
    pub fn check_wall(&self, wall: &Wall) -> Result<(), PolicyError> {
        let mut standing = self.clone();
        standing.wall = wall.standing().to_vec();
        let first = self.beyond(&standing).into_iter().next();
        first.map_or(Ok(()), Err)
    }

    /// The error for a run that went over this limit, if this build would have allowed more.
    pub fn stopped(&self, limit: Limit) -> Option<PolicyError> {
        let most = Self {
            limits: Limits::BUILT_IN,
            ..self.clone()
        };
        let (granted, most) = (self.to_tree(), most.to_tree());
        // The member of a limit begins with its name.
        let at = format!("/limits/{limit}");
        let rule = RULES.iter().find(|rule| rule.at.starts_with(&at))?;
        let (granted, most) = (granted.pointer(rule.at)?, most.pointer(rule.at)?);
        (granted.as_u64() < most.as_u64()).then(|| rule.stopped(most))
    }
}
