//! Landlock: the files and TCP ports that remain allowed.

use super::places::places;
use crate::grants::Admitted;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, LandlockStatus, NetPort, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _,
    RulesetError, RulesetStatus, Scope,
};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The newest interface of Landlock whose rights are denied here (Linux 6.12). Rights that the kernel does not know
/// are left out.
const NEWEST: ABI = ABI::V6;

/// The first interface of Landlock that knows TCP ports (Linux 6.7).
const WITH_TCP: ABI = ABI::V4;

/// Restricts this thread, and tells whether files and whether TCP ports are restricted now.
pub(super) fn restrict(admitted: &[&Admitted]) -> (bool, bool) {
    match try_restrict(admitted) {
        Ok(RestrictionStatus {
            ruleset: RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced,
            landlock: LandlockStatus::Available { effective_abi, .. },
            ..
        }) => (true, effective_abi >= WITH_TCP),
        _ => (false, false),
    }
}

fn try_restrict(admitted: &[&Admitted]) -> Result<RestrictionStatus, RulesetError> {
    let mut ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for admitted in admitted {
        if let Some(token_file) = admitted.token_file() {
            allow_files(&mut ruleset, token_file.path());
        }
        if let Ok(endpoint) = admitted.endpoint() {
            allow_port(&mut ruleset, endpoint.port_or_default());
        }
        if let Ok(Some(roles)) = admitted.roles() {
            let (_, port) = roles.route().peer();
            allow_port(&mut ruleset, port);
        }
    }
    ruleset.restrict_self()
}

/// Allows reading below the places of this file.
fn allow_files(ruleset: &mut RulesetCreated, path: &Path) {
    for place in places(path, |path| fs::read_link(path).ok(), may_be_root) {
        // A file that is missing, or that we must not open, needs no rule.
        if let Ok(there) = PathFd::new(place) {
            // If the token's path is a folder, it can be opened, so that the message is about a folder and not about
            // permissions. The layer `system_calls` keeps it from being listed.
            let read = AccessFs::ReadFile | AccessFs::ReadDir;
            // Without its rule a place is denied, which is no reason to go without the others.
            let _ = ruleset.add_rule(PathBeneath::new(there, read));
        }
    }
}

/// Allows connecting to this port.
fn allow_port(ruleset: &mut RulesetCreated, port: u16) {
    // Without its rule the port is denied.
    let _ = ruleset.add_rule(NetPort::new(port, AccessNet::ConnectTcp));
}

/// Whether this may be the root folder, however it is spelled. If the system does not tell, it may.
fn may_be_root(folder: &Path) -> bool {
    let identity = |path| fs::metadata(path).map(|found| (found.dev(), found.ino()));
    match (identity(folder), identity(Path::new("/"))) {
        (Ok(folder), Ok(root)) => folder == root,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rule for the root folder would allow every file.
    #[test]
    fn a_folder_that_cannot_be_examined_may_be_the_root() {
        for path in ["/", "/proc/self/root", "/dev/..", "/nowhere", "/dev/null/x"] {
            assert!(may_be_root(Path::new(path)), "{path}");
        }
        for path in ["/dev", "/proc/self"] {
            assert!(!may_be_root(Path::new(path)), "{path}");
        }
    }
}
