//! `epicac --policy FILE`: the credential process, within the policy of a file.

use epicac::policy::{Excess, Policy};
use epicac::{Error, Grants, Limits};
use std::path::Path;

/// Prints credentials, if neither this build nor this environment goes beyond the policy in `file`.
pub(super) fn run(file: &Path) -> Result<(), Error> {
    let beyond = |excess| Error::BeyondPolicy {
        path: file.to_owned(),
        excess,
    };
    let policy = Policy::read(file)?;
    let grants = Grants::from_process()?;
    let needed = Policy::effective(&grants)?;
    if let Some(excess) = policy.excesses(&needed).into_iter().next() {
        return Err(beyond(excess));
    }
    // From here on the grants are within the policy, and nothing is granted that is not in them.
    let run = crate::credential_process(&grants, Limits::from(&policy.limits));
    run.map_err(|error| match error {
        Error::Limit(limit) => Excess::of_limit(limit, &policy.limits, &needed.limits)
            .map_or(Error::Limit(limit), beyond),
        error => error,
    })
}

/// Prints credentials under the built-in policy, as without arguments.
pub(super) fn run_built_in() -> Result<(), Error> {
    crate::credential_process(&Grants::from_process()?, Limits::BUILT_IN)
}
