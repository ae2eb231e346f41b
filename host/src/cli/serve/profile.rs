//! One profile and its credentials. They are kept until they have to be refreshed. One caller at a time refreshes them.

use super::answer::Refusal;
use crate::cli::run::{complain, now};
use crate::cli::sentences::CallerError;
use bytes::Bytes;
use epicac::{Cause, Credentials, Error, Limit, Provider};
use epicac_component::limits::REFRESH_SECONDS;
use http::StatusCode;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex as Turn, Notify};
use tokio::time::timeout;

/// How long the outcome of a refresh stands for new callers, so that nobody makes the agent and STS be asked more often.
/// Callers that waited for it share it anyway.
const STANDS: Duration = Duration::from_millis(500);

/// How long a caller waits for new credentials while the old ones are still valid. The SDK for JavaScript waits for one
/// second.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far two lines on stderr are apart at least.
const BETWEEN_LINES: Duration = Duration::from_secs(1);

/// Credentials of one name.
pub(super) struct Profile {
    /// None for the only one, which is not named.
    pub(super) name: Option<String>,
    provider: Provider,
    /// Told when STS was reached once, and is not any more.
    lost: Arc<Notify>,
    /// Held by the one refresh that is under way.
    turn: Arc<Turn<()>>,
    known: Mutex<Known>,
}

/// What became of the refreshes so far.
#[derive(Default)]
struct Known {
    kept: Option<Kept>,
    /// Why the last one failed.
    failure: Option<Refusal>,
    refreshed: Option<Instant>,
    told: Option<Instant>,
}

#[derive(Clone)]
struct Kept {
    body: Bytes,
    expiration: i64,
}

type Answer = Result<Bytes, Refusal>;

impl Profile {
    pub(super) fn new(name: Option<String>, provider: Provider, lost: Arc<Notify>) -> Self {
        Self {
            name,
            provider,
            lost,
            turn: Arc::default(),
            known: Mutex::default(),
        }
    }

    /// The document that the endpoint answers with.
    pub(super) async fn credentials(self: &Arc<Self>) -> Answer {
        let asked = Instant::now();
        let turn = match self.turn.clone().try_lock_owned() {
            Ok(turn) => turn,
            Err(_) => {
                // Somebody refreshes them already.
                if let Some(body) = self.lock().valid(0) {
                    return Ok(body);
                }
                self.turn.clone().lock_owned().await
            }
        };
        if let Some(answer) = self.lock().answer(asked) {
            return answer;
        }
        // A task of its own: it goes on when this caller gives up, and the next one finds what it brought.
        let profile = self.clone();
        let mut refresh = tokio::spawn(async move {
            let answer = profile.refresh().await;
            drop(turn);
            answer
        });
        let refreshed = timeout(PATIENCE, &mut refresh).await;
        let valid = self.lock().valid(0);
        let answer = match (refreshed, valid) {
            (Ok(answer), _) => answer,
            (Err(_), Some(body)) => return Ok(body),
            (Err(_), None) => refresh.await,
        };
        answer.unwrap_or_else(|_| Err(CallerError::BrokenOff.into()))
    }

    async fn refresh(&self) -> Answer {
        let refreshed = self.provider.get_credentials().await;
        let mut known = self.lock();
        let now = Instant::now();
        known.refreshed = Some(now);
        match refreshed {
            Ok(credentials) => {
                let body = document(&credentials);
                known.failure = None;
                known.kept = Some(Kept {
                    body: body.clone(),
                    expiration: credentials.expiration.unix(),
                });
                Ok(body)
            }
            Err(error) => {
                let is_quiet = |told: Instant| now.duration_since(told) < BETWEEN_LINES;
                if !known.told.is_some_and(is_quiet) {
                    known.told = Some(now);
                    self.tell(&error);
                }
                if is_out_of_reach(&error) && known.kept.is_some() && known.valid(0).is_none() {
                    self.lost.notify_one();
                }
                let refusal = Refusal {
                    status: status(&error),
                    line: error.to_string(),
                };
                known.failure = Some(refusal.clone());
                known.valid(0).ok_or(refusal)
            }
        }
    }

    fn tell(&self, error: &Error) {
        match &self.name {
            Some(name) => complain(&format_args!("profile {name}: {error}")),
            None => complain(error),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The answer that needs no refresh, for who asked at that time.
    fn answer(&self, asked: Instant) -> Option<Answer> {
        if let Some(body) = self.valid(REFRESH_SECONDS) {
            return Some(Ok(body));
        }
        self.refreshed.filter(|at| asked < *at + STANDS)?;
        match self.valid(0) {
            Some(body) => Some(Ok(body)),
            None => self.failure.clone().map(Err),
        }
    }

    /// The kept document, if more than `seconds` are left.
    fn valid(&self, seconds: i64) -> Option<Bytes> {
        let kept = self.kept.as_ref();
        let kept = kept.filter(|kept| kept.expiration.saturating_sub(now()) > seconds);
        kept.map(|kept| kept.body.clone())
    }
}

/// `behaviour.md` §7.
fn document(credentials: &Credentials) -> Bytes {
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
    serde_json::to_vec(&document).unwrap_or_default().into()
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
