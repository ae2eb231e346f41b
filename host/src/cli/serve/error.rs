//! Why `epicac serve` does not serve, and why a caller gets no credentials.

use epicac_component::Message;
use epicac_component::message::Failure;
use http::StatusCode;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::io;
use std::net::SocketAddr;
use thiserror::Error;

/// Why `epicac serve` does not serve, or its probe fails. A run and a policy have errors of their own. It displays as the
/// line for people.
#[derive(Debug)]
pub(super) enum ServeError {
    Listen(SocketAddr, io::Error),
    Token(String, io::Error),
    Untrusted(String, String),
    Existing(String, String),
    AgentsToken(String),
    Itself(SocketAddr),
    Descriptors(u64, u64),
    System(io::Error),
    Lost,
    NotReady(u16),
    NoTokenToAsk,
    NoServer,
    NotAsked(String),
}

impl ServeError {
    #[rustfmt::skip]
    fn what(&self) -> &'static str {
        match self {
            Self::Listen(..) => "cannot listen",
            Self::Token(..) | Self::Untrusted(..) | Self::Existing(..) | Self::AgentsToken(_) => "no token for callers",
            Self::Itself(_) | Self::Descriptors(..) | Self::System(_) => "cannot serve",
            Self::Lost => "cannot go on",
            Self::NotReady(_) | Self::NoTokenToAsk | Self::NoServer | Self::NotAsked(_) => "not ready",
        }
    }

    #[rustfmt::skip]
    fn why(&self) -> String {
        match self {
            Self::Listen(address, error) => format!("{address}: {error}"),
            Self::Token(path, error) => format!("{path}: {error}"),
            Self::Untrusted(path, why) | Self::Existing(path, why) => format!("{path}: {why}"),
            Self::AgentsToken(path) => format!("{path}: this is the file of the agent's token"),
            Self::Itself(address) => format!("AWS_CONTAINER_CREDENTIALS_FULL_URI names {address}, where this server is to listen"),
            Self::Descriptors(limit, needed) => format!("this process may have {limit} open files, and needs {needed}"),
            Self::System(error) => error.to_string(),
            Self::Lost => "AWS STS is out of reach, at the addresses that its name had at the start".to_owned(),
            Self::NotReady(status) => format!("the server answers with status {status}"),
            Self::NoTokenToAsk => "the token of its callers cannot be read".to_owned(),
            Self::NoServer => "no server answers with credentials".to_owned(),
            Self::NotAsked(why) => why.clone(),
        }
    }

    /// What to do about it.
    #[rustfmt::skip]
    fn remedy(&self) -> &'static str {
        match self {
            Self::Listen(..) => "choose another port by --listen, or end what listens there",
            Self::Token(..) => "mount a volume there that this user can write",
            Self::Untrusted(..) => "choose a folder that belongs to root or to this user, and that nobody else may write to",
            Self::Existing(..) => "it needs 32 characters or more on one line, at most 4,096, this user or root as its owner, and the mode 0600, or 0640 with --token-group",
            Self::AgentsToken(_) => "name another file by --token-file",
            Self::Itself(_) => "set it for the applications only: EKS sets that of the agent where it is not set",
            Self::Descriptors(..) => "raise its limit: `ulimit -n`",
            Self::System(_) => "are memory or descriptors limited here?",
            Self::Lost => "start it again, as Kubernetes does: the name is then resolved anew",
            Self::NotReady(_) | Self::NoTokenToAsk | Self::NoServer | Self::NotAsked(_) => PROBED,
        }
    }
}

const PROBED: &str = "the lines of `epicac serve` on stderr tell more";

impl Display for ServeError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Message::new(self.what(), self.why(), self.remedy()).fmt(f)
    }
}

impl std::error::Error for ServeError {}

/// Why a caller of `epicac serve` is answered without credentials.
#[rustfmt::skip]
#[derive(Debug, Error)]
pub(super) enum CallerError {
    #[error("it does not show the token")] NoToken,
    #[error("it names another host")] Host(String),
    #[error("there is nothing at this path")] Path,
    #[error("only GET is answered")] Method,
    #[error("it is not a request of HTTP/1.1")] NoRequest,
    #[error("its head has more than 8,192 bytes, 1,024 of them in its first line, or 32 fields")] TooLarge,
    #[error("its head did not arrive in time")] Late,
    /// It gets no answer.
    #[error("it does not come from the loopback interface")] Peer,
    /// This should never happen.
    #[error("the refresh was broken off")] BrokenOff,
}

impl CallerError {
    /// The status of the answer.
    #[rustfmt::skip]
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Host(_) | Self::Peer => StatusCode::FORBIDDEN,
            Self::Path => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NoRequest => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::BrokenOff => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl Failure for CallerError {
    #[rustfmt::skip]
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::BrokenOff => "no credentials",
            _ => "request refused",
        })
    }

    #[rustfmt::skip]
    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::NoToken => "send what AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE holds as Authorization",
            Self::Host(uri) => return format!("ask {uri}").into(),
            Self::Path => "ask /v1/credentials, or /v1/credentials/NAME for the profile of that name",
            Self::Method => "use GET",
            Self::NoRequest => "send GET over http",
            Self::TooLarge => "send only Host and Authorization",
            Self::Late => "send it when the connection is open",
            Self::Peer => "connect from a loopback address",
            Self::BrokenOff => "try again",
        })
    }
}
