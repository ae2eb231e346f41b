//! The credentials themselves, from the component, in its sandbox, behind the wall: as without arguments, but
//! that nothing of them is printed.

use super::report::{Check, Span};
use epicac::{Admitted, Error, Sandbox, Wall};
use epicac_component::Timestamp;
use epicac_component::document::Document;
use std::mem::ManuallyDrop;

/// What the component printed, or why it did not. None when it was not run.
pub(super) type Printed = Option<Result<Vec<u8>, Error>>;

/// Runs the component with what is admitted, if `check` is content with the wall. From then on the process can
/// do no more than that run needs.
pub(super) fn run(admitted: Admitted, check: impl FnOnce(&Wall) -> bool) -> (Wall, Printed) {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        // The process ends soon, and the kernel takes it all back at once.
        .map(ManuallyDrop::new)
        .map_err(|error| Error::Sandbox(error.to_string()));
    let prepared = admitted.prepare();
    let sandbox = Sandbox::new();
    let wall = Wall::raise(&admitted);
    let document = check(&wall).then(|| {
        prepared?;
        executor?.block_on(sandbox?.run(admitted))
    });
    (wall, document)
}

/// Whether there are credentials, for how long, and of which account.
pub(super) fn check(printed: &Printed, has_endpoint: bool, now: i64) -> Check {
    const NAME: &str = "credentials";
    let bytes = match printed {
        None if has_endpoint => {
            return Check::skipped(NAME, "nothing is asked that is not within the policy");
        }
        None => return Check::skipped(NAME, "there is no endpoint to ask"),
        Some(Err(error)) => return Check::failed(NAME, error),
        Some(Ok(bytes)) => bytes,
    };
    // Of the document, only these two may be shown.
    let document = str::from_utf8(bytes)
        .ok()
        .and_then(|text| Document::parse(text).ok());
    let expiration = document.as_ref().and_then(|document| {
        let expiration = document.required("Expiration").ok()?;
        Timestamp::parse(expiration)
    });
    let (Some(document), Some(expiration)) = (document, expiration) else {
        return Check::failed(NAME, Error::Output("it is no credential document"));
    };
    let account = document.optional("AccountId").ok().flatten();
    let left = Span(expiration.unix().saturating_sub(now));
    let account = account.map(|id| format!(" of the account {id}"));
    let account = account.unwrap_or_default();
    Check::ok(
        NAME,
        format_args!("status 200, credentials{account} for {left}"),
    )
}
