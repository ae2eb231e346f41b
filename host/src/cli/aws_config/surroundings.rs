//! What lies around an aws-config, and decides with it.

/// What of a profile's surroundings its fate depends on.
pub(in crate::cli) struct Surroundings<'a> {
    /// The profile that an SDK would use: `AWS_PROFILE`, if it is set.
    pub(in crate::cli) profile: Option<String>,
    /// The profiles of the credentials file, which can be a source, too.
    pub(in crate::cli) credentials: Vec<String>,
    /// Whether the environment says which region it is.
    pub(in crate::cli) region: bool,
    /// Looks for the program of a `credential_process`.
    pub(in crate::cli) look: &'a dyn Fn(&str) -> Presence,
}

/// What there is at the path of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Presence {
    /// A file that may be executed.
    Program,
    /// Something that may not be.
    NotExecutable,
    /// Nothing.
    Missing,
}

impl Surroundings<'_> {
    /// The profile in use.
    pub(in crate::cli) fn used(&self) -> &str {
        self.profile.as_deref().unwrap_or("default")
    }
}
