//! AWS container credentials from a sandboxed WebAssembly component.
//!
//! The component `epicac.wasm` reads the container credentials endpoint of EKS Pod Identity or ECS. This
//! crate runs it inside Wasmtime, compiled ahead of time, and grants it only these: the four
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
//! [`Roles`] names the roles to assume with these credentials. With roles, the component may also read the
//! variables that configure STS in the AWS SDKs, and may send AWS STS the requests that assume these roles.
//!
//! With the feature `aws`, [`Provider`] is a credentials provider of the AWS SDK for Rust.
//!
//! These are the rooms. A room imports only the rooms below it, which tests/rooms.rs checks:
//!
//! | room | what is in it |
//! |---|---|
//! | main.rs, `cli` | the program: one file for each verb, the arguments, the credential process |
//! | [`policy`] | the document: what a run needs, compared with what a file grants |
//! | `sandbox`, [`wall`] | the sandbox of the guest, with the gate that allows or denies each request; and the second wall |
//! | `grants` | what this process grants: variables, token file, roles |
//! | `error` | why a run gives no credentials: the errors of the rooms below, and what to do |
//! | `route` | the way to a server: connect, resolve, proxy, trust |
//! | `denial`, `limits`, `file`, allocator.rs | what the sandbox denies, the numbers, opening a regular file, the program's allocator |

mod denial;
mod error;
#[doc(hidden)]
pub mod file;
mod grants;
mod limits;
#[cfg(test)]
#[path = "../tests/models/mod.rs"]
mod models;
pub mod policy;
mod route;
mod sandbox;
pub mod wall;

pub use denial::DeniedError;
pub use epicac_component::Cause;
pub use epicac_component::credentials::Credentials;
pub use epicac_component::endpoint::Endpoint;
pub use error::{CredentialsError, Error};
pub use file::FileError;
pub use grants::{Admitted, Grants, Roles, TokenFile};
pub use limits::{Limit, Limits};
pub use policy::{Policy, PolicyError};
pub use route::{BundleError, Proxy, ProxyError, RouteError};
pub use sandbox::{Provider, Sandbox, WASM, WASM_SHA256};
pub use wall::Wall;
