//! What the check of a config file depends on besides the file.

use std::collections::BTreeSet;

/// The surroundings of an aws-config that the check depends on.
pub(in crate::cli) struct Surroundings {
    /// The profile that an SDK would use, if a variable names it, and which one does: `AWS_PROFILE`, or its older name.
    pub(in crate::cli) profile: Option<(&'static str, String)>,
    /// The profiles of the credentials file, which can be a source, too.
    pub(in crate::cli) credentials: BTreeSet<String>,
    /// Whether the environment says which region it is.
    pub(in crate::cli) region: bool,
    /// Whether the environment names an endpoint of a service.
    pub(in crate::cli) endpoint_url: bool,
    /// Looks for the program of a `credential_process`.
    pub(in crate::cli) look: fn(&str) -> Presence,
}

/// What is at the path of a program. The best case is the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum Presence {
    Missing,
    NotExecutable,
    Program,
}

impl Surroundings {
    /// The profile in use.
    pub(in crate::cli) fn used(&self) -> &str {
        let named = self.profile.as_ref().map(|(_, name)| &**name);
        named.unwrap_or("default")
    }

    /// Whether the credentials file has this profile.
    pub(in crate::cli) fn knows(&self, name: &str) -> bool {
        self.credentials.contains(name)
    }
}
