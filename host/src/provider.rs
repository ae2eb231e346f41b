//! Typed credentials for a Rust program: the component's `provider` interface, in the sandbox.

use crate::error::Error;
use crate::grants::Admitted;
use crate::sandbox::{Guest, Sandbox};
use crate::types;
use epicac_component::credentials::Credentials;
use std::sync::Arc;
use tokio::sync::Mutex;

const INTERFACE: &str = "epicac:credentials/provider@0.1.0";

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

impl Provider {
    pub(crate) fn new(sandbox: Sandbox, admitted: Admitted) -> Self {
        Self {
            sandbox,
            admitted: Arc::new(admitted),
            guest: Mutex::new(None),
        }
    }

    /// The current credentials.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] as a rule, with the cause. After an error of the host's own the next call
    /// begins with a new instance.
    pub async fn get_credentials(&self) -> Result<Credentials, Error> {
        let mut kept = self.guest.lock().await;
        // Taken for the time of the call: what is cancelled or fails half-way is not used again.
        let mut guest = match kept.take() {
            Some(guest) => guest,
            None => self.sandbox.instantiate(&self.admitted).await?,
        };
        let (result,) = guest
            .call::<(Result<types::Credentials, types::Error>,)>(INTERFACE, "get-credentials")
            .await?;
        let unreachable = guest.take_unreachable();
        *kept = Some(guest);
        match (result, unreachable) {
            (Ok(credentials), _) => Ok(credentials.into()),
            (
                Err(types::Error {
                    cause: types::Cause::Unreachable | types::Cause::StsUnreachable,
                    ..
                }),
                Some(unreachable),
            ) => Err(unreachable),
            (Err(error), _) => Err(Error::Credentials(error.into())),
        }
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").finish_non_exhaustive()
    }
}
