//! Why a run gives no credentials, in the three parts of a message (`behaviour.md` §5). The errors below it are declared
//! where they arise, and display as the reason: `route/error.rs`, `denial.rs`, `file.rs`, `limits.rs`. Those of the first
//! two files have their remedies, too.

use crate::denial::DeniedError;
use crate::file::{FileError, shown};
use crate::limits::Limit;
use crate::route::{ProxyError, RouteError};
use epicac_component::printable::printable;
use epicac_component::{Cause, Message};
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Why there are no credentials. Its [`Display`](std::fmt::Display) is the line for people, without the
/// program's name: `what failed: why (what to do)`. It never holds a secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The component says why, in a line of its own.
    Credentials(CredentialsError),
    /// The component asked for a request or a file that is not granted.
    Denied(DeniedError),
    /// The component went over a limit.
    Limit(Limit),
    /// The component trapped.
    Trap(String),
    /// A variable is not UTF-8.
    Variable(&'static str),
    /// The file of a session policy cannot be read.
    SessionPolicy(String, FileError),
    /// This user may not read it.
    SessionPolicyDenied(String),
    /// The variable names no proxy that can be used.
    Proxy(String, ProxyError),
    /// No request comes through to the https endpoint.
    Endpoint(RouteError),
    /// No request comes through to AWS STS.
    Sts(RouteError),
    /// This sandbox cannot run the component.
    Refused(String),
    /// The sandbox could not be set up.
    Sandbox(String),
    /// The credentials could not be written.
    Stdout(Arc<io::Error>),
    /// The output of a verb could not be written.
    Report(Arc<io::Error>),
}

/// How many characters of a reason or a remedy are shown. Some of what is in them another program says.
const SHOWN: usize = 1_200;

impl Error {
    /// What failed, why, and what to do. None for the component's own error, which is one line by its contract.
    pub fn message(&self) -> Option<Message> {
        let shown = |text: &str| -> String { printable(text).take(SHOWN).collect() };
        match self {
            Self::Credentials(_) => None,
            _ => Some(Message::new(
                self.what(),
                shown(&self.why()),
                shown(&self.remedy()),
            )),
        }
    }

    #[rustfmt::skip]
    fn what(&self) -> &'static str {
        match self {
            Self::Credentials(_) => "no credentials",
            Self::Denied(_) => "request denied",
            Self::Limit(_) | Self::Trap(_) => "the component was stopped",
            Self::Variable(_) => "invalid environment",
            Self::SessionPolicy(..) | Self::SessionPolicyDenied(_) => "unreadable session policy",
            Self::Proxy(..) => "invalid proxy",
            Self::Endpoint(RouteError::CaBundle(..)) | Self::Sts(RouteError::CaBundle(..)) => "invalid CA bundle",
            Self::Endpoint(_) => "no connection to the container credentials endpoint",
            Self::Sts(_) => "no connection to AWS STS",
            Self::Refused(_) => "the component was refused",
            Self::Sandbox(_) => "the sandbox could not be set up",
            Self::Stdout(_) => "cannot write the credentials",
            Self::Report(_) => "cannot write the answer",
        }
    }

    #[rustfmt::skip]
    fn why(&self) -> String {
        match self {
            Self::Credentials(error) => error.message.clone(),
            Self::Denied(denial) => denial.to_string(),
            Self::Limit(limit) => format!("it went over the limit `{limit}`"),
            Self::Trap(why) | Self::Refused(why) | Self::Sandbox(why) => why.clone(),
            Self::Variable(name) => format!("{name} is not UTF-8"),
            Self::SessionPolicy(path, error) => format!("{path}: {error}"),
            Self::SessionPolicyDenied(path) => format!("{path}: permission denied"),
            Self::Proxy(variable, error) => format!("{variable}: {error}"),
            Self::Endpoint(error) | Self::Sts(error) => error.to_string(),
            Self::Stdout(error) | Self::Report(error) => format!("standard output: {error}"),
        }
    }

    #[rustfmt::skip]
    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Credentials(_) => "the message has it",
            Self::Denied(denial) => denial.remedy(),
            Self::Limit(_) => "try again; if it happens again, please report it",
            Self::Trap(_) => "this is a bug of epicac: please report it",
            Self::Variable(_) => "set it to a plain text value",
            Self::SessionPolicy(..) => "--session-policy takes the path of a JSON file, or the JSON itself",
            Self::SessionPolicyDenied(_) => "make it readable for this user",
            Self::Proxy(_, error) => error.remedy(),
            Self::Endpoint(error) | Self::Sts(error) => return error.remedy(),
            Self::Refused(_) => "only the functions of wit/ exist here: is this the component that was released?",
            Self::Sandbox(_) => "is memory or address space limited here?",
            Self::Stdout(_) | Self::Report(_) => "is it closed, or its disk full?",
        })
    }

    /// The file of a session policy cannot be read.
    pub(crate) fn session_policy(path: &Path, error: FileError) -> Self {
        let path = shown(path);
        match error.is_denied() {
            true => Self::SessionPolicyDenied(path),
            false => Self::SessionPolicy(path, error),
        }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.message() {
            Some(message) => message.fmt(f),
            None => f.write_str(&self.why()),
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

impl Display for CredentialsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
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

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_component::process::OutputFailed;

    #[test]
    fn what_the_component_says_is_told_as_it_is() {
        let error = epicac_component::Error::from(OutputFailed);
        let told = Error::from(error.clone());
        assert_eq!(told.to_string(), error.to_string());
        assert_eq!(told.message(), None);
    }

    /// A certificate can say anything.
    #[test]
    fn what_the_other_side_says_stays_on_one_line_of_bounded_length() {
        let host = || "…".to_owned();
        let why = || format!("a\n\u{1b}[2J{}", "x".repeat(10_000));
        for error in [
            RouteError::Certificate(host(), why()),
            RouteError::Tls(host(), why()),
            RouteError::ProxyUnreachable(host(), why()),
            RouteError::NameUnknown(host(), why()),
        ] {
            let line = Error::Sts(error).to_string();
            assert!(!line.contains(char::is_control), "{line}");
            assert!(line.len() < 2_000 && line.ends_with(')'), "{line}");
        }
    }
}
