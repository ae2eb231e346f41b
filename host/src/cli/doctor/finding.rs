//! What `epicac doctor` itself finds. The component, the host and `config check` have errors of their own.

use epicac_component::printable::Line;
use serde::Serialize;
use thiserror::Error;

/// The result of a check of `epicac doctor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::cli) enum Verdict {
    /// It holds.
    Ok,
    /// It holds, but may not be what is meant.
    Warn,
    /// It does not hold, and an SDK gets no credentials, or not by this profile.
    Fail,
    /// There was nothing to check.
    Skipped,
}
use Verdict::{Fail, Ok, Skipped, Warn};

impl Verdict {
    pub(in crate::cli) fn word(self) -> &'static str {
        match self {
            Ok => "ok",
            Warn => "warn",
            Fail => "FAIL",
            Skipped => "skipped",
        }
    }
}

/// A check of `epicac doctor`, and its verdict.
type Checked = (&'static str, Verdict);

/// The findings of doctor itself. The component, the host and `config check` have errors of their own.
#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(in crate::cli) enum Finding {
    #[error("AWS_ACCESS_KEY_ID is set, and SDKs may take its credentials before any other")] Keys,
    #[error("AWS_WEB_IDENTITY_TOKEN_FILE is set, and SDKs may take its credentials before any other")] WebIdentity,
    #[error("{0} and {1} are both set, and the first one wins")] BothSet(&'static str, &'static str),
    #[error("{0}")] Variables(String),
    #[error("no variable names one")] NoEndpoint,
    #[error("{0} may be asked")] Endpoint(String),
    #[error("no variable names one, and none is sent")] NoToken,
    #[error("neither AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE nor AWS_CONTAINER_AUTHORIZATION_TOKEN is set")] NoTokenForEks,
    #[error("{0}: it is no JSON Web Token, as that of EKS would be")] OtherToken(String),
    #[error("{0}: it is no JSON Web Token")] NoJwt(String),
    #[error("{0}: it has no expiry")] NoExpiry(String),
    #[error("{0}: it expired {1} ago")] Expired(String, String),
    #[error("{0}: it is valid only in {1}")] OfTheFuture(String, String),
    #[error("{0}: it is valid only in {1}, and was issued in the past")] NotValidYet(String, String),
    #[error("{0}: its audience is not pods.eks.amazonaws.com")] Audience(String),
    #[error("{0}: of {1}, valid for {2}")] Token(String, String, String),
    #[error("{0}: of {1}, valid for {2}, and never renewed: this one file is mounted")] TokenAlone(String, String, String),
    #[error("the token will only be issued in {0}")] IssuedLater(String),
    #[error("the token was issued in the past")] IssuedBefore,
    #[error("no token tells the time")] NoTime,
    #[error("all five layers stand")] Wall,
    #[error("this kernel or container does not allow {0}")] WallLacks(String),
    #[error("no --policy was given")] NoPolicy,
    #[error("this environment is within it")] WithinPolicy,
    #[error("status 200, credentials for {0}")] Credentials(String),
    #[error("status 200, credentials of the account {0} for {1}")] CredentialsOf(String, String),
    #[error("nothing is asked that is not within the policy")] NotWithinPolicy,
    #[error("there is no endpoint to ask")] NothingToAsk,
    #[error("{0} names {1}, and there is no aws-config")] NoConfigFor(&'static str, String),
    #[error("there is none: SDKs ask the endpoint by themselves, as the pod's own role")] NoConfig,
    #[error("there is none")] OnlyCredentials,
    #[error("{0}: nothing wrong")] Config(String),
    #[error("the aws-config has to be put right first")] ConfigFirst,
    #[error("the one that an SDK would use is not in the aws-config")] NoProfile,
    #[error("{0}")] Chain(String),
    #[error("{0}; that the role may be assumed is not tried here")] ChainOfRoles(String),
    #[error("epicac gives no credentials with the arguments of credential_process: {0}")] WrongArguments(String),
    #[error("another {0}, {1}: not tried here")] NotTried(&'static str, String),
    #[error("there is no sh: Python and the AWS CLI start the command by themselves, the SDKs for Go, Rust, Java and JavaScript by sh")] NoShell,
    #[error("/bin/sh is a folder: the SDKs for Go, Rust, Java and JavaScript start the command by it")] ShellIsFolder,
    #[error("Python and the AWS CLI take AWS_DEFAULT_PROFILE first, which names {0}")] PythonFirst(String),
    #[error("AWS_DEFAULT_PROFILE names {0}, and the SDKs for Rust, Java and JavaScript do not know it")] OnlyPython(String),
}

impl Finding {
    /// The check, and its verdict.
    #[rustfmt::skip]
    pub(in crate::cli) fn checked(&self) -> Checked {
        match self {
            Self::Keys | Self::WebIdentity | Self::BothSet(..) => ("variables", Warn),
            Self::Variables(_) => ("variables", Ok),
            Self::NoEndpoint => ("endpoint", Skipped),
            Self::Endpoint(_) => ("endpoint", Ok),
            Self::NoToken => ("token", Skipped),
            Self::NoTokenForEks
            | Self::NoJwt(_)
            | Self::NoExpiry(_)
            | Self::Expired(..)
            | Self::OfTheFuture(..)
            | Self::NotValidYet(..)
            | Self::Audience(_) => ("token", Fail),
            Self::OtherToken(_) | Self::TokenAlone(..) => ("token", Warn),
            Self::Token(..) => ("token", Ok),
            Self::IssuedLater(_) => ("clock", Fail),
            Self::IssuedBefore => ("clock", Ok),
            Self::NoTime => ("clock", Skipped),
            Self::Wall => ("wall", Ok),
            Self::WallLacks(_) => ("wall", Warn),
            Self::NoPolicy => ("policy", Skipped),
            Self::WithinPolicy => ("policy", Ok),
            Self::Credentials(_) | Self::CredentialsOf(..) => ("credentials", Ok),
            Self::NotWithinPolicy | Self::NothingToAsk => ("credentials", Skipped),
            Self::NoConfigFor(..) => ("config", Fail),
            Self::NoConfig | Self::OnlyCredentials => ("config", Skipped),
            Self::Config(_) => ("config", Ok),
            Self::ConfigFirst | Self::NoProfile => ("profile", Skipped),
            Self::Chain(_) | Self::ChainOfRoles(_) => ("profile", Ok),
            Self::WrongArguments(_) => ("profile", Fail),
            Self::NotTried(..)
            | Self::NoShell
            | Self::ShellIsFolder
            | Self::PythonFirst(_)
            | Self::OnlyPython(_) => ("profile", Warn),
        }
    }

    /// What to do about it.
    #[rustfmt::skip]
    pub(in crate::cli) fn remedy(&self) -> &'static str {
        match self {
            Self::Keys => "remove it from the pod's specification",
            Self::WebIdentity => "remove the annotation eks.amazonaws.com/role-arn of the service account, by which EKS sets it",
            Self::BothSet(..) => "remove one of them",
            Self::NoTokenForEks => "EKS sets the first one: does the pod's specification override it?",
            Self::OtherToken(_) => "of another agent that is as it should be",
            Self::NoJwt(_) | Self::NoExpiry(_) => "is the volume that EKS projects mounted there, and nothing else?",
            Self::Expired(..) => "the kubelet renews it in its volume: is it a copy, or mounted by subPath, or is the clock wrong?",
            Self::OfTheFuture(..) | Self::IssuedLater(_) => "set the clock of the node, by NTP",
            Self::NotValidYet(..) => "delete the pod, so that a new one gets a new token",
            Self::Audience(_) => "name the token of EKS Pod Identity, not the one for the Kubernetes API or for IRSA",
            Self::TokenAlone(..) => "mount the whole volume, without subPath",
            Self::WallLacks(_) => "files and tcp need Landlock: Linux 5.13 and 6.7",
            Self::NoConfigFor(..) => "set AWS_CONFIG_FILE to the path of one: `epicac config` prints it",
            Self::WrongArguments(_) => "write them as `epicac --help` has them",
            Self::NotTried(..) => "make a call with the SDK to see",
            Self::NoShell => "copy or mount epicac as /bin/sh too (docs/images.md)",
            Self::ShellIsFolder => "mount an image volume of epicac at /bin, where it has a file sh (docs/images.md)",
            Self::PythonFirst(_) => "unset it, or set both to the same",
            Self::OnlyPython(_) => "set AWS_PROFILE to the same",
            // There is nothing to do.
            _ => "",
        }
    }
}

/// The last line of doctor, if no check failed and the credentials that an SDK takes were tried.
pub(in crate::cli) const ALL_TRIED: &str = "An SDK in this container gets credentials.";
/// The same, if the credentials come from something else.
pub(in crate::cli) const NOT_TRIED: &str =
    "No check failed; whether an SDK gets credentials was not tried.";

/// The same, if the SDK assumes these roles.
pub(in crate::cli) fn but_roles(roles: &str) -> String {
    let roles = Line(roles);
    format!("The pod's own role has credentials; whether {roles} may be assumed was not tried.")
}
