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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::tests::expiring;
    use crate::error::tests::unreachable;

    fn failed() -> Result<Credentials, Error> {
        Err(unreachable())
    }

    #[test]
    fn memory_answers_while_more_than_five_minutes_are_left() {
        let mut cache = Cache::new();
        assert_eq!(cache.fresh(0), None);
        assert_eq!(cache.settle(Ok(expiring(1_000)), 0), Ok(expiring(1_000)));
        assert_eq!(cache.fresh(699), Some(expiring(1_000)));
        assert_eq!(cache.fresh(700), None);
        assert_eq!(cache.fresh(2_000), None);
    }

    #[test]
    fn a_refresh_replaces_what_was_kept() {
        let mut cache = Cache::new();
        let _ = cache.settle(Ok(expiring(1_000)), 0);
        let _ = cache.settle(Ok(expiring(5_000)), 800);
        assert_eq!(cache.fresh(900), Some(expiring(5_000)));
    }

    #[test]
    fn a_failed_refresh_is_bridged_until_expiration_and_not_longer() {
        let mut cache = Cache::new();
        assert_eq!(cache.settle(failed(), 0), failed());
        let _ = cache.settle(Ok(expiring(1_000)), 0);
        assert_eq!(cache.settle(failed(), 999), Ok(expiring(1_000)));
        assert_eq!(cache.settle(failed(), 1_000), failed());
    }
}
