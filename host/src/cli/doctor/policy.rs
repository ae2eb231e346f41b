//! What this process may do: the second wall, and the policy of a file.

use super::report::Check;
use epicac::policy::{Excess, WallRule};
use epicac::wall::Layer;
use epicac::{Error, Grants, Policy, Wall};

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

/// The grants of a run within the policy, if there is one and they are within it: what only a policy can grant is
/// then allowed.
pub(super) fn allowed(policy: Option<&Result<Policy, Error>>, grants: Grants) -> Grants {
    let Some(Ok(policy)) = policy else {
        return grants;
    };
    // The wall is not up yet, and judged when it is.
    let without_wall = Policy {
        wall: WallRule::default(),
        ..policy.clone()
    };
    match Policy::effective(&grants).map(|needed| without_wall.excesses(&needed)) {
        Ok(excesses) if excesses.is_empty() => grants.beyond_built_in(),
        _ => grants,
    }
}

/// Whether a run is within the policy, if there is one.
pub(super) fn admits(policy: Option<&Result<Policy, Error>>, grants: &Grants, wall: Wall) -> bool {
    match policy {
        None => true,
        Some(Err(_)) => false,
        Some(Ok(policy)) => excesses(policy, grants, wall).is_ok_and(|it| it.is_empty()),
    }
}

/// Whether this environment is within the policy: one check for each rule that it breaks.
pub(super) fn check(
    policy: Option<&Result<Policy, Error>>,
    grants: &Grants,
    wall: Wall,
) -> Vec<Check> {
    const NAME: &str = "policy";
    let policy = match policy {
        None => return vec![Check::skipped(NAME, "no --policy was given")],
        Some(Err(error)) => return vec![Check::failed(NAME, error)],
        Some(Ok(policy)) => policy,
    };
    match excesses(policy, grants, wall) {
        Err(error) => vec![Check::failed(NAME, error)],
        Ok(excesses) if excesses.is_empty() => {
            vec![Check::ok(NAME, "this environment is within it")]
        }
        Ok(excesses) => {
            let excesses = excesses.into_iter();
            excesses.map(|it| Check::failed(NAME, it)).collect()
        }
    }
}

fn excesses(policy: &Policy, grants: &Grants, wall: Wall) -> Result<Vec<Excess>, Error> {
    let needed = Policy {
        wall: WallRule::from(wall),
        ..Policy::effective(grants)?
    };
    Ok(policy.excesses(&needed))
}
