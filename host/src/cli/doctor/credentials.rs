//! The credentials themselves, from the component, in its sandbox, behind the wall: as without arguments, but
//! that nothing of them is printed.

use super::report::{Check, Span};
use epicac::{Error, Grants, Limits, Sandbox, Wall};
use epicac_component::Timestamp;
use serde::Deserialize;

/// What the component printed, or why it did not. None when it was not run.
pub(super) type Document = Option<Result<Vec<u8>, Error>>;

/// Runs the component within these limits, if `admit` is content with the wall. From then on the process can
/// do no more than that run needs.
pub(super) fn run(
    grants: &Grants,
    limits: Limits,
    admit: impl FnOnce(Wall) -> bool,
) -> (Wall, Document) {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Error::Sandbox(error.to_string()));
    let sandbox = Sandbox::new().map(|sandbox| sandbox.with_limits(limits));
    let wall = Wall::raise(grants);
    let document = admit(wall).then(|| executor?.block_on(sandbox?.run(grants)));
    (wall, document)
}

/// Whether there are credentials, for how long, and of which account.
pub(super) fn check(document: &Document, has_endpoint: bool, now: i64) -> Check {
    const NAME: &str = "credentials";
    let bytes = match document {
        None if has_endpoint => {
            return Check::skipped(NAME, "nothing is asked that is not within the policy");
        }
        None => return Check::skipped(NAME, "there is no endpoint to ask"),
        Some(Err(error)) => return Check::failed(NAME, error),
        Some(Ok(bytes)) => bytes,
    };
    /// What of the document may be shown.
    #[derive(Deserialize)]
    struct Shown {
        #[serde(rename = "Expiration")]
        expiration: String,
        #[serde(rename = "AccountId")]
        account_id: Option<String>,
    }
    let shown: Option<Shown> = serde_json::from_slice(bytes).ok();
    let Some((shown, expiration)) = shown.and_then(|shown| {
        let expiration = Timestamp::parse(&shown.expiration)?;
        Some((shown, expiration))
    }) else {
        return Check::failed(NAME, Error::Output("it is no credential document"));
    };
    let left = Span(expiration.unix().saturating_sub(now));
    let account = shown.account_id.map(|id| format!(" of the account {id}"));
    let account = account.unwrap_or_default();
    Check::ok(NAME, format!("status 200, credentials{account} for {left}"))
}
