//! Why a policy is refused, or why it refuses a run.

use std::path::{Path, PathBuf};

/// Why nothing runs under a policy. Displays as `what failed: why (what to do)`, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    pub(crate) failure: PolicyFailure,
    pub(crate) file: Option<PathBuf>,
    pub(crate) why: String,
    pub(crate) remedy: String,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFailure {
    /// The file of the policy cannot be read.
    Unreadable,
    /// It holds no policy that can be enforced.
    Invalid,
    /// This build, this environment or this run is not within the policy.
    Beyond,
    /// No policy can grant what this environment asks for.
    Ungrantable,
}

/// What is wrong with a policy, or with what is to be written into one. Displays as the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flaw {
    /// It has more than [`MAX_BYTES`](super::MAX_BYTES).
    TooLarge,
    /// It is not JSON, or not of the types of a policy, as serde says.
    Json(String),
    /// An array where an object belongs.
    Array,
    /// Another version of the format.
    Version(u64),
    /// A name of no variable that the component reads.
    Variable,
    /// Not the absolute path of a file.
    File,
    /// An asterisk in a path, and not as its last segment.
    Asterisk,
    /// Not a host.
    Host,
    /// Not path and query of a URI.
    Path,
    /// Not the ARN of a role.
    RoleArn,
    /// A URL at which STS cannot be asked.
    Sts,
    /// Not a proxy.
    Proxy,
    /// A duration that no session can have.
    Duration,
    /// A limit of nothing.
    Zero,
    /// An element of a list that is in it already.
    Twice,
    /// An endpoint, and no variable that names it.
    EndpointWithoutVariable,
    /// An endpoint that the one granted variable cannot name.
    EndpointOfRelativeUri,
    /// A host that is not asked over http.
    HostOverHttp,
    /// A CA bundle for an http endpoint.
    BundleOverHttp,
    /// A token file, and no variable that names it.
    FileWithoutVariable,
    /// A variable that is read for roles, and no roles.
    VariableWithoutRoles,
    /// A relative path in a working directory that cannot be told.
    NoWorkingDirectory(String),
    /// A path that is not UTF-8.
    NotUtf8,
    /// Not an address and a port.
    NotAnAddress,
    /// An address that other machines can reach.
    NotLoopback,
    /// Profiles that ask STS over http and over https.
    DifferentSts,
}

impl PolicyError {
    pub(super) fn new(
        failure: PolicyFailure,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            failure,
            file: None,
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// The same error, of the policy in this file.
    #[must_use]
    pub fn in_file(self, file: &Path) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..self
        }
    }

    /// What failed.
    pub fn failure(&self) -> PolicyFailure {
        self.failure
    }
}

impl std::error::Error for PolicyError {}

impl std::error::Error for Flaw {}
