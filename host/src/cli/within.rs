//! `epicac --policy FILE`: the credential process, within the policy of a file.

use super::roles::RoleOptions;
use epicac::policy::{Excess, Policy};
use epicac::{Error, Limits};
use std::path::Path;

/// Prints credentials, if neither this build nor this environment goes beyond the policy in `file`.
pub(super) fn run(file: &Path, roles: RoleOptions) -> Result<(), Error> {
    let beyond = |excess| Error::BeyondPolicy {
        path: file.to_owned(),
        excess,
    };
    let policy = Policy::read(file)?;
    let first = |excesses: Vec<Excess>| match excesses.into_iter().next() {
        Some(excess) => Err(beyond(excess)),
        None => Ok(()),
    };
    // From here on the grants are within the policy, and nothing is granted that is not in them.
    let grants = match policy.admit(roles.grants()?)? {
        Ok(grants) => grants,
        Err(excesses) => return first(excesses),
    };
    let mut needed = Policy::effective(&grants)?;
    let run = crate::credential_process(&grants, Limits::from(&policy.limits), |wall| {
        needed.wall = wall.into();
        first(policy.excesses(&needed))
    });
    run.map_err(|error| match error {
        Error::Limit(limit) => Excess::of_limit(limit, &policy.limits, &needed.limits)
            .map_or(Error::Limit(limit), beyond),
        error => error,
    })
}

/// Prints credentials under the built-in policy, as without arguments.
pub(super) fn run_built_in(roles: RoleOptions) -> Result<(), Error> {
    crate::credential_process(&roles.grants()?, Limits::BUILT_IN, |_| Ok(()))
}
