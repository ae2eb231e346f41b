//! Landlock: the files and TCP ports that remain allowed.

use super::places::places;
use crate::grants::Admitted;
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, LandlockStatus, NetPort, PathBeneath, PathFd,
    RestrictionStatus, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError,
    RulesetStatus, Scope,
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
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    for admitted in admitted {
        if let Some(token_file) = admitted.token_file() {
            for place in places(token_file.path(), |path| fs::read_link(path).ok(), is_root) {
                // A file that is missing, or that we must not open, needs no rule.
                if let Ok(there) = PathFd::new(place) {
                    // If the token's path is a folder, it can be opened, so that the message is about a folder and not
                    // about permissions. The layer `system_calls` keeps it from being listed.
                    let read = AccessFs::ReadFile | AccessFs::ReadDir;
                    rules = rules.add_rule(PathBeneath::new(there, read))?;
                }
            }
        }
        if let Ok(endpoint) = admitted.endpoint() {
            rules = rules.add_rule(NetPort::new(
                endpoint.port_or_default(),
                AccessNet::ConnectTcp,
            ))?;
        }
        if let Ok(Some(roles)) = admitted.roles() {
            let (_, port) = roles.route().peer();
            rules = rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp))?;
        }
    }
    rules.restrict_self()
}

/// Whether this is the root folder, however it is spelled.
fn is_root(folder: &Path) -> bool {
    let identity = |path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    identity(folder).is_some_and(|it| Some(it) == identity(Path::new("/")))
}
