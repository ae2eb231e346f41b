//! Assumes roles: one request to STS for each role, and again after a failure that may pass.

use super::{clock, http, retry::retry};
use crate::attempts::Attempts;
use crate::sts::{request, response};
use crate::{Chain, Credentials, Error, Role, Sts, Timestamp};

/// The credentials of the last role.
pub fn assume_roles(
    chain: &Chain,
    mut credentials: Credentials,
    attempts: &mut Attempts,
) -> Result<Credentials, Error> {
    for role in &chain.roles {
        credentials = assume_role(role, &credentials, &chain.sts, attempts.next_request())?;
    }
    Ok(credentials)
}

fn assume_role(
    role: &Role,
    base: &Credentials,
    sts: &Sts,
    attempts: &mut Attempts,
) -> Result<Credentials, Error> {
    retry(attempts, &|attempt| {
        // Signed for each attempt anew: a signature is good for a few minutes.
        let now = Timestamp::from_unix(clock::wall_seconds()).unwrap_or(Timestamp::MAX);
        let post = request::assume_role(role, base, sts, now)?;
        match http::send(sts.endpoint(), &post.headers, Some(&post.body), attempt) {
            Ok(response) => Ok(response::assumed_role(response, role, sts, base)?),
            Err(error) => Err(response::failed(error, sts, base).into()),
        }
    })
}
