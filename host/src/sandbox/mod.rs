//! The guest's world: engine, linker, and the gate that each request passes.

#[cfg(feature = "aws")]
mod aws;
mod bindings;
mod complaint;
mod embedded;
mod engine;
mod exchange;
mod guest;
mod head_limit;
mod limiter;
mod linker;
mod outgoing;
mod provider;
mod request;
mod state;

pub use embedded::{WASM, WASM_SHA256};
pub use guest::Sandbox;
pub use provider::Provider;
