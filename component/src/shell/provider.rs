//! Gets credentials, step by step.

use super::assume_role::assume_roles;
use super::bindings::wasi::cli::environment::get_environment;
use super::retry::retry;
use super::{clock, file, http};
use crate::attempts::Attempts;
use crate::request;
use crate::response::{self, Asked};
use crate::sts::error::ConfigurationError;
use crate::{
    Arguments, Chain, Credentials, Endpoint, Environment, Error, StsEnvironment, Token,
    TokenSource, TokenSourceError,
};

/// The credentials of this workload: from the endpoint, and then from STS if the arguments name roles.
pub fn get_credentials(
    arguments: fn() -> Result<Arguments, ConfigurationError>,
) -> Result<Credentials, Error> {
    let mut attempts = Attempts::start(clock::now());
    let arguments = arguments()?;
    if arguments.roles.is_empty() {
        return container(&mut attempts);
    }
    // Before any request: nobody is asked when it is known to be in vain.
    let environment = StsEnvironment::from_variables(get_environment())?;
    let chain = Chain::plan(arguments, &environment)?;
    let credentials = container(&mut attempts)?;
    assume_roles(&chain, credentials, &mut attempts)
}

/// The credentials that the container credentials endpoint serves.
fn container(attempts: &mut Attempts) -> Result<Credentials, Error> {
    let environment = Environment::from_variables(get_environment());
    let endpoint = Endpoint::from_environment(&environment)?;
    let source = TokenSource::from_environment(&environment);
    retry(attempts, &|attempt| {
        let token = token(&source)?;
        let asked = Asked {
            endpoint: &endpoint,
            token: token.as_ref(),
        };
        match http::send(&endpoint, &request::headers(asked.token), None, attempt) {
            Ok(response) => Ok(response::credentials(response, asked)?),
            Err(error) => Err(response::failed(error, asked).into()),
        }
    })
}

fn token(source: &TokenSource) -> Result<Option<Token>, TokenSourceError> {
    match source {
        TokenSource::File(path) => {
            let token = file::read(path).and_then(Token::from_file);
            token.map(Some).map_err(|error| TokenSourceError::File {
                path: path.clone(),
                error,
            })
        }
        TokenSource::Variable(value) => {
            let token = Token::from_variable(value);
            token.map(Some).map_err(TokenSourceError::Variable)
        }
        TokenSource::Absent => Ok(None),
    }
}
