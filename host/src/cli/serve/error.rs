//! Why nothing is served.

use epicac::Error;
use epicac::policy::PolicyError;
use epicac_component::printable::Line;
use epicac_component::{Cause, Told};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::{fmt, io};

/// Why nothing is served.
pub(crate) enum ServeError {
    /// A profile cannot be served.
    Run(Error),
    /// It is not within the policy.
    Policy(PolicyError),
    /// The address cannot be listened on.
    Listen(SocketAddr, io::Error),
    /// The token cannot be written.
    Token(PathBuf, io::Error),
    /// The system does not let us.
    System(io::Error),
    /// STS has no longer the addresses that it had, or cannot be reached at all.
    Lost,
    /// The probe got no credentials.
    Probe(Error),
}

impl From<Error> for ServeError {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

impl From<PolicyError> for ServeError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl ServeError {
    /// What failed, why, and what to do. None for what the component says: it has made the line itself.
    fn told(&self) -> Option<Told> {
        let (what, why, remedy) = match self {
            Self::Run(error) => return error.told(),
            Self::Policy(error) => return Some(error.told()),
            Self::Listen(address, error) => (
                "cannot listen",
                format!("{address}: {error}"),
                "choose another port by --listen, or end what listens there",
            ),
            Self::Token(path, error) => (
                "no token for callers",
                format!("{}: {error}", Line(&path.to_string_lossy())),
                "mount a volume there that this user can write",
            ),
            Self::System(error) => (
                "cannot serve",
                error.to_string(),
                "are memory or descriptors limited here?",
            ),
            Self::Lost => (
                "cannot go on",
                "AWS STS is out of reach, at the addresses that its name had at the start"
                    .to_owned(),
                "start it again, as Kubernetes does: the name is then resolved anew",
            ),
            Self::Probe(error) => (
                "not ready",
                not_ready(error),
                "the lines of `epicac serve` on stderr tell more",
            ),
        };
        Some(Told {
            what: what.into(),
            why: why.into(),
            remedy: remedy.into(),
        })
    }
}

/// The component takes the server for an agent of EKS, whose remedies would mislead here.
fn not_ready(error: &Error) -> String {
    let Error::Credentials(error) = error else {
        return error.to_string();
    };
    match (error.status, error.cause) {
        (Some(status), _) => format!("the server answers with status {status}"),
        (None, Cause::InvalidToken) => "the token of its callers cannot be read".to_owned(),
        (None, _) => "no server answers with credentials".to_owned(),
    }
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, self.told()) {
            (_, Some(told)) => told.fmt(f),
            (Self::Run(error), None) => error.fmt(f),
            (_, None) => Ok(()),
        }
    }
}

/// One sentence of each kind.
#[cfg(test)]
pub(crate) fn examples() -> Vec<ServeError> {
    use epicac_component::endpoint::EndpointError;

    let address = SocketAddr::from(([127, 0, 0, 1], 8470));
    vec![
        ServeError::Listen(address, io::ErrorKind::AddrInUse.into()),
        ServeError::Token("a\nb".into(), io::ErrorKind::NotFound.into()),
        ServeError::System(io::ErrorKind::OutOfMemory.into()),
        ServeError::Lost,
        ServeError::Probe(epicac_component::Error::from(EndpointError::Unset).into()),
    ]
}
