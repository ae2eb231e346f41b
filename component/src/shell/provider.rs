//! Getting credentials, step by step.

use core::cell::Cell;

use super::{bindings::wasi::cli::environment::get_environment, clock, http, token_file};
use crate::attempts::Attempts;
use crate::cache::Cache;
use crate::{Credentials, Endpoint, Environment, Error, Token, TokenSource};

/// The credentials of this workload: from memory, or else from the endpoint.
pub fn get_credentials() -> Result<Credentials, Error> {
    let mut cache = CACHE.0.take();
    let credentials = match cache.fresh(clock::wall_seconds()) {
        Some(credentials) => Ok(credentials),
        None => {
            let refreshed = refresh();
            cache.settle(refreshed, clock::wall_seconds())
        }
    };
    CACHE.0.set(cache);
    credentials
}

fn refresh() -> Result<Credentials, Error> {
    let mut attempts = Attempts::start(clock::now());
    let environment = Environment::from_variables(get_environment());
    let endpoint = Endpoint::from_environment(&environment)?;
    let source = TokenSource::from_environment(&environment);
    loop {
        let attempt = attempts.begin(clock::now());
        let error = match token(&source)
            .and_then(|token| {
                http::get(&endpoint, token.as_ref(), &attempt)
                    .map_err(|fault| fault.at(&endpoint, token.as_ref()))?
                    .credentials(&endpoint, token.as_ref())
            })
            .and_then(|credentials| credentials.valid_at(clock::wall_seconds()))
        {
            Ok(credentials) => return Ok(credentials),
            Err(error) => error,
        };
        match attempts.retry_at(&error, clock::now()) {
            Some(moment) => clock::sleep_until(moment),
            None => return Err(error),
        }
    }
}

fn token(source: &TokenSource) -> Result<Option<Token>, Error> {
    match source {
        TokenSource::File(path) => Token::from_file(path, token_file::read(path)).map(Some),
        TokenSource::Variable(value) => Token::from_variable(value).map(Some),
        TokenSource::Absent => Ok(None),
    }
}

/// The instance's memory.
static CACHE: InstanceCell = InstanceCell(Cell::new(Cache::new()));

struct InstanceCell(Cell<Cache>);

// SAFETY: an instance of this component has one thread; the world gives no means to start another.
#[allow(unsafe_code)]
unsafe impl Sync for InstanceCell {}
