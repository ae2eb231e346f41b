//! Why nothing runs under a policy. The messages about each member that differs are in `rules.rs`.

use crate::file::{FileError, shown};
use PolicyFailure::{Beyond, Invalid, Ungrantable, Unreadable};
use epicac_component::Message;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::io::ErrorKind;
use std::path::Path;
use thiserror::Error;

/// Why a member of a policy cannot be enforced, or a value cannot be written into one. Displays as the reason.
#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum MemberError {
    #[error("it has more than 65536 bytes")] TooLarge,
    /// It is not JSON, or not of the types of a policy, as serde says.
    #[error("{0}")] Json(String),
    #[error("version {0} is not known to this build")] Version(u64),
    #[error("the component reads no variable of this name")] Variable,
    #[error("this is not the absolute path of a file")] File,
    #[error("a * can be no more than the last segment of the endpoint's path")] Asterisk,
    #[error("this is no host")] Host,
    #[error("this is no path and query of a URI")] Path,
    #[error("this is not the ARN of a role")] RoleArn,
    #[error("STS cannot be asked there")] Sts,
    #[error("this is no proxy")] Proxy,
    #[error("no session has this duration")] Duration,
    #[error("this comes twice")] Twice,
    #[error("an endpoint is granted, but no variable that names it")] EndpointWithoutVariable,
    #[error("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone is granted, which can name only http, 169.254.170.2 and port 80")] EndpointOfRelativeUri,
    #[error("this endpoint's host is never asked over http")] HostOverHttp,
    #[error("a CA bundle is granted for an endpoint that is asked over http")] BundleOverHttp,
    #[error("a token file is granted, but not the variable that names it")] FileWithoutVariable,
    #[error("a variable is granted that is read for roles alone, but no roles are")] VariableWithoutRoles,
    #[error("its path is relative, and the working directory cannot be told: {0}")] NoWorkingDirectory(String),
    #[error("its path is not UTF-8")] NotUtf8,
    #[error("this is not an IP address and a port, such as 127.0.0.1:8470")] NotAnAddress,
    #[error("only this machine may ask: 127.0.0.0/8 or [::1]")] NotLoopback,
    #[error("the profiles ask different kinds of STS, over http and over https")] DifferentSts,
}

impl MemberError {
    /// What to do about it, if the rule of the member (`rules.rs`) does not say it.
    #[rustfmt::skip]
    pub(super) fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::TooLarge => "is it the output of `epicac policy`?",
            Self::EndpointWithoutVariable => "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"endpoint\": null",
            Self::EndpointOfRelativeUri => "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"scheme\": \"http\", \"host\": \"169.254.170.2\" and \"port\": 80",
            Self::HostOverHttp => "set \"host\" to an address of 127.0.0.0/8, [::1], localhost, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23], or \"scheme\" to \"https\"",
            Self::BundleOverHttp => "leave out its \"ca_bundle\", or set \"scheme\" to \"https\"",
            Self::FileWithoutVariable => "add \"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\" to \"environment\", or set \"token_file\": null",
            Self::VariableWithoutRoles => "leave it out, or grant \"roles\"",
            Self::DifferentSts => "serve each kind by a process of its own",
            _ => return None,
        })
    }
}

/// Why nothing runs under a policy. Displays as `what failed: why (what to do)`, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    failure: PolicyFailure,
    why: String,
    remedy: Cow<'static, str>,
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

impl PolicyError {
    pub(super) fn new(
        failure: PolicyFailure,
        why: impl Into<String>,
        remedy: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            failure,
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// The file cannot be read.
    pub(super) fn unreadable(error: &FileError) -> Self {
        let remedy = match error {
            FileError::Io(error) if error.kind() == ErrorKind::NotFound => {
                "make one with `epicac policy > FILE`, and review it"
            }
            error if error.is_denied() => "make it readable for this user",
            _ => "a policy is read from a file only: is this its path?",
        };
        Self::new(Unreadable, error.to_string(), remedy)
    }

    /// The same error, of the policy in this file.
    #[must_use]
    pub fn in_file(self, file: &Path) -> Self {
        let why = format!("{}: {}", shown(file), self.why);
        Self { why, ..self }
    }

    /// What failed.
    pub fn failure(&self) -> PolicyFailure {
        self.failure
    }

    /// What failed, why, with the place in the file, and what to do.
    pub fn message(&self) -> Message {
        Message::new(self.what(), self.why.clone(), self.remedy.clone())
    }

    #[rustfmt::skip]
    fn what(&self) -> &'static str {
        match self.failure {
            Unreadable => "unreadable policy",
            Invalid => "invalid policy",
            Beyond => "beyond the policy",
            Ungrantable => "no policy can grant this",
        }
    }
}

impl Display for PolicyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for PolicyError {}
