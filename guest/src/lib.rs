//! Credentials of `epicac.wasm` for the AWS SDK for Rust, when both are parts of one WASI component.
//!
//! [`Epicac`] is a credentials provider of the SDK that calls the import
//! `epicac:credentials/provider`. The composition decides which component answers:
//!
//! ```sh
//! wac plug my_component.wasm --plug epicac.wasm -o composed.wasm
//! ```
//!
//! ```ignore
//! let config = aws_config::defaults(BehaviorVersion::latest())
//!     .credentials_provider(epicac_guest::Epicac)
//!     .http_client(WasiHttpClientBuilder::new().build())
//!     .sleep_impl(SharedAsyncSleep::new(WasiSleep))
//!     .load()
//!     .await;
//! ```
//!
//! The component never sees the token, the endpoint or the network of `epicac.wasm`. The two share only this one
//! function.
#![deny(missing_docs)]

mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        path: "../wit",
        inline: "
            package epicac:guest;
            world guest {
                import epicac:credentials/provider@0.1.0;
            }
        ",
        world: "epicac:guest/guest",
        generate_all,
    });
}

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};

pub use bindings::epicac::credentials::types::{Cause, Error};
use bindings::epicac::credentials::{provider as import, types};

/// What the SDK shows as the source of the credentials.
const NAME: &str = "epicac";

/// The provider of whoever answers the import `epicac:credentials/provider`.
///
/// It keeps nothing, and neither does the component behind the import: the SDK keeps the credentials. A call blocks the
/// component that makes it, for at most 25 seconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Epicac;

impl ProvideCredentials for Epicac {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(get_credentials())
    }
}

fn get_credentials() -> provider::Result {
    import::get_credentials()
        .map_err(failure)
        .and_then(credentials)
}

fn credentials(credentials: types::Credentials) -> provider::Result {
    let expires = UNIX_EPOCH.checked_add(Duration::from_secs(credentials.expiration.seconds));
    let expires = expires.ok_or_else(|| {
        CredentialsError::provider_error("the credentials expire later than this system can tell")
    })?;
    let mut builder = Credentials::builder()
        .access_key_id(credentials.access_key_id)
        .secret_access_key(credentials.secret_access_key)
        .session_token(credentials.session_token)
        .expiry(expires)
        .provider_name(NAME);
    builder.set_account_id(credentials.account_id.map(Into::into));
    Ok(builder.build())
}

/// The SDK's kind of an error: whether to try another provider, to correct the set-up, or to try again.
fn failure(error: Error) -> CredentialsError {
    match error.cause {
        Cause::NoEndpoint => CredentialsError::not_loaded(error),
        Cause::InvalidEndpoint | Cause::InvalidToken => {
            CredentialsError::invalid_configuration(error)
        }
        _ => CredentialsError::provider_error(error),
    }
}
