//! The output of a credential process (`behaviour.md` §5).

use alloc::borrow::Cow;
use alloc::string::{String, ToString};

use serde::Serialize;
use thiserror::Error;

use crate::credentials::{Credentials, CredentialsError};
use crate::limits::OUTPUT_BYTES;
use crate::message::Failure;

/// The output, member by member, in the order in which it is written.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    /// A number: the SDK for JavaScript takes no string.
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    /// Never left out: without it, no SDK would ever ask again.
    expiration: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

/// Writes the credentials as a credential process does: one compact JSON object, without a newline at
/// its end. The text holds the secrets.
///
/// # Errors
///
/// When a field is empty, or the output has more bytes than every SDK reads.
pub fn output(credentials: &Credentials) -> Result<String, CredentialsError> {
    credentials.check_filled()?;
    let output = Output {
        version: 1,
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.expose(),
        expiration: &credentials.expiration.to_string(),
        account_id: credentials
            .account_id
            .as_deref()
            .filter(|id| !id.is_empty()),
    };
    // Texts alone can always be written; serde_json fails for values that JSON does not have.
    let output = serde_json::to_string(&output).map_err(|_| CredentialsError::Unwritable)?;
    // The newline that is printed after it counts.
    let bytes = output.len() + 1;
    if bytes > OUTPUT_BYTES {
        return Err(CredentialsError::TooLarge(bytes));
    }
    Ok(output)
}

/// The output could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("standard output cannot be written")]
pub struct OutputFailed;

impl Failure for OutputFailed {
    fn what(&self) -> Cow<'static, str> {
        "output failed".into()
    }

    fn remedy(&self) -> Cow<'static, str> {
        "is the disk full, or the reader gone?".into()
    }
}
