//! `epicac --policy FILE`: the credential process, within the policy of a file.

use super::roles::RoleOptions;
use epicac::Error;
use epicac::policy::{Policy, PolicyError};
use std::path::Path;

/// Prints credentials, if neither this build nor this environment goes beyond the policy in `file`.
pub(super) fn run(file: &Path, roles: RoleOptions) -> Result<(), Box<dyn std::error::Error>> {
    let in_file = |error: PolicyError| error.in_file(file);
    let policy = Policy::read(file)?;
    // From here on nothing is granted that is not within the policy.
    let admitted = policy.admit(roles.grants()?).map_err(in_file)?;
    let run = crate::credential_process(admitted, |wall| {
        Ok(policy.check_wall(&wall).map_err(in_file)?)
    });
    run.map_err(|error: Box<dyn std::error::Error>| {
        let limit = match error.downcast_ref() {
            Some(Error::Limit(limit)) => policy.stopped(*limit),
            _ => None,
        };
        limit.map_or(error, |beyond| in_file(beyond).into())
    })
}

/// Prints credentials under the built-in policy, as without arguments.
pub(super) fn run_built_in(roles: RoleOptions) -> Result<(), Error> {
    crate::credential_process(roles.grants()?.into(), |_| Ok(()))
}
