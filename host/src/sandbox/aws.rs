//! [`Provider`] as a credentials provider of the AWS SDK for Rust.

use super::provider::Provider;
use crate::error::Error;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use epicac_component::Cause;
use std::time::{Duration, UNIX_EPOCH};

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            match self.get_credentials().await {
                Ok(credentials) => Ok(sdk(credentials)),
                // Without an endpoint, a chain of providers goes on to its next one.
                Err(Error::Credentials(error)) if error.cause == Cause::NoEndpoint => {
                    Err(CredentialsError::not_loaded(error))
                }
                Err(error) => Err(CredentialsError::provider_error(error)),
            }
        })
    }
}

fn sdk(credentials: epicac_component::Credentials) -> Credentials {
    let seconds = u64::try_from(credentials.expiration.unix()).unwrap_or(0);
    let mut builder = Credentials::builder()
        .access_key_id(credentials.access_key_id)
        .secret_access_key(credentials.secret_access_key.into_exposed())
        .session_token(credentials.session_token.into_exposed())
        .expiry(UNIX_EPOCH + Duration::from_secs(seconds))
        .provider_name("epicac");
    if let Some(account_id) = credentials.account_id {
        builder = builder.account_id(account_id);
    }
    builder.build()
}
