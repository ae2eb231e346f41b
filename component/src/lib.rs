//! The component `epicac.wasm` turns container credentials into the output of a credential process. If the command line
//! names roles, the component also assumes them.
//!
//! A pure core decides everything and does no I/O. It compiles for any target and is tested natively. Around it, on
//! wasm only, `shell` makes the WASI calls and decides nothing. `wit/` is the contract: it lists all that the component
//! can call.
//!
//! It keeps nothing between calls: no `static` of it changes.
//!
//! Data flows one way, through the modules in this order:
//!
//! | step | module |
//! |---|---|
//! | four variables | [`environment`] |
//! | the endpoint, and whether it may be asked | [`endpoint`] |
//! | the authorization token | [`token`], [`preopen`] |
//! | the request, its attempts, and why one failed | [`request`], [`attempts`], [`transport`] |
//! | the response | [`response`], [`document`], [`timestamp`] |
//! | the credentials | [`credentials`] |
//! | the output | [`process`] |
//!
//! With `--role-arn`, [`sts`] then assumes roles.
//!
//! An error has its text and its remedy at its type, in the module in which it arises. [`message`] joins them to what people
//! are told, and [`sentences`] decides the remedies that depend on an answer. [`error`] is the sum of all errors.
//! [`secret`] and [`printable`] keep secrets and control characters out of messages, and [`limits`] has all numbers.
//!
//! ```
//! use epicac_component::{Endpoint, Environment, process, response};
//!
//! let environment = Environment::from_variables([(
//!     "AWS_CONTAINER_CREDENTIALS_FULL_URI",
//!     "http://169.254.170.23/v1/credentials".to_string(),
//! )]);
//! let endpoint = Endpoint::from_environment(&environment)?;
//! assert_eq!(endpoint.authority(), "169.254.170.23");
//!
//! let body = br#"{"AccessKeyId": "ASIA", "SecretAccessKey": "s", "Token": "t",
//!                 "Expiration": "2026-03-01T12:34:56.789Z"}"#;
//! let credentials = response::from_container(body)?;
//! assert_eq!(
//!     process::output(&credentials)?,
//!     r#"{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"s","SessionToken":"t","#.to_owned()
//!         + r#""Expiration":"2026-03-01T12:34:56Z"}"#,
//! );
//! # Ok::<(), epicac_component::Error>(())
//! ```

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod attempts;
pub mod credentials;
pub mod document;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod limits;
pub mod message;
pub mod preopen;
pub mod printable;
pub mod process;
pub mod request;
pub mod response;
pub mod secret;
pub mod sentences;
pub mod sts;
pub mod timestamp;
pub mod token;
pub mod transport;

#[cfg(target_arch = "wasm32")]
mod shell;

pub use credentials::Credentials;
pub use endpoint::{Endpoint, Host, Scheme};
pub use environment::Environment;
pub use error::{Cause, Error};
pub use message::Message;
pub use secret::Secret;
pub use sts::arguments::Arguments;
pub use sts::chain::Chain;
pub use sts::environment::StsEnvironment;
pub use sts::role::{Role, RoleRequest};
pub use sts::service::{Service, Sts};
pub use timestamp::Timestamp;
pub use token::{Token, TokenSource, TokenSourceError};
