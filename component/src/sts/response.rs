//! What STS says: the credentials of the role, or why there are none.

use alloc::string::ToString;

use crate::credentials::Credentials;
use crate::document::DocumentFlaw;
use crate::error::Error;
use crate::limits::BODY_BYTES;
use crate::printable::excerpt_without;
use crate::response::{Response, from_texts};
use crate::sts::role::is_account;
use crate::sts::service::Sts;
use crate::sts::xml::{Document, Node};
use crate::utf8;

impl Response {
    /// The credentials that the response of `sts` to a request that was made with `base` serves; they
    /// may have expired.
    pub fn assumed_role(self, sts: &Sts, base: &Credentials) -> Result<Credentials, Error> {
        let Self { status, body } = self;
        if status != 200 {
            return Err(refused(status, &body.bytes, base));
        }
        match body.fault {
            Some(fault) => Err(fault.at_sts(sts, base)),
            None => {
                from_sts(&body.bytes).map_err(|flaw| Error::InvalidStsResponse(flaw.to_string()))
            }
        }
    }
}

/// The credentials in the body of STS's answer to `AssumeRole`; they may have expired.
///
/// Fails with a flaw, which names the field that is missing or wrong, never its value.
pub fn from_sts(body: &[u8]) -> Result<Credentials, DocumentFlaw> {
    if body.len() > BODY_BYTES {
        return Err(DocumentFlaw::TooLarge);
    }
    let text = str::from_utf8(body).map_err(|_| DocumentFlaw::NotUtf8)?;
    let document = &Document::parse(text).ok_or(DocumentFlaw::NotXml)?;
    let response = document.root("AssumeRoleResponse");
    let response = response.ok_or(DocumentFlaw::Missing("AssumeRoleResponse"))?;
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
    let arn =
        child(document, result, "AssumedRoleUser").and_then(|user| text_of(document, user, "Arn"));
    from_texts(texts, arn.ok().and_then(account))
}

/// The account in `arn:aws:sts::123456789012:assumed-role/role/session`.
fn account(arn: &str) -> Option<&str> {
    let account = arn.as_bytes().split(|byte| *byte == b':').nth(4)?;
    str::from_utf8(account).ok().filter(|id| is_account(id))
}

fn refused(status: u16, body: &[u8], base: &Credentials) -> Error {
    let text = utf8::lossy(body);
    let document = Document::parse(&text);
    // STS quotes the request that it got in what it says about a wrong signature, the token included.
    let secrets = [base.session_token.expose(), base.secret_access_key.expose()];
    let said = document.as_ref().and_then(Said::read);
    let said = said.unwrap_or(Said {
        code: "",
        message: &text,
        request_id: "",
    });
    Error::StsRefused {
        status,
        code: excerpt_without(said.code, &secrets),
        message: excerpt_without(said.message, &secrets),
        request_id: excerpt_without(said.request_id, &secrets),
    }
}

/// What a service says about a failure.
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

/// The one element of this name in `node`. The namespace is STS's own in any case.
fn child(document: &Document<'_>, node: Node, name: &'static str) -> Result<Node, DocumentFlaw> {
    let mut named = document.children(node, name);
    match (named.next(), named.next()) {
        (Some(_), Some(_)) => Err(DocumentFlaw::Repeated(name)),
        (Some(only), None) => Ok(only),
        (None, _) => Err(DocumentFlaw::Missing(name)),
    }
}

/// The text, which must not be empty, of the one element of this name in `node`.
fn text_of<'a>(
    document: &'a Document<'_>,
    node: Node,
    name: &'static str,
) -> Result<&'a str, DocumentFlaw> {
    let text = document.text(child(document, node, name)?);
    match text {
        Some("") => Err(DocumentFlaw::Empty(name)),
        text => text.ok_or(DocumentFlaw::NotAString(name)),
    }
}
