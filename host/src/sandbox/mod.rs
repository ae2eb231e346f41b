//! The sandbox of the guest: engine, linker, and the gate that allows or denies each request.
//!
//! | step | where |
//! |---|---|
//! | the component, compiled ahead of time, and the engine for it | `embedded`, `engine` |
//! | the functions that it can call | `linker`, `bindings` |
//! | a run: its state, its limits, and its result | `guest`, `state`, `limiter`, `complaint` |
//! | whether a request may be sent | `request` |
//! | sending it | `outgoing`, `exchange` |
//! | credentials for a program | `provider`, `aws` |

#[cfg(feature = "aws")]
mod aws;
mod bindings;
mod complaint;
mod embedded;
mod engine;
mod exchange;
mod guest;
mod limiter;
mod linker;
mod outgoing;
mod provider;
pub(crate) mod request;
mod state;

pub use embedded::{WASM, WASM_SHA256};
pub use guest::Sandbox;
pub use provider::Provider;
