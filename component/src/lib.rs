//! The component `epicac.wasm`: container credentials in, the output of a credential process out; in
//! between, if the command line names any, roles are assumed.
//!
//! A pure core decides everything and does no I/O; it compiles for any target and is tested natively.
//! Around it, on wasm only, `shell` makes the WASI calls and decides nothing. `wit/` is the contract,
//! and lists all that the component can call.
//!
//! Data flows one way, through the modules in this order:
//!
//! | step | module |
//! |---|---|
//! | four variables | [`environment`] |
//! | where to ask, and whether that is allowed | [`endpoint`], [`address`] |
//! | what to show there | [`token`], [`preopen`] |
//! | the request, and how often it is made | [`request`], [`attempts`], [`transport`] |
//! | what came back | [`response`], [`document`], [`json`], [`timestamp`] |
//! | the credentials, and how long they are kept | [`credentials`], [`cache`] |
//! | the output | [`process`] |
//!
//! With a `--role-arn`, before the first request and after the container's credentials:
//!
//! | step | module |
//! |---|---|
//! | arguments and nine variables | [`arguments`], [`sts_environment`] |
//! | which roles, and which STS, and whether that can succeed | [`chain`], [`role`], [`service`], [`partition`] |
//! | the request, for each role | [`sts_request`], [`sigv4`] |
//! | what came back | [`sts_response`], [`xml`] |
//!
//! Beside them: every bound in [`limits`], every cause of failure in [`error`], every text for people in
//! [`sentences`], numbers as text in [`number`], bytes as text in [`utf8`], and what is looked for in long ones in
//! [`words`]; and what must not be shown in [`secret`] and [`printable`].
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

pub mod address;
pub mod arguments;
pub mod attempts;
pub mod cache;
pub mod chain;
pub mod credentials;
pub mod document;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod json;
pub mod limits;
pub mod number;
pub mod partition;
pub mod preopen;
pub mod printable;
pub mod process;
pub mod request;
pub mod response;
pub mod role;
pub mod secret;
pub mod sentences;
pub mod service;
pub mod sigv4;
pub mod sts_environment;
pub mod sts_request;
pub mod sts_response;
pub mod timestamp;
pub mod token;
pub mod transport;
pub mod utf8;
pub mod words;
pub mod xml;

#[cfg(target_arch = "wasm32")]
mod shell;

pub use arguments::Arguments;
pub use chain::Chain;
pub use credentials::Credentials;
pub use endpoint::{Endpoint, Host, Scheme};
pub use environment::Environment;
pub use error::{Cause, Error};
pub use role::{Role, RoleRequest};
pub use secret::Secret;
pub use service::{Service, Sts};
pub use sts_environment::StsEnvironment;
pub use timestamp::Timestamp;
pub use token::{Token, TokenSource};
