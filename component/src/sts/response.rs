//! Reads an answer of STS: the credentials of the role, or an error.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::credentials::Credentials;
use crate::document::DocumentError;
use crate::limits::BODY_BYTES;
use crate::printable::excerpt_without;
use crate::response::{Response, from_texts};
use crate::sts::error::StsError;
use crate::sts::role::{Role, is_account};
use crate::sts::service::Sts;
use crate::sts::xml::{Document, Node};
use crate::transport::{RequestDenied, TransportError};

/// The credentials that the response of `sts` to a request for `role`, which was made with `base`, serves; they may
/// have expired.
pub fn assumed_role(
    response: Response,
    role: &Role,
    sts: &Sts,
    base: &Credentials,
) -> Result<Credentials, StsError> {
    let Response { status, body, .. } = response;
    if status != 200 {
        return Err(refused(status, &body.bytes, base));
    }
    match body.error {
        Some(error) => Err(failed(error, sts, base)),
        None => from_sts(&body.bytes, role, base),
    }
}

/// The error that `error` is for a request to `sts` with the credentials `base`.
pub fn failed(error: TransportError, sts: &Sts, base: &Credentials) -> StsError {
    let error = error.without(&secrets(base));
    let origin = sts.endpoint().origin();
    if error.is_denial() {
        StsError::Denied(RequestDenied {
            method: "POST",
            origin,
            error,
        })
    } else {
        let variant = sts.variant();
        StsError::Unreachable {
            origin,
            error,
            variant,
        }
    }
}

/// The credentials in the body of STS's answer to `AssumeRole`; they may have expired.
///
/// Fails when they are those of another role than `role`. The error names the field that is missing or wrong, never its
/// value.
pub fn from_sts(body: &[u8], role: &Role, base: &Credentials) -> Result<Credentials, StsError> {
    let (credentials, assumed) = read(body).map_err(StsError::Invalid)?;
    match assumed {
        Some(arn) if !role.is_assumed_by(&arn) => Err(StsError::AnotherRole {
            asked: role.request().arn.clone(),
            assumed: excerpt_without(&arn, &[secrets(base), secrets(&credentials)].concat()),
        }),
        _ => Ok(credentials),
    }
}

/// The credentials, and the ARN of who has them if STS names it.
fn read(body: &[u8]) -> Result<(Credentials, Option<String>), DocumentError> {
    if body.len() > BODY_BYTES {
        return Err(DocumentError::TooLarge);
    }
    let text = str::from_utf8(body).map_err(|_| DocumentError::NotUtf8)?;
    let document = &Document::parse(text).ok_or(DocumentError::NotXml)?;
    let response = document.root("AssumeRoleResponse");
    let response = response.ok_or(DocumentError::Missing("AssumeRoleResponse"))?;
    let result = child(document, response, "AssumeRoleResult")?;
    let credentials = child(document, result, "Credentials")?;
    let mut texts = [""; 4];
    let names = [
        "AccessKeyId",
        "SecretAccessKey",
        "SessionToken",
        "Expiration",
    ];
    for (text, name) in texts.iter_mut().zip(names) {
        *text = text_of(document, credentials, name)?;
    }
    let user = child(document, result, "AssumedRoleUser");
    let arn = match user.and_then(|user| text_of(document, user, "Arn")) {
        Ok(arn) => Some(arn),
        // Other implementations leave it out, or empty.
        Err(DocumentError::Missing(_) | DocumentError::Empty(_)) => None,
        Err(error) => return Err(error),
    };
    let credentials = from_texts(texts, arn.and_then(account))?;
    Ok((credentials, arn.map(ToOwned::to_owned)))
}

/// The account in `arn:aws:sts::123456789012:assumed-role/role/session`.
fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4).filter(|id| is_account(id))
}

fn refused(status: u16, body: &[u8], base: &Credentials) -> StsError {
    let text = String::from_utf8_lossy(body);
    let document = Document::parse(&text);
    let secrets = secrets(base);
    let said = document.as_ref().and_then(Said::read);
    let said = said.unwrap_or(Said {
        code: "",
        message: &text,
        request_id: "",
    });
    StsError::Refused {
        status,
        code: excerpt_without(said.code, &secrets),
        message: excerpt_without(said.message, &secrets),
        request_id: excerpt_without(said.request_id, &secrets),
    }
}

/// STS quotes the whole request, with the session token, when a signature does not match.
fn secrets(base: &Credentials) -> [&str; 2] {
    [base.session_token.expose(), base.secret_access_key.expose()]
}

/// The parts of an error response.
struct Said<'a> {
    code: &'a str,
    message: &'a str,
    request_id: &'a str,
}

impl<'a> Said<'a> {
    fn read(document: &'a Document<'_>) -> Option<Self> {
        let response = document.root("ErrorResponse")?;
        let error = child(document, response, "Error").ok()?;
        let said = |node, name| text_of(document, node, name).unwrap_or_default();
        Some(Self {
            code: said(error, "Code"),
            message: said(error, "Message"),
            request_id: said(response, "RequestId"),
        })
    }
}

/// The one child of this name. Namespaces are not compared: STS has one.
fn child(document: &Document<'_>, node: Node, name: &'static str) -> Result<Node, DocumentError> {
    let mut named = document.children(node, name);
    match (named.next(), named.next()) {
        (Some(_), Some(_)) => Err(DocumentError::Repeated(name)),
        (Some(only), None) => Ok(only),
        (None, _) => Err(DocumentError::Missing(name)),
    }
}

/// The text of the one child of this name. It must not be empty.
fn text_of<'a>(
    document: &'a Document<'_>,
    node: Node,
    name: &'static str,
) -> Result<&'a str, DocumentError> {
    let text = document.text(child(document, node, name)?);
    match text {
        Some("") => Err(DocumentError::Empty(name)),
        text => text.ok_or(DocumentError::NotAString(name)),
    }
}
