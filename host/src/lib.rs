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
//!
//! The rooms, each of which imports only those below it (tests/rooms.rs):
//!
//! | room | what is in it |
//! |---|---|
//! | main.rs, allocator.rs, `cli` | the program: one file a verb, the arguments, running the credential process |
//! | `sentences` | every text for people |
//! | [`policy`] | the document: what a run needs, held against what a file grants |
//! | `sandbox`, [`wall`] | the guest's world: engine, linker, the gate of requests; and the second wall |
//! | `grants` | what this process hands in: variables, token file, roles |
//! | `error` | why a run gave no credentials |
//! | `route` | the way to a server: connect, resolve, proxy, trust |
//! | `limits`, `denial`, `file` | every number; what a rule refused; a regular file, read once |

mod denial;
mod error;
#[doc(hidden)]
pub mod file;
mod grants;
mod limits;
pub mod policy;
mod route;
mod sandbox;
mod sentences;
pub mod wall;

pub use denial::Denial;
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
