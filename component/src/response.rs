//! Reads a response of the container credentials endpoint: credentials, or the reason for a refusal
//! (`behaviour.md` §4).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::credentials::Credentials;
use crate::document::{Document, DocumentError};
use crate::endpoint::{Agent, Endpoint};
use crate::error::Error;
use crate::limits::BODY_BYTES;
use crate::printable::excerpt_without;
use crate::secret::Secret;
use crate::timestamp::Timestamp;
use crate::token::Token;
use crate::transport::TransportError;

/// A response, as far as it was received.
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
    /// The bytes that came.
    pub bytes: Vec<u8>,
    /// Why there are no more of them; nothing when the body is complete, or larger than is read.
    pub error: Option<TransportError>,
}

/// The header fields by which a proxy of a service mesh says that it answered.
const PROXY_FIELDS: [&str; 2] = ["server", "l5d-proxy-error"];

/// Whether a proxy of a service mesh answered in place of the server: Envoy, of which Istio is made, by its name, or
/// Linkerd's, by a field of its own. `values` gives the values of a header field.
pub fn is_by_proxy(values: impl Fn(&str) -> Vec<Vec<u8>>) -> bool {
    let is_proxy = |name: &str, value: &[u8]| {
        name != "server"
            || String::from_utf8_lossy(value)
                .to_ascii_lowercase()
                .contains("envoy")
    };
    PROXY_FIELDS
        .iter()
        .any(|name| values(name).iter().any(|value| is_proxy(name, value)))
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
    /// What a text of the server, or of the runtime, is shown without.
    fn secrets(self) -> impl Iterator<Item = &'a str> {
        let token = self.token.map(Token::expose);
        token.into_iter().chain(self.endpoint.secrets())
    }
}

/// The credentials that a response serves; they may have expired.
pub fn credentials(response: Response, asked: Asked<'_>) -> Result<Credentials, Error> {
    let Response {
        status,
        is_by_proxy,
        body,
    } = response;
    if status != 200 {
        // Even the half of an error's text is worth more than how it broke off.
        return Err(unexpected_status(status, is_by_proxy, &body.bytes, asked));
    }
    match body.error {
        Some(error) => Err(failed(error, asked)),
        None => parse(&body.bytes, Some(asked)),
    }
}

/// The error that `error` is for a request.
pub fn failed(error: TransportError, asked: Asked<'_>) -> Error {
    let endpoint = asked.endpoint;
    let secrets: Vec<&str> = asked.secrets().collect();
    let error = match error.without(&secrets) {
        // An address is not looked up, whatever error number the kernel gave to the runtime.
        TransportError::Unresolved if endpoint.host().ip().is_some() => TransportError::Unroutable,
        error => error,
    };
    let origin = endpoint.origin();
    if error.is_denial() {
        Error::RequestDenied {
            method: "GET",
            origin,
            error,
        }
    } else {
        Error::Unreachable {
            origin,
            error,
            agent: endpoint.agent(),
        }
    }
}

/// The credentials in the body of a response of status 200; they may have expired.
///
/// Fails with [`Error::Refused`] or [`Error::InvalidResponse`].
pub fn from_container(body: &[u8]) -> Result<Credentials, Error> {
    parse(body, None)
}

fn parse(body: &[u8], asked: Option<Asked<'_>>) -> Result<Credentials, Error> {
    let document = read(body)?;
    let code = document.code();
    if code.is_some_and(|code| code != "Success") || document.has_other_code() {
        let secrets = secrets(Some(&document), asked);
        return Err(Error::Refused {
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

fn unexpected_status(status: u16, is_by_proxy: bool, body: &[u8], asked: Asked<'_>) -> Error {
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
    Error::UnexpectedStatus {
        status,
        code: code.map(|code| excerpt_without(code, &secrets)),
        message: excerpt_without(message, &secrets),
        agent: asked.endpoint.agent(),
        has_token: asked.token.is_some(),
        // Envoy's filter for access control says so in the body, too.
        is_by_proxy: is_by_proxy || message.contains("RBAC: access denied"),
    }
}

/// What of the body, and of the request that it may quote, is not shown.
fn secrets<'a>(document: Option<&'a Document<'_>>, asked: Option<Asked<'a>>) -> Vec<&'a str> {
    let of_body = |name| {
        let text = document.and_then(|document| document.text(name));
        // A shorter text cannot be a secret, and may be a part of other words.
        text.filter(|text| text.len() >= 8)
    };
    let of_request = asked.into_iter().flat_map(Asked::secrets);
    of_request
        .chain(["SecretAccessKey", "Token"].into_iter().filter_map(of_body))
        .collect()
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.bytes.len())
    }
}
