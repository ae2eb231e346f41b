//! AWS container credentials from a sandboxed WebAssembly component.
//!
//! The component `epicac.wasm` reads the container credentials endpoint of EKS Pod Identity or ECS. This
//! crate runs it inside Wasmtime, compiled ahead of time, and grants it exactly what that needs: the four
//! `AWS_CONTAINER_*` variables, the file with the authorization token, and a GET request to the endpoint
//! that the variables name.
//!
//! ```no_run
//! use epicac::{Grants, Sandbox};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> Result<(), epicac::Error> {
//!     let provider = Sandbox::new()?.provider(Grants::from_process()?);
//!     let credentials = provider.get_credentials().await?;
//!     println!("{} until {}", credentials.access_key_id, credentials.expiration);
//!     Ok(())
//! }
//! ```
//!
//! Where these credentials are to assume a role, or several, [`Roles`] names them: the component then also gets
//! the variables that the AWS SDKs configure STS by, and may send AWS STS the requests that assume these
//! roles.
//!
//! With the feature `aws`, [`Provider`] is a credentials provider of the AWS SDK for Rust.

mod bindings;
mod complaint;
mod denial;
mod embedded;
mod engine;
mod error;
mod grants;
mod head_limit;
mod limits;
mod linker;
mod outgoing;
pub mod policy;
mod provider;
#[doc(hidden)]
pub mod regular_file;
mod roles;
mod route;
mod sandbox;
mod state;
mod token_file;
pub mod wall;

#[cfg(feature = "aws")]
mod aws;

pub use denial::Denial;
pub use embedded::{WASM, WASM_SHA256};
pub use epicac_component::Cause;
pub use epicac_component::credentials::Credentials;
pub use epicac_component::endpoint::Endpoint;
pub use error::{CredentialsError, Error};
pub use grants::{Admitted, Grants};
pub use limits::{Limit, Limits};
pub use policy::{Policy, PolicyError};
pub use provider::Provider;
pub use regular_file::FileFlaw;
pub use roles::Roles;
pub use route::{BundleError, Proxy, ProxyError, RouteError};
pub use sandbox::Sandbox;
pub use token_file::TokenFile;
pub use wall::Wall;
