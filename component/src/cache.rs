//! The credentials that an instance keeps between calls.

use crate::credentials::Credentials;
use crate::error::Error;
use crate::limits::REFRESH_SECONDS;

/// The credentials of the last call that got some. All moments are in seconds since 1970.
#[derive(Debug, Default)]
pub struct Cache(Option<Credentials>);

impl Cache {
    /// Keeps nothing yet.
    pub const fn new() -> Self {
        Self(None)
    }

    /// The kept credentials, while they need no refresh: more than five minutes are left.
    pub fn fresh(&self, now: i64) -> Option<Credentials> {
        self.0
            .clone()
            .filter(|kept| kept.seconds_left(now) > REFRESH_SECONDS)
    }

    /// Takes in how a refresh ended, and gives what the caller gets: when it failed, the kept
    /// credentials still do, as long as they are valid.
    pub fn settle(
        &mut self,
        refreshed: Result<Credentials, Error>,
        now: i64,
    ) -> Result<Credentials, Error> {
        match (refreshed, &self.0) {
            (Ok(credentials), _) => Ok(self.0.insert(credentials).clone()),
            (Err(error), Some(kept)) => kept.clone().valid_at(now).map_err(|_| error),
            (Err(error), None) => Err(error),
        }
    }
}
