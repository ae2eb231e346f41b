//! Assuming a role: one request to STS, as often as it takes.

use super::{clock, http};
use crate::attempts::Attempts;
use crate::sts_request;
use crate::{Credentials, Error, Role, Sts, Timestamp};

/// The credentials of the role.
pub fn assume_role(
    role: &Role,
    base: &Credentials,
    sts: &Sts,
    mut attempts: Attempts,
) -> Result<Credentials, Error> {
    loop {
        let attempt = attempts.begin(clock::now());
        // Signed for each attempt anew: a signature is good for five minutes.
        let now = Timestamp::from_unix(clock::wall_seconds()).unwrap_or(Timestamp::MAX);
        let post = sts_request::assume_role(role, base, sts, now)?;
        let error = match http::send(sts.endpoint(), &post.headers, Some(&post.body), &attempt)
            .map_err(|fault| fault.at_sts(sts, base))
            .and_then(|response| response.assumed_role(sts, base))
            .and_then(|credentials| credentials.valid_at(clock::wall_seconds()))
        {
            Ok(credentials) => return Ok(credentials),
            Err(error) => error,
        };
        match attempts.retry_at(&error, clock::now()) {
            Some(moment) => clock::sleep_until(moment),
            None => return Err(error),
        }
    }
}
