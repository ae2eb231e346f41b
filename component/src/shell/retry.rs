//! Asks for credentials, and again as long as `attempts` says so.

use super::clock;
use crate::attempts::{Attempt, Attempts};
use crate::{Credentials, Error};

/// The credentials of the first attempt that gets some that have not expired, or the failure of the last one.
pub fn retry(
    attempts: &mut Attempts,
    ask: &dyn Fn(&Attempt) -> Result<Credentials, Error>,
) -> Result<Credentials, Error> {
    loop {
        let attempt = attempts.begin(clock::now());
        let asked = ask(&attempt);
        match asked.and_then(|got| Ok(got.valid_at(clock::wall_seconds())?)) {
            Ok(credentials) => return Ok(credentials),
            Err(error) => clock::sleep_until(attempts.failed(error, clock::now())?),
        }
    }
}
