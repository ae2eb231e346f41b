//! `epicac --policy FILE`: the credential process, within the policy of a file.

use super::roles::RoleOptions;
use epicac::policy::{Excess, Policy, WallRule};
use epicac::{Error, Limits};
use std::path::Path;

/// Prints credentials, if neither this build nor this environment goes beyond the policy in `file`.
pub(super) fn run(file: &Path, roles: RoleOptions) -> Result<(), Error> {
    let beyond = |excess| Error::BeyondPolicy {
        path: file.to_owned(),
        excess,
    };
    let policy = Policy::read(file)?;
    let grants = roles.grants()?;
    let mut needed = Policy::effective(&grants)?;
    let within = |policy: &Policy, needed: &Policy| match policy.excesses(needed).into_iter().next()
    {
        Some(excess) => Err(beyond(excess)),
        None => Ok(()),
    };
    // The wall is put up last, and asked for then.
    let without_wall = Policy {
        wall: WallRule::default(),
        ..policy.clone()
    };
    within(&without_wall, &needed)?;
    // From here on the grants are within the policy, and nothing is granted that is not in them. An https
    // endpoint or an STS that the policy names is asked, although the built-in policy might not.
    let grants = grants.beyond_built_in();
    let run = crate::credential_process(&grants, Limits::from(&policy.limits), |wall| {
        needed.wall = wall.into();
        within(&policy, &needed)
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
