//! What this process may do: the second wall, and the policy of a file.

use super::report::Check;
use epicac::wall::Layer;
use epicac::{Admitted, Grants, Policy, PolicyError, Wall};
use std::path::Path;

/// Which layers of the wall stand. A run does without those that do not.
pub(super) fn check_wall(wall: &Wall) -> Check {
    const NAME: &str = "wall";
    let layers = Layer::ALL.into_iter();
    let missing: Vec<String> = layers
        .filter(|layer| !wall.standing().contains(layer))
        .map(|layer| layer.to_string())
        .collect();
    if missing.is_empty() {
        return Check::ok(NAME, "all five layers stand");
    }
    let detail = format!(
        "this kernel or container does not allow {}",
        missing.join(", ")
    );
    Check::warn(
        NAME,
        detail,
        "files and tcp need Landlock: Linux 5.13 and 6.7",
    )
}

/// The policy of the file, and what a run in this environment needs: that has to be told before the wall stands,
/// behind which there is no working directory.
pub(super) struct Pinned {
    policy: Policy,
    needed: Policy,
}

impl Pinned {
    pub(super) fn read(file: &Path, grants: &Grants) -> Result<Self, PolicyError> {
        Ok(Self {
            policy: Policy::read(file)?,
            needed: Policy::effective(grants)?,
        })
    }

    /// What the policy admits. Where it does not, what the built-in policy would.
    pub(super) fn admit(&self, grants: Grants) -> Admitted {
        let admitted = self.policy.admit(grants.clone());
        admitted.unwrap_or_else(|_| grants.into())
    }

    fn beyond(&self, wall: &Wall) -> Vec<PolicyError> {
        let mut needed = self.needed.clone();
        needed.wall = wall.standing().to_vec();
        self.policy.beyond(&needed)
    }
}

/// Whether a run is within the policy, if there is one.
pub(super) fn admits(pinned: Option<&Result<Pinned, PolicyError>>, wall: &Wall) -> bool {
    match pinned {
        None => true,
        Some(Err(_)) => false,
        Some(Ok(pinned)) => pinned.beyond(wall).is_empty(),
    }
}

/// Whether this environment is within the policy: one check for each rule that it breaks.
pub(super) fn check(pinned: Option<&Result<Pinned, PolicyError>>, wall: &Wall) -> Vec<Check> {
    const NAME: &str = "policy";
    let beyond = match pinned {
        None => return vec![Check::skipped(NAME, "no --policy was given")],
        Some(Err(error)) => return vec![Check::told(NAME, error.told())],
        Some(Ok(pinned)) => pinned.beyond(wall),
    };
    if beyond.is_empty() {
        return vec![Check::ok(NAME, "this environment is within it")];
    }
    let told = beyond.iter().map(PolicyError::told);
    told.map(|told| Check::fail(NAME, told.why, told.remedy))
        .collect()
}
