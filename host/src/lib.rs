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

mod denial;
mod error;
#[doc(hidden)]
pub mod file;
mod grants;
mod limits;
pub mod policy;
mod route;
mod sandbox;
pub mod wall;

pub use denial::Denial;
pub use epicac_component::Cause;
pub use epicac_component::credentials::Credentials;
pub use epicac_component::endpoint::Endpoint;
pub use error::{CredentialsError, Error};
pub use file::FileFlaw;
pub use grants::{Admitted, Grants, Roles, TokenFile};
pub use limits::{Limit, Limits};
pub use policy::{Policy, PolicyError};
pub use route::{BundleError, Proxy, ProxyError, RouteError};
pub use sandbox::{Provider, Sandbox, WASM, WASM_SHA256};
pub use wall::Wall;
