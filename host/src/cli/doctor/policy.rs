//! What this process may do: the second wall, and the policy of a file.

use super::report::Check;
use epicac::policy::{Excess, WallRule};
use epicac::wall::Layer;
use epicac::{Error, Grants, Limits, Policy, Wall};
use std::path::Path;

/// Which layers of the wall stand. A run does without those that do not.
pub(super) fn check_wall(wall: Wall) -> Check {
    const NAME: &str = "wall";
    let missing: Vec<&str> = [
        ("no_new_privs", wall.no_new_privs),
        ("no_core_dumps", wall.no_core_dumps),
        ("files", wall.files),
        ("tcp", wall.tcp),
        ("system_calls", wall.system_calls),
    ]
    .into_iter()
    .filter_map(|(name, layer)| (layer == Layer::Unavailable).then_some(name))
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
    pub(super) fn read(file: &Path, grants: &Grants) -> Result<Self, Error> {
        Ok(Self {
            policy: Policy::read(file)?,
            needed: Policy::effective(grants)?,
        })
    }

    /// The limits of a run within the policy.
    pub(super) fn limits(&self) -> Limits {
        Limits::from(&self.policy.limits)
    }

    /// The same grants with those that only a policy can make: the endpoint and the STS that it names, whatever
    /// else is not within it.
    pub(super) fn granting(&self, grants: Grants) -> Grants {
        let excesses = self.policy.excesses(&self.needed);
        let lacks = |part| {
            let mut rules = excesses.iter().map(Excess::rule);
            rules.any(|rule| rule.starts_with(part))
        };
        let grants = if lacks("endpoint") {
            grants
        } else {
            grants.at_any_https_endpoint()
        };
        if lacks("roles") {
            grants
        } else {
            grants.at_any_sts()
        }
    }

    fn excesses(&self, wall: Wall) -> Vec<Excess> {
        let needed = Policy {
            wall: WallRule::from(wall),
            ..self.needed.clone()
        };
        self.policy.excesses(&needed)
    }
}

/// Whether a run is within the policy, if there is one.
pub(super) fn admits(pinned: Option<&Result<Pinned, Error>>, wall: Wall) -> bool {
    match pinned {
        None => true,
        Some(Err(_)) => false,
        Some(Ok(pinned)) => pinned.excesses(wall).is_empty(),
    }
}

/// Whether this environment is within the policy: one check for each rule that it breaks.
pub(super) fn check(pinned: Option<&Result<Pinned, Error>>, wall: Wall) -> Vec<Check> {
    const NAME: &str = "policy";
    let excesses = match pinned {
        None => return vec![Check::skipped(NAME, "no --policy was given")],
        Some(Err(error)) => return vec![Check::failed(NAME, error)],
        Some(Ok(pinned)) => pinned.excesses(wall),
    };
    if excesses.is_empty() {
        return vec![Check::ok(NAME, "this environment is within it")];
    }
    let excesses = excesses.into_iter();
    excesses.map(|it| Check::failed(NAME, it)).collect()
}
