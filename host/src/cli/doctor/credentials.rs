//! The credentials themselves. Only their lifetime and their account are printed.

use super::report::{Check, span};
use crate::cli::sentences::Finding;
use epicac::{Credentials, Error};

/// What the component answered. None when it was not run.
pub(super) type Answer = Option<Result<Credentials, Error>>;

/// Whether there are credentials, for how long, and of which account.
pub(super) fn check(answer: &Answer, has_endpoint: bool, now: i64) -> Check {
    Check::from(match answer {
        Some(Err(error)) => return Check::run("credentials", error),
        None if has_endpoint => Finding::NotWithinPolicy,
        None => Finding::NothingToAsk,
        Some(Ok(credentials)) => {
            // Of the credentials, only these two may be shown.
            let left = span(credentials.seconds_left(now));
            match credentials.account_id.clone().filter(|id| !id.is_empty()) {
                Some(account) => Finding::CredentialsOf(account, left),
                None => Finding::Credentials(left),
            }
        }
    })
}
