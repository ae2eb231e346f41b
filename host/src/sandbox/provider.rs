//! Typed credentials: the component's `provider` interface, in the sandbox. Here, and nowhere else, credentials are kept.

use crate::error::{CredentialsError, Error};
use crate::grants::Admitted;
use crate::sandbox::bindings::types;
use crate::sandbox::complaint::one_line;
use crate::sandbox::guest::Sandbox;
use epicac_component::Credentials;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex as Turn;

/// Gets credentials from the component, and keeps them until five minutes before they expire.
///
/// Each refresh is a run of a new instance: nothing of the component survives it. Calls at the same time share one
/// refresh. It needs a tokio runtime with I/O and time.
pub struct Provider {
    sandbox: Sandbox,
    admitted: Arc<Admitted>,
    kept: Mutex<Option<Credentials>>,
    /// Held during a refresh. It holds the last one.
    turn: Turn<Option<Refresh>>,
}

/// A refresh that has ended.
struct Refresh {
    ended: Instant,
    result: Result<Credentials, Error>,
}

impl Sandbox {
    /// A provider of what a policy admits. [`Grants`](crate::Grants) by themselves are those of the built-in policy.
    pub fn provider(&self, admitted: impl Into<Admitted>) -> Provider {
        Provider {
            sandbox: self.clone(),
            admitted: Arc::new(admitted.into()),
            kept: Mutex::default(),
            turn: Turn::default(),
        }
    }
}

impl Provider {
    /// Credentials with so many seconds of life left, or fewer, are refreshed: the SDKs for Java and JavaScript refresh
    /// at five minutes (`behaviour.md` §6).
    pub const REFRESH_SECONDS: i64 = 300;

    /// The current credentials: those that are kept, or new ones in the last five minutes before the kept ones expire. If
    /// this refresh fails, the kept ones are given until they expire. None of their texts is empty.
    ///
    /// # Errors
    ///
    /// As those of [`refresh`](Self::refresh), if no valid credentials are kept.
    pub async fn get_credentials(&self) -> Result<Credentials, Error> {
        let called = Instant::now();
        if let Some(fresh) = self.kept(Self::REFRESH_SECONDS) {
            return Ok(fresh);
        }
        let refreshed = self.refresh_since(called).await;
        refreshed.or_else(|error| self.kept(0).ok_or(error))
    }

    /// The kept credentials, if they have more than so many seconds of life left. Nobody is asked.
    pub fn kept(&self, seconds: i64) -> Option<Credentials> {
        let kept = self.lock();
        let kept = kept.as_ref();
        kept.filter(|kept| kept.seconds_left(now()) > seconds)
            .cloned()
    }

    /// New credentials, which are then kept. Who calls this while a refresh is under way gets the result of that one. An
    /// error leaves what is kept.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] as a rule, with the cause.
    pub async fn refresh(&self) -> Result<Credentials, Error> {
        self.refresh_since(Instant::now()).await
    }

    async fn refresh_since(&self, called: Instant) -> Result<Credentials, Error> {
        let mut last = self.turn.lock().await;
        if let Some(shared) = last.as_ref().filter(|last| last.ended >= called) {
            return shared.result.clone();
        }
        let result = self.run().await;
        if let Ok(credentials) = &result {
            *self.lock() = Some(credentials.clone());
        }
        *last = Some(Refresh {
            ended: Instant::now(),
            result: result.clone(),
        });
        result
    }

    /// One run of a new instance.
    async fn run(&self) -> Result<Credentials, Error> {
        let mut guest = self.sandbox.instantiate(&self.admitted).await?;
        match guest.get_credentials().await? {
            Ok(credentials) => Ok(checked(credentials)?),
            Err(error) => Err(match (error.cause, guest.take_unreachable()) {
                // The component could only tell that there was no response, or that nothing was sent.
                (
                    types::Cause::Unreachable
                    | types::Cause::StsUnreachable
                    | types::Cause::RequestDenied,
                    Some(why),
                ) => why,
                _ => shown(error),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Credentials>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The component's error, with a message that can be shown.
fn shown(error: types::Error) -> Error {
    let message = one_line(&error.message);
    if message.is_empty() {
        return Error::Trap("it failed without a reason".to_owned());
    }
    Error::Credentials(CredentialsError {
        cause: error.cause.into(),
        message,
        status: error.status,
    })
}

/// The credentials, if they are still valid and fit to be passed on: the component might err.
fn checked(credentials: types::Credentials) -> Result<Credentials, epicac_component::Error> {
    let credentials = Credentials::try_from(credentials)?.valid_at(now())?;
    credentials.check_filled()?;
    Ok(credentials)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").finish_non_exhaustive()
    }
}
