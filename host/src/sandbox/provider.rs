//! Typed credentials: the component's `provider` interface, in the sandbox.

use crate::error::{CredentialsError, Error};
use crate::grants::Admitted;
use crate::sandbox::bindings::types;
use crate::sandbox::complaint::one_line;
use crate::sandbox::guest::{Guest, Sandbox};
use epicac_component::Credentials;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

/// Gets credentials from the component, and keeps its instance: the component answers from memory until
/// five minutes before the credentials expire.
///
/// Calls wait for each other, so that many tasks that need credentials at once cause one request. Needs
/// a tokio runtime with I/O and time.
pub struct Provider {
    sandbox: Sandbox,
    admitted: Arc<Admitted>,
    guest: Mutex<Option<Guest>>,
}

impl Sandbox {
    /// A provider that keeps one instance, and with it the credentials until shortly before they expire.
    ///
    /// It takes what a policy admits; [`Grants`](crate::Grants) by themselves are those of the built-in policy.
    pub fn provider(&self, admitted: impl Into<Admitted>) -> Provider {
        Provider {
            sandbox: self.clone(),
            admitted: Arc::new(admitted.into()),
            guest: Mutex::new(None),
        }
    }
}

impl Provider {
    /// The current credentials. They have not expired, and none of their texts is empty.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] as a rule, with the cause. After an error of the host's own the next call
    /// begins with a new instance.
    pub async fn get_credentials(&self) -> Result<Credentials, Error> {
        let mut kept = self.guest.lock().await;
        // Taken during the call: an instance whose call was cancelled or failed half-way is not used again.
        let mut guest = match kept.take() {
            Some(mut guest) => {
                guest.start_run(self.admitted.limits())?;
                guest
            }
            None => self.sandbox.instantiate(&self.admitted).await?,
        };
        let result = guest.get_credentials().await?;
        let unreachable = guest.take_unreachable();
        *kept = Some(guest);
        match result {
            Ok(credentials) => checked(credentials).map_err(Error::from),
            Err(error) => Err(match (error.cause, unreachable) {
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
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_secs()).unwrap_or(i64::MAX));
    let credentials = Credentials::try_from(credentials)?.valid_at(now)?;
    credentials.check_filled()?;
    Ok(credentials)
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").finish_non_exhaustive()
    }
}
