//! Why there are no credentials, on the host's side of the sandbox.

use crate::denial::Denial;
use crate::file::FileError;
use crate::limits::Limit;
use crate::route::{ProxyError, RouteError};
use epicac_component::printable::Line;
use epicac_component::{Cause, Told};
use std::path::PathBuf;
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
        flaw: FileError,
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

impl Error {
    /// What failed, why, and what to do. None for what the component says: it has made the line itself.
    pub fn told(&self) -> Option<Told> {
        let (what, why, remedy) = match self {
            Self::Credentials(_) => return None,
            Self::Denied(denial) => ("request denied", denial.to_string(), remedy(denial).into()),
            Self::Limit(limit) => (
                "the component was stopped",
                format!("it went over the limit `{limit}`"),
                "try again; if it stays, please report it".into(),
            ),
            Self::Trap(trap) => (
                "the component was stopped",
                trap.clone(),
                "this is a bug of epicac: please report it".into(),
            ),
            Self::Variable(name) => (
                "invalid environment",
                format!("{name} is not UTF-8"),
                "set it to a plain text value".into(),
            ),
            Self::SessionPolicy { path, flaw } => (
                "unreadable session policy",
                format!("{}: {flaw}", Line(&path.to_string_lossy())),
                flaw.remedy("--session-policy takes the path of a JSON file, or the JSON itself")
                    .into(),
            ),
            Self::Proxy { variable, flaw } => {
                let (why, remedy) = flaw.parts();
                ("invalid proxy", format!("{variable}: {why}"), remedy.into())
            }
            Self::Endpoint(error) | Self::Sts(error) => {
                let what = match (self, error) {
                    (_, RouteError::CaBundle { .. }) => "invalid CA bundle",
                    (Self::Sts(_), _) => "no connection to AWS STS",
                    _ => "no connection to the container credentials endpoint",
                };
                let (why, remedy) = error.parts();
                (what, why, remedy)
            }
            Self::Refused(why) => (
                "the component was refused",
                why.clone(),
                "only the functions of wit/ exist here: is this the component that was released?"
                    .into(),
            ),
            Self::Sandbox(why) => (
                "the sandbox could not be set up",
                why.clone(),
                "is memory or address space limited here?".into(),
            ),
            Self::Stdout(why) | Self::Report(why) => (
                match self {
                    Self::Stdout(_) => "cannot write the credentials",
                    _ => "cannot write the answer",
                },
                format!("standard output: {why}"),
                "is it closed, or its disk full?".into(),
            ),
        };
        Some(Told {
            what: what.into(),
            why: why.into(),
            remedy,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.told()) {
            (_, Some(told)) => told.fmt(f),
            (Self::Credentials(error), None) => error.fmt(f),
            (_, None) => Ok(()),
        }
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
                flaw: FileError::NotRegular,
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
                error: BundleError::File(FileError::NotRegular),
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
