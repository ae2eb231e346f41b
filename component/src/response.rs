//! Reads a response of the container credentials endpoint: credentials, or the reason for a refusal
//! (`behaviour.md` §4).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::credentials::Credentials;
use crate::document::{Document, DocumentError};
use crate::endpoint::Endpoint;
use crate::error::{Circumstance, Error};
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

/// The credentials that the response of `endpoint` to a request with `token` serves; they may have expired.
pub fn credentials(
    response: Response,
    endpoint: &Endpoint,
    token: Option<&Token>,
    circumstance: Circumstance,
) -> Result<Credentials, Error> {
    let Response { status, body } = response;
    if status != 200 {
        // Even the half of an error's text is worth more than how it broke off.
        return Err(unexpected_status(status, &body.bytes, token, circumstance));
    }
    match body.error {
        Some(error) => Err(failed(error, endpoint, token, circumstance)),
        None => parse(&body.bytes, token, circumstance),
    }
}

/// The error that `error` is for a request to `endpoint` with `token`.
pub fn failed(
    error: TransportError,
    endpoint: &Endpoint,
    token: Option<&Token>,
    circumstance: Circumstance,
) -> Error {
    let error = match error.without(token.map(Token::expose).as_slice()) {
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
            circumstance,
        }
    }
}

/// The credentials in the body of a response of status 200; they may have expired.
///
/// Fails with [`Error::Refused`] or [`Error::InvalidResponse`].
pub fn from_container(body: &[u8]) -> Result<Credentials, Error> {
    parse(body, None, Circumstance::default())
}

fn parse(
    body: &[u8],
    token: Option<&Token>,
    circumstance: Circumstance,
) -> Result<Credentials, Error> {
    let document = read(body)?;
    let code = document.code();
    if code.is_some_and(|code| code != "Success") || document.has_other_code() {
        let secrets = secrets(Some(&document), token);
        return Err(Error::Refused {
            code: excerpt_without(code.unwrap_or_default(), &secrets),
            message: excerpt_without(document.message().unwrap_or_default(), &secrets),
            circumstance,
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
    body: &[u8],
    token: Option<&Token>,
    circumstance: Circumstance,
) -> Error {
    let text = String::from_utf8_lossy(body);
    let document = Document::parse(&text).ok();
    // `{"Error": {"Code": …}}` is how AWS services nest it.
    let nested = document.as_ref().and_then(Document::error);
    let said = nested.as_ref().or(document.as_ref());
    let code = said.and_then(Document::code);
    let message = said.and_then(Document::message);
    let message = message.unwrap_or(if code.is_some() { "" } else { &text });
    let secrets = secrets(document.as_ref(), token);
    Error::UnexpectedStatus {
        status,
        code: code.map(|code| excerpt_without(code, &secrets)),
        message: excerpt_without(message, &secrets),
        circumstance,
    }
}

/// What of the body, and of the request that it may quote, is not shown: texts, or nothing.
fn secrets<'a>(document: Option<&'a Document<'_>>, token: Option<&'a Token>) -> [&'a str; 3] {
    let of_body = |name| {
        let text = document.and_then(|document| document.text(name));
        // A shorter text cannot be a secret, and may be a part of other words.
        text.filter(|text| text.len() >= 8).unwrap_or_default()
    };
    let token = token.map_or("", Token::expose);
    [token, of_body("SecretAccessKey"), of_body("Token")]
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes]", self.bytes.len())
    }
}
