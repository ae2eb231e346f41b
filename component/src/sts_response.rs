//! What STS says: the credentials of the role, or why there are none.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};

use roxmltree::{Document, Node, ParsingOptions};

use crate::credentials::Credentials;
use crate::document::DocumentFlaw;
use crate::error::Error;
use crate::limits::{BODY_BYTES, XML_NODES};
use crate::printable::excerpt_without;
use crate::response::Response;
use crate::role::is_account;
use crate::secret::Secret;
use crate::service::Sts;
use crate::timestamp::Timestamp;
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
    let text = utf8::text(body).ok_or(DocumentFlaw::NotUtf8)?;
    let document = parse(text).ok_or(DocumentFlaw::NotXml)?;
    let result = document.root();
    let result = child(result, "AssumeRoleResponse")?;
    let result = child(result, "AssumeRoleResult")?;
    let credentials = child(result, "Credentials")?;
    let user = child(result, "AssumedRoleUser").ok();
    let arn = user.and_then(|user| text_of(user, "Arn").ok());
    Ok(Credentials {
        access_key_id: text_of(credentials, "AccessKeyId")?.to_owned(),
        secret_access_key: Secret::new(text_of(credentials, "SecretAccessKey")?),
        session_token: Secret::new(text_of(credentials, "SessionToken")?),
        expiration: Timestamp::parse(text_of(credentials, "Expiration")?)
            .ok_or(DocumentFlaw::NotATimestamp("Expiration"))?,
        account_id: arn.and_then(account).map(ToOwned::to_owned),
    })
}

/// The account in `arn:aws:sts::123456789012:assumed-role/role/session`.
fn account(arn: &str) -> Option<&str> {
    let account = arn.as_bytes().split(|byte| *byte == b':').nth(4);
    account.and_then(utf8::text).filter(|id| is_account(id))
}

fn refused(status: u16, body: &[u8], base: &Credentials) -> Error {
    let text = utf8::lossy(body);
    let document = parse(&text);
    let response = document
        .as_ref()
        .and_then(|document| child(document.root(), "ErrorResponse").ok());
    let error = response.and_then(|response| child(response, "Error").ok());
    // STS quotes the request that it got in what it says about a wrong signature, the token included.
    let secrets = [base.session_token.expose(), base.secret_access_key.expose()];
    let said = |node: Option<Node<'_, '_>>, name| -> String {
        let text = node.and_then(|node| text_of(node, name).ok());
        excerpt_without(text.unwrap_or_default(), &secrets)
    };
    Error::StsRefused {
        status,
        code: said(error, "Code"),
        message: match error {
            Some(_) => said(error, "Message"),
            None => excerpt_without(&text, &secrets),
        },
        request_id: said(response, "RequestId"),
    }
}

/// Reads a text that is one XML element, of a bounded number of nodes, without declarations of entities.
fn parse(text: &str) -> Option<Document<'_>> {
    let options = ParsingOptions {
        nodes_limit: XML_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).ok()
}

/// The one element of this name in `node`. The namespace is STS's own in any case.
fn child<'a, 'b>(node: Node<'a, 'b>, name: &'static str) -> Result<Node<'a, 'b>, DocumentFlaw> {
    let mut named = node
        .children()
        .filter(|child| child.is_element() && child.tag_name().name() == name);
    match (named.next(), named.next()) {
        (Some(_), Some(_)) => Err(DocumentFlaw::Repeated(name)),
        (Some(only), None) => Ok(only),
        (None, _) => Err(DocumentFlaw::Missing(name)),
    }
}

/// The text, which must not be empty, of the one element of this name in `node`.
fn text_of<'a>(node: Node<'a, '_>, name: &'static str) -> Result<&'a str, DocumentFlaw> {
    let element = child(node, name)?;
    let mut children = element.children();
    match (children.next(), children.next()) {
        (None, _) => Err(DocumentFlaw::Empty(name)),
        // A comment in the middle would cut the text in two.
        (Some(only), None) => only.text().ok_or(DocumentFlaw::NotAString(name)),
        _ => Err(DocumentFlaw::NotAString(name)),
    }
}
