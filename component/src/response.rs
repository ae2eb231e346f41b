//! Reads a response of the container credentials endpoint: credentials, or the reason for a refusal
//! (`behaviour.md` §4).

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::credentials::Credentials;
use crate::document::{Document, DocumentError};
use crate::endpoint::{Agent, Endpoint};
use crate::limits::BODY_BYTES;
use crate::message::Failure;
use crate::printable::{Line, excerpt_without, has};
use crate::secret::Secret;
use crate::sentences::{IS_IT_ONE, Said, code_of, proxy_remedy, status_remedy, unreachable_remedy};
use crate::timestamp::Timestamp;
use crate::token::Token;
use crate::transport::{RequestDenied, TransportError};

/// A response, or the received part of it.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Whether a proxy of a service mesh gave it: see [`is_by_proxy`].
    pub is_by_proxy: bool,
    /// The body: at most one byte more than [`BODY_BYTES`].
    pub body: Body,
}

/// The body of a response. It may hold credentials, so its `Debug` shows only its size.
pub struct Body {
    /// The received bytes.
    pub bytes: Vec<u8>,
    /// Why the body ends early. `None` if it is complete, or larger than is read.
    pub error: Option<TransportError>,
}

/// Whether a proxy of a service mesh answered in place of the server, by the values of the header fields of a name: Envoy,
/// of which Istio is made, says its name, and Linkerd's has a field of its own. Envoy writes its name over that of the
/// server, too, and then also how long the server took.
pub fn is_by_proxy(values: &dyn Fn(&str) -> Vec<Vec<u8>>) -> bool {
    let is_envoy = |value: &Vec<u8>| {
        let mut words = value.windows("envoy".len());
        words.any(|word| word.eq_ignore_ascii_case(b"envoy"))
    };
    !values("l5d-proxy-error").is_empty()
        || (values("server").iter().any(is_envoy)
            && values("x-envoy-upstream-service-time").is_empty())
}

/// What a response answers: the endpoint that was asked, and the token that was sent.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The endpoint.
    pub endpoint: &'a Endpoint,
    /// The token.
    pub token: Option<&'a Token>,
}

impl<'a> Asked<'a> {
    /// The secrets of the request, which the server and the runtime may quote.
    fn secrets(self) -> Vec<&'a str> {
        let mut secrets = self.endpoint.secrets();
        if let Some(token) = self.token {
            secrets.push(token.expose());
        }
        secrets
    }
}

/// The credentials that a response serves; they may have expired.
pub fn credentials(response: Response, asked: Asked<'_>) -> Result<Credentials, ResponseError> {
    let Response {
        status,
        is_by_proxy,
        body,
    } = response;
    if status != 200 {
        // A part of the error's text says more than why the rest is missing.
        return Err(unexpected_status(status, is_by_proxy, &body.bytes, asked));
    }
    match body.error {
        Some(error) => Err(failed(error, asked)),
        None => parse(&body.bytes, Some(asked)),
    }
}

/// The error that `error` is for a request.
pub fn failed(error: TransportError, asked: Asked<'_>) -> ResponseError {
    let endpoint = asked.endpoint;
    let error = match error.without(&asked.secrets()) {
        // An address needs no lookup: the runtime took the kernel's error for one of DNS.
        TransportError::Unresolved if endpoint.host().ip().is_some() => TransportError::Unroutable,
        error => error,
    };
    let origin = endpoint.origin();
    if error.is_denial() {
        ResponseError::Denied(RequestDenied {
            method: "GET",
            origin,
            error,
        })
    } else {
        ResponseError::Unreachable {
            origin,
            error,
            agent: endpoint.agent(),
        }
    }
}

/// The credentials in the body of a response of status 200; they may have expired.
pub fn from_container(body: &[u8]) -> Result<Credentials, ResponseError> {
    parse(body, None)
}

fn parse(body: &[u8], asked: Option<Asked<'_>>) -> Result<Credentials, ResponseError> {
    let document = read(body)?;
    let code = document.code();
    if code.is_some_and(|code| code != "Success") || document.has_other_code() {
        let secrets = secrets(Some(&document), asked);
        return Err(ResponseError::Refused {
            code: excerpt_without(code.unwrap_or_default(), &secrets),
            message: excerpt_without(document.message().unwrap_or_default(), &secrets),
            agent: asked.map_or(Agent::default(), |asked| asked.endpoint.agent()),
        });
    }
    Ok(of_document(&document)?)
}

fn read(body: &[u8]) -> Result<Document<'_>, DocumentError> {
    if body.len() > BODY_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let document = Document::parse(str::from_utf8(body).map_err(|_| DocumentError::NotUtf8)?)?;
    document.check_unique()?;
    Ok(document)
}

fn of_document(document: &Document<'_>) -> Result<Credentials, DocumentError> {
    let mut texts = [""; 4];
    let names = ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"];
    for (text, name) in texts.iter_mut().zip(names) {
        *text = document.required(name)?;
    }
    from_texts(texts, document.optional("AccountId")?)
}

/// The credentials of these texts: access key id, secret access key, session token and expiration; and
/// of an account.
///
/// Fails when the expiration is no moment.
pub fn from_texts(
    texts: [&str; 4],
    account_id: Option<&str>,
) -> Result<Credentials, DocumentError> {
    let [access_key_id, secret_access_key, session_token, expiration] = texts;
    let expiration = Timestamp::parse(expiration);
    Ok(Credentials {
        expiration: expiration.ok_or(DocumentError::NotATimestamp("Expiration"))?,
        access_key_id: access_key_id.to_owned(),
        secret_access_key: Secret::new(secret_access_key),
        session_token: Secret::new(session_token),
        account_id: account_id.map(ToOwned::to_owned),
    })
}

fn unexpected_status(
    status: u16,
    is_by_proxy: bool,
    body: &[u8],
    asked: Asked<'_>,
) -> ResponseError {
    let text = String::from_utf8_lossy(body);
    let document = Document::parse(&text).ok();
    // `{"Error": {"Code": …}}` is how AWS services nest it.
    let said = document
        .as_ref()
        .map(|document| document.error().unwrap_or(document));
    let code = said.and_then(Document::code);
    let message = said.and_then(Document::message);
    let message = message.unwrap_or(if code.is_some() { "" } else { &text });
    let secrets = secrets(document.as_ref(), Some(asked));
    ResponseError::UnexpectedStatus {
        status,
        code: excerpt_without(code.unwrap_or_default(), &secrets),
        message: excerpt_without(message, &secrets),
        agent: asked.endpoint.agent(),
        has_token: asked.token.is_some(),
        // Envoy's filter for access control says so in the body, too.
        is_by_proxy: (is_by_proxy && !is_of_eks_agent(message))
            || has(message, "RBAC: access denied"),
    }
}

/// Whether these are words that the EKS agent itself answers with: a mesh may be told to leave out the time of the server.
fn is_of_eks_agent(message: &str) -> bool {
    let own = ["Service account token", "Called agent", "Too Many Requests"];
    own.iter().any(|words| has(message, words))
}

/// The secrets in the body, and those of the request, which the body may quote.
fn secrets<'a>(document: Option<&'a Document<'_>>, asked: Option<Asked<'a>>) -> Vec<&'a str> {
    let mut secrets = asked.map_or_else(Vec::new, Asked::secrets);
    for name in ["SecretAccessKey", "Token"] {
        match document.and_then(|document| document.text(name)) {
            // A shorter text cannot be a secret, and may be a part of other words.
            Some(text) if text.len() >= 8 => secrets.push(text),
            _ => {}
        }
    }
    secrets
}

/// Why the endpoint gave no credentials.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum ResponseError {
    #[error(transparent)]
    Denied(RequestDenied),
    /// No complete response came.
    #[error("{} {error}", Line(.origin))]
    Unreachable {
        origin: String,
        error: TransportError,
        agent: Agent,
    },
    /// Another status than 200. Code and message are those of a JSON body, or else the message is the text of the body;
    /// both may be empty.
    #[error("{}", Said(.code, .message))]
    UnexpectedStatus {
        status: u16,
        code: String,
        message: String,
        agent: Agent,
        /// Whether a token was sent.
        has_token: bool,
        /// Whether a proxy of a service mesh answered in the agent's place.
        is_by_proxy: bool,
    },
    /// Status 200, and a `Code` other than `Success`. The message may be empty.
    #[error("{}", Said(.code, .message))]
    Refused {
        code: String,
        message: String,
        agent: Agent,
    },
    #[error("more than the 65,536 bytes that are read of it")]
    TooLarge,
    #[error(transparent)]
    Invalid(DocumentError),
}

impl From<DocumentError> for ResponseError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::TooLarge => Self::TooLarge,
            error => Self::Invalid(error),
        }
    }
}

impl Failure for ResponseError {
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Denied(denied) => return denied.what(),
            Self::UnexpectedStatus { status, .. } => {
                return format!("the container credentials endpoint answered with status {status}")
                    .into();
            }
            Self::Unreachable { .. } => "no response from the container credentials endpoint",
            Self::Refused { .. } => "the container credentials endpoint refused",
            Self::TooLarge => "response too large",
            Self::Invalid(_) => "invalid response from the container credentials endpoint",
        })
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Denied(denied) => return denied.remedy(),
            Self::Unreachable { error, agent, .. } => unreachable_remedy(error, *agent),
            Self::UnexpectedStatus {
                code,
                message,
                agent,
                is_by_proxy: true,
                ..
            } if code_of(code, message).is_empty() => proxy_remedy(*agent),
            Self::UnexpectedStatus {
                status,
                code,
                message,
                agent,
                has_token,
                ..
            } => status_remedy(*status, code, message, *agent, *has_token),
            Self::Refused { agent, .. } => match agent {
                Agent::Eks => "may the pod's service account use a role? see the agent's log",
                Agent::Ecs => "does the task have a task role, which ECS may assume?",
            },
            Self::TooLarge | Self::Invalid(_) => IS_IT_ONE,
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.bytes.len())
    }
}
