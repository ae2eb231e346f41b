//! One profile and its credentials. Its provider keeps them. Here, a refresh is a task, whose outcome callers wait for.

use super::answer::Refusal;
use super::error::CallerError;
use super::lines::Lines;
use epicac::{Cause, Credentials, Error, Limit, Provider};
use http::StatusCode;
use serde::Serialize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::time::timeout_at;

/// How long the outcome of a refresh stands for new callers, so that nobody makes the agent and STS be asked more often.
const STANDS: Duration = Duration::from_millis(500);

/// How long callers wait for a refresh, from its beginning, while the old credentials are good enough. The SDK for
/// JavaScript waits for one second.
const PATIENCE: Duration = Duration::from_millis(500);

/// With fewer seconds of life left, credentials are served only if a refresh brings no others.
const ENOUGH_SECONDS: i64 = 60;

/// Credentials of one name.
pub(super) struct Profile {
    /// `None` for a single profile without a name.
    pub(super) name: Option<String>,
    provider: Provider,
    lines: Arc<Lines>,
    /// Notified when a refresh fails because a server is out of reach.
    out_of_reach: Arc<Notify>,
    refresh: Mutex<Option<Refresh>>,
}

/// A refresh, under way or ended.
#[derive(Clone)]
struct Refresh {
    began: Instant,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// How a refresh ended.
struct Outcome {
    ended: Instant,
    failure: Option<Refusal>,
}

impl Profile {
    pub(super) fn new(
        name: Option<String>,
        provider: Provider,
        lines: Arc<Lines>,
        out_of_reach: Arc<Notify>,
    ) -> Self {
        Self {
            name,
            provider,
            lines,
            out_of_reach,
            refresh: Mutex::default(),
        }
    }

    /// Whether it has credentials that have not expired.
    pub(super) fn has_valid(&self) -> bool {
        self.provider.kept(0).is_some()
    }

    /// Whether it ever had credentials.
    pub(super) fn had_credentials(&self) -> bool {
        self.provider.kept(i64::MIN).is_some()
    }

    /// The document that the endpoint answers with.
    pub(super) async fn credentials(self: &Arc<Self>) -> Result<Vec<u8>, Refusal> {
        if let Some(fresh) = self.provider.kept(Provider::REFRESH_SECONDS) {
            return Ok(document(&fresh));
        }
        let mut refresh = self.refresh();
        let patience = refresh.began + PATIENCE;
        let ended = refresh.outcome.wait_for(Option::is_some);
        let is_over = timeout_at(patience.into(), ended).await.is_ok();
        // What is left counts at the time of the answer.
        if !is_over && self.provider.kept(ENOUGH_SECONDS).is_none() {
            let _ = refresh.outcome.wait_for(Option::is_some).await;
        }
        let outcome = refresh.outcome.borrow();
        let failure = outcome.as_ref().and_then(|outcome| outcome.failure.clone());
        match self.provider.kept(0) {
            Some(valid) => Ok(document(&valid)),
            None => Err(failure.unwrap_or_else(|| CallerError::BrokenOff.into())),
        }
    }

    /// The refresh that is under way or has just ended, or else a new one. It goes on when its callers give up.
    fn refresh(self: &Arc<Self>) -> Refresh {
        let mut last = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref().filter(|last| last.stands()) {
            return last.clone();
        }
        let (sender, outcome) = watch::channel(None);
        let profile = self.clone();
        tokio::spawn(async move { sender.send_replace(Some(profile.run().await)) });
        let began = Instant::now();
        last.insert(Refresh { began, outcome }).clone()
    }

    async fn run(&self) -> Outcome {
        let refreshed = self.provider.refresh().await;
        let failure = refreshed.err().map(|error| {
            // Also if the old credentials are still valid: a trust that was revoked has to show before they expire.
            match &self.name {
                Some(name) => self.lines.tell(name, &format!("profile {name}: {error}")),
                None => self.lines.tell("", &error.to_string()),
            }
            if is_out_of_reach(&error) {
                self.out_of_reach.notify_one();
            }
            Refusal {
                status: status(&error),
                line: error.to_string(),
            }
        });
        Outcome {
            ended: Instant::now(),
            failure,
        }
    }
}

impl Refresh {
    /// Whether it is under way, or ended a moment ago.
    fn stands(&self) -> bool {
        match &*self.outcome.borrow() {
            Some(outcome) => outcome.ended.elapsed() < STANDS,
            None => self.outcome.has_changed().is_ok(),
        }
    }
}

/// `behaviour.md` §7.
fn document(credentials: &Credentials) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Document<'a> {
        access_key_id: &'a str,
        secret_access_key: &'a str,
        token: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        account_id: Option<&'a str>,
        expiration: String,
    }
    let document = Document {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        token: credentials.session_token.expose(),
        account_id: credentials.account_id.as_deref(),
        expiration: credentials.expiration.to_string(),
    };
    // Nothing in it can fail to be written.
    serde_json::to_vec(&document).unwrap_or_default()
}

/// The upstream's own status where it answered with an error, so that SDKs try again for what passes, and fail at
/// once for what stays.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::Credentials(error) => match (error.status, error.cause) {
            (Some(status), _) => StatusCode::from_u16(status)
                .ok()
                .filter(|status| status.is_client_error() || status.is_server_error())
                .unwrap_or(StatusCode::BAD_GATEWAY),
            (None, Cause::Unreachable | Cause::StsUnreachable) => StatusCode::BAD_GATEWAY,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
        Error::Endpoint(_) | Error::Sts(_) => StatusCode::BAD_GATEWAY,
        Error::Limit(Limit::Deadline) => StatusCode::GATEWAY_TIMEOUT,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Whether a server did not answer whose name was resolved before the wall stood.
fn is_out_of_reach(error: &Error) -> bool {
    match error {
        Error::Credentials(error) => error.cause == Cause::StsUnreachable,
        Error::Endpoint(_) | Error::Sts(_) => true,
        _ => false,
    }
}
