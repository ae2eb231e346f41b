//! What this process may do: the second wall, and the policy of a file.

use super::report::Check;
use crate::cli::sentences::{Finding, Verdict};
use epicac::wall::Layer;
use epicac::{Admitted, Grants, Policy, PolicyError, Wall};
use std::path::Path;

/// Which layers of the wall stand. A run does without those that do not.
pub(super) fn check_wall(wall: &Wall) -> Check {
    let missing = Layer::ALL.into_iter();
    let missing = missing.filter(|layer| !wall.standing().contains(layer));
    let missing: Vec<String> = missing.map(|layer| layer.to_string()).collect();
    Check::from(match missing.is_empty() {
        true => Finding::Wall,
        false => Finding::WallLacks(missing.join(", ")),
    })
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
        None => return vec![Finding::NoPolicy.into()],
        Some(Err(error)) => return vec![Check::failed(NAME, &error.told())],
        Some(Ok(pinned)) => pinned.beyond(wall),
    };
    if beyond.is_empty() {
        return vec![Finding::WithinPolicy.into()];
    }
    let told = beyond.iter().map(PolicyError::told);
    told.map(|told| Check::new(NAME, Verdict::Fail, &told.why, &told.remedy))
        .collect()
}
