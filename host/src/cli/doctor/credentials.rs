//! The credentials themselves. Only their lifetime and their account are printed.

use super::report::{Check, Span};
use epicac::{Credentials, Error};

/// What the component answered. None when it was not run.
pub(super) type Answer = Option<Result<Credentials, Error>>;

/// Whether there are credentials, for how long, and of which account.
pub(super) fn check(answer: &Answer, has_endpoint: bool, now: i64) -> Check {
    const NAME: &str = "credentials";
    let credentials = match answer {
        None if has_endpoint => {
            return Check::skipped(NAME, "nothing is asked that is not within the policy");
        }
        None => return Check::skipped(NAME, "there is no endpoint to ask"),
        Some(Err(error)) => return Check::run(NAME, error),
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
