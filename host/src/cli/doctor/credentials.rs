//! The credentials themselves, from the component, in its sandbox, behind the wall: as without arguments, but
//! that nothing of them is printed.

use super::report::{Check, Span};
use epicac::{Credentials, Error, Grants, Limits, Sandbox, Wall};
use std::mem::ManuallyDrop;

/// What the component answered. None when it was not run.
pub(super) type Answer = Option<Result<Credentials, Error>>;

/// Runs the component within these limits, if `admit` is content with the wall. From then on the process can
/// do no more than that run needs.
pub(super) fn run(
    grants: &Grants,
    limits: Limits,
    admit: impl FnOnce(Wall) -> bool,
) -> (Wall, Answer) {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        // The process ends soon, and the kernel takes it all back at once.
        .map(ManuallyDrop::new)
        .map_err(|error| Error::Sandbox(error.to_string()));
    let prepared = grants.prepare(limits.deadline);
    let sandbox = Sandbox::new().map(|sandbox| sandbox.with_limits(limits));
    let wall = Wall::raise(grants);
    let answer = admit(wall).then(|| {
        prepared?;
        let provider = sandbox?.provider(grants.clone());
        executor?.block_on(provider.get_credentials())
    });
    (wall, answer)
}

/// Whether there are credentials, for how long, and of which account.
pub(super) fn check(answer: &Answer, has_endpoint: bool, now: i64) -> Check {
    const NAME: &str = "credentials";
    let credentials = match answer {
        None if has_endpoint => {
            return Check::skipped(NAME, "nothing is asked that is not within the policy");
        }
        None => return Check::skipped(NAME, "there is no endpoint to ask"),
        Some(Err(error)) => return Check::failed(NAME, error),
        Some(Ok(credentials)) => credentials,
    };
    // Of the credentials, only these two may be shown.
    let left = Span(credentials.seconds_left(now));
    let account = credentials
        .account_id
        .as_deref()
        .filter(|id| !id.is_empty());
    let account = account.map(|id| format!(" of the account {id}"));
    let account = account.unwrap_or_default();
    Check::ok(
        NAME,
        format_args!("status 200, credentials{account} for {left}"),
    )
}
