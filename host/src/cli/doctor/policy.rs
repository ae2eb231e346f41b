//! What this process may do: the second wall, and the policy of a file.

use super::finding::{Finding, Verdict};
use super::report::Check;
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

/// The policy of the file, and what a run in this environment needs. Both are read before the wall stands: behind it there
/// is no working directory.
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

    /// What the policy admits, or else what the built-in policy would admit.
    pub(super) fn admit(&self, grants: Grants) -> Admitted {
        let admitted = self.policy.admit(grants.clone());
        admitted.unwrap_or_else(|_| grants.into())
    }
}

/// Whether this environment is within the policy: one check for each rule that it breaks.
pub(super) fn check(pinned: Option<&Result<Pinned, PolicyError>>, wall: &Wall) -> Vec<Check> {
    let pinned = match pinned {
        None => return vec![Finding::NoPolicy.into()],
        Some(Err(error)) => return vec![Check::failed("policy", &error.message())],
        Some(Ok(pinned)) => pinned,
    };
    let beyond = pinned.policy.beyond(&pinned.needed, wall);
    if beyond.is_empty() {
        return vec![Finding::WithinPolicy.into()];
    }
    let failed = beyond.iter().map(|error| {
        let message = error.message();
        Check::new("policy", Verdict::Fail, &message.why, &message.remedy)
    });
    failed.collect()
}
