//! Why there are no credentials, on the host's side of the sandbox.

use crate::limits::Limit;
use crate::policy::Denial;
use std::{fmt, io};

/// Why there are no credentials. Its [`Display`](fmt::Display) is the line for people, without the
/// program's name: `what failed: why (what to do)`. It never holds a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The component says why.
    Credentials(epicac_component::Error),
    /// The component, run as a credential process, printed why.
    Component(String),
    /// The component failed, or ended well, without the output that belongs to it.
    Output(&'static str),
    /// The component asked for a request that the policy does not allow.
    Denied(Denial),
    /// The component went over a limit.
    Limit(Limit),
    /// The component trapped.
    Trap(String),
    /// The variable of this name is not UTF-8.
    Variable(&'static str),
    /// The sandbox could not be set up.
    Sandbox(String),
    /// The credentials could not be written to standard output.
    Stdout(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials(error) => error.fmt(f),
            Self::Component(line) => f.write_str(line),
            Self::Output(what) => write!(
                f,
                "the component's output was held back: {what} (this is a bug of epicac: please report it)"
            ),
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
            Self::Sandbox(why) => write!(
                f,
                "the sandbox could not be set up: {why} (is memory or address space limited here?)"
            ),
            Self::Stdout(why) => write!(
                f,
                "cannot write the credentials: standard output: {why} (is it closed, or its disk full?)"
            ),
        }
    }
}

fn remedy(denial: &Denial) -> &'static str {
    match denial {
        Denial::NoEndpoint => {
            "set AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI"
        }
        Denial::Https => {
            "set AWS_CONTAINER_CREDENTIALS_FULL_URI to the http endpoint of the agent, or run epicac.wasm under a runtime that allows https"
        }
        Denial::Method | Denial::Scheme | Denial::Authority | Denial::Path => {
            "is this the component that was released? compare `epicac --version` with SHA256SUMS"
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stdout(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_one_line_with_a_remedy_that_the_readme_tells_too() {
        let readme = include_str!("../../README.md");
        let broken_pipe = io::Error::from(io::ErrorKind::BrokenPipe);
        for error in [
            Error::Credentials(epicac_component::Error::NoEndpoint),
            Error::Output("it is no credential document"),
            Error::Denied(Denial::NoEndpoint),
            Error::Denied(Denial::Https),
            Error::Denied(Denial::Path),
            Error::Limit(Limit::Deadline),
            Error::Trap("wasm trap: unreachable".into()),
            Error::Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            Error::Sandbox("cannot allocate memory".into()),
            Error::Stdout(broken_pipe),
        ] {
            let line = error.to_string();
            assert!(
                !line.contains('\n') && line.contains(" (") && line.ends_with(')'),
                "{line}"
            );
            let what = line.split(':').next().unwrap_or_default();
            assert!(readme.contains(&format!("\n| {what} |")), "{what}");
        }
    }
}
