//! Why there are no credentials, on the host's side of the sandbox.

use crate::denial::Denial;
use crate::file::FileFlaw;
use crate::limits::Limit;
use crate::route::{ProxyError, RouteError};
use epicac_component::Cause;
use epicac_component::printable::Line;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why the component has no credentials. Its [`Display`](fmt::Display) is the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsError {
    /// What kind of failure it is.
    pub cause: Cause,
    /// `what failed: why (what to do)`, on one line. Never holds a secret.
    pub message: String,
    /// The HTTP status of the response that refused, if one did.
    pub status: Option<u16>,
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}

impl From<epicac_component::Error> for CredentialsError {
    fn from(error: epicac_component::Error) -> Self {
        Self {
            cause: error.cause(),
            message: error.to_string(),
            status: error.status(),
        }
    }
}

impl From<epicac_component::Error> for Error {
    fn from(error: epicac_component::Error) -> Self {
        Self::Credentials(error.into())
    }
}

/// Why there are no credentials. Its [`Display`](fmt::Display) is the line for people, without the
/// program's name: `what failed: why (what to do)`. It never holds a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The component says why.
    Credentials(CredentialsError),
    /// The component asked for a request that the policy does not allow.
    Denied(Denial),
    /// The component went over a limit.
    Limit(Limit),
    /// The component trapped.
    Trap(String),
    /// The variable of this name is not UTF-8.
    Variable(&'static str),
    /// The file of a session policy cannot be read.
    SessionPolicy {
        /// The file.
        path: PathBuf,
        /// Why.
        flaw: FileFlaw,
    },
    /// The variable names no proxy that can be used.
    Proxy {
        /// The variable.
        variable: String,
        /// Why.
        flaw: ProxyError,
    },
    /// No request comes through to the https endpoint.
    Endpoint(RouteError),
    /// No request comes through to AWS STS.
    Sts(RouteError),
    /// This sandbox cannot run the component.
    Refused(String),
    /// The sandbox could not be set up.
    Sandbox(String),
    /// The credentials could not be written to standard output.
    Stdout(io::Error),
    /// The output of a verb could not be written to standard output.
    Report(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials(error) => error.fmt(f),
            Self::Denied(denial) => write!(f, "request denied: {denial} ({})", remedy(denial)),
            Self::Limit(limit) => write!(
                f,
                "the component was stopped: it went over the limit `{limit}` (try again; if it stays, please report it)"
            ),
            Self::Trap(trap) => write!(
                f,
                "the component was stopped: {trap} (this is a bug of epicac: please report it)"
            ),
            Self::Variable(name) => {
                write!(
                    f,
                    "invalid environment: {name} is not UTF-8 (set it to a plain text value)"
                )
            }
            Self::SessionPolicy { path, flaw } => write!(
                f,
                "unreadable session policy: {}: {flaw} ({})",
                Shown(path),
                flaw.remedy("--session-policy takes the path of a JSON file, or the JSON itself")
            ),
            Self::Proxy { variable, flaw } => write!(f, "invalid proxy: {variable}: {flaw}"),
            Self::Endpoint(error @ RouteError::CaBundle { .. })
            | Self::Sts(error @ RouteError::CaBundle { .. }) => {
                write!(f, "invalid CA bundle: {error}")
            }
            Self::Endpoint(error) => {
                write!(
                    f,
                    "no connection to the container credentials endpoint: {error}"
                )
            }
            Self::Sts(error) => write!(f, "no connection to AWS STS: {error}"),
            Self::Refused(why) => write!(
                f,
                "the component was refused: {why} (only the functions of wit/ exist here: is this the component that was released?)"
            ),
            Self::Sandbox(why) => write!(
                f,
                "the sandbox could not be set up: {why} (is memory or address space limited here?)"
            ),
            Self::Stdout(why) => write!(
                f,
                "cannot write the credentials: standard output: {why} (is it closed, or its disk full?)"
            ),
            Self::Report(why) => write!(
                f,
                "cannot write the answer: standard output: {why} (is it closed, or its disk full?)"
            ),
        }
    }
}

/// A path, on one line.
struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Line(&self.0.to_string_lossy()).fmt(f)
    }
}

fn remedy(denial: &Denial) -> &'static str {
    match denial {
        Denial::NoEndpoint => {
            "set AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI"
        }
        Denial::StsEndpoint(_) => {
            "a policy file can grant it, by its \"sts\": `epicac policy` prints it, and `epicac --policy FILE` takes it"
        }
        Denial::Https => {
            "set AWS_CONTAINER_CREDENTIALS_FULL_URI to the http endpoint of the agent; a policy file can grant an https one, by its \"endpoint\": `epicac policy` prints it, and `epicac --policy FILE` takes it"
        }
        Denial::Method
        | Denial::Scheme
        | Denial::Authority
        | Denial::Path
        | Denial::Body
        | Denial::File
        | Denial::StsOrigin
        | Denial::StsPath
        | Denial::StsForm => {
            "is this the component that was released? compare `epicac --version` with SHA256SUMS"
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stdout(error) | Self::Report(error) => Some(error),
            Self::Endpoint(error) | Self::Sts(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::BundleError;

    #[test]
    fn every_error_is_one_line_with_a_remedy() {
        let broken_pipe = io::Error::from(io::ErrorKind::BrokenPipe);
        for error in [
            Error::Credentials(epicac_component::Error::NoEndpoint.into()),
            Error::Denied(Denial::NoEndpoint),
            Error::Denied(Denial::Https),
            Error::Denied(Denial::Path),
            Error::Limit(Limit::Deadline),
            Error::Trap("wasm trap: unreachable".into()),
            Error::Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            Error::Denied(Denial::StsEndpoint("https://sts.example".into())),
            Error::Denied(Denial::StsForm),
            Error::SessionPolicy {
                path: "policy.json".into(),
                flaw: FileFlaw::NotRegular,
            },
            Error::Proxy {
                variable: "HTTPS_PROXY".into(),
                flaw: ProxyError::Scheme,
            },
            Error::Sts(RouteError::CaBundle {
                path: "bundle.pem".into(),
                error: BundleError::Empty,
            }),
            Error::Endpoint(RouteError::CaBundle {
                path: "bundle.pem".into(),
                error: BundleError::File(FileFlaw::NotRegular),
            }),
            Error::Endpoint(RouteError::NameTimeout("agent.example".into())),
            Error::Sts(RouteError::NameTimeout("sts.example".into())),
            Error::Sts(RouteError::ProxyRefused {
                proxy: "http://proxy.example:3128".into(),
                status: 407,
            }),
            Error::Refused("unknown import".into()),
            Error::Sandbox("cannot allocate memory".into()),
            Error::Stdout(broken_pipe),
            Error::Report(io::ErrorKind::BrokenPipe.into()),
        ] {
            let line = error.to_string();
            assert!(
                !line.contains('\n') && line.contains(" (") && line.ends_with(')'),
                "{line}"
            );
        }
    }
}
