//! How the agent answers: behaviour.md §7.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::{Answer, Request};
use crate::{claim_rejection, credentials};

/// The path of the agent's credentials.
pub const PATH: &str = "/v1/credentials";

/// What the agent accepts, and what it gives.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The hosts that a `Host` header may name, without port and brackets, compared as text. The
    /// address that the agent listens on is added by itself.
    pub hosts: Vec<String>,
    /// The `AccountId` of the credentials.
    pub account_id: String,
    /// The seconds until the credentials expire; negative when they have already.
    pub expires_in: i64,
    /// How many requests a second are answered in the long run.
    pub requests_per_second: u32,
    /// How many requests are answered at once; half of those of a second when it is not said.
    pub burst: Option<u32>,
}

impl Default for Rules {
    /// Accepts the two addresses of the agent, and gives credentials for six hours, as EKS does, to a
    /// thousand requests a second.
    fn default() -> Rules {
        Rules {
            hosts: ["169.254.170.23", "fd00:ec2::23"]
                .map(str::to_owned)
                .to_vec(),
            account_id: credentials::ACCOUNT_ID.to_owned(),
            expires_in: 6 * 60 * 60,
            requests_per_second: 1000,
            burst: None,
        }
    }
}

impl Rules {
    /// What this request gets, at this rate of requests.
    pub(super) fn answer(&self, request: &Request, rate: &Mutex<Rate>) -> Answer {
        if request.path() != PATH {
            return error(404, "404 page not found");
        }
        if !rate
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .allows(Instant::now())
        {
            return error(429, "Too Many Requests");
        }
        let host = without_port(request.header("Host").unwrap_or_default());
        if !self.hosts.iter().any(|accepted| accepted == host) {
            let hosts = self.hosts.join(" ");
            return error(
                403,
                &format!(
                    "Access Denied. Called agent through invalid address, please use either [{hosts}] \
                     address not {host}"
                ),
            );
        }
        match claim_rejection(request.header("Authorization").unwrap_or_default()) {
            Some(why) => error(400, &why),
            None => self.credentials(),
        }
    }

    fn credentials(&self) -> Answer {
        let mut document = credentials::expiring_in(self.expires_in);
        if let Some(document) = document.as_object_mut() {
            document.insert("AccountId".to_owned(), self.account_id.as_str().into());
        }
        Answer::json(&document)
    }
}

/// What the agent answers when EKS refuses: its status, with the request id, the code and the message.
pub fn upstream_error(status: u16, code: &str, message: &str) -> Answer {
    let id = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
    error(
        status,
        &format!("[{id}]: ({code}): {message}, fault: client"),
    )
}

/// An error as Go's `http.Error` writes it.
fn error(status: u16, text: &str) -> Answer {
    Answer::text(status, &format!("{text}\n")).header("X-Content-Type-Options", "nosniff")
}

/// The host of a `Host` header, as Go's `net.SplitHostPort` and the agent take it apart.
fn without_port(host: &str) -> &str {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split_once(']').map_or(host, |(address, _)| address);
    }
    match host.split_once(':') {
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    }
}

/// How many requests there may be by now: a token bucket.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: f64,
    burst: f64,
    left: f64,
    at: Instant,
}

impl Rate {
    pub(super) fn new(rules: &Rules) -> Rate {
        let per_second = f64::from(rules.requests_per_second);
        let burst = rules.burst.map_or(per_second / 2.0, f64::from);
        Rate {
            per_second,
            burst,
            left: burst,
            at: Instant::now(),
        }
    }

    fn allows(&mut self, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * self.per_second).min(self.burst);
        self.at = now;
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }
}
