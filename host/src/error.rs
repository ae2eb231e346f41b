//! Why there are no credentials, on the host's side of the sandbox.

use crate::denial::Denial;
use crate::file::FileError;
use crate::limits::Limit;
use crate::route::{ProxyError, RouteError};
use epicac_component::Cause;
use std::io;
use std::path::PathBuf;

/// Why the component has no credentials. Its [`Display`](std::fmt::Display) is the message.
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

/// Why there are no credentials. Its [`Display`](std::fmt::Display) is the line for people, without the
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

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stdout(error) | Self::Report(error) => Some(error),
            Self::Endpoint(error) | Self::Sts(error) => Some(error),
            _ => None,
        }
    }
}
