//! What the tests of epicac stand on: a stand-in for the EKS Pod Identity Agent, and a way to run the
//! built binary and to say what is expected of it.
//!
//! ```no_run
//! use epicac_tests::{Agent, Answer, Epicac};
//!
//! let agent = Agent::start()?;
//! agent.script([Answer::text(500, "not yet\n")]);
//! let outcome = Epicac::asking(&agent).token(&epicac_tests::test_token(3600)).run();
//! assert_eq!(outcome.succeeds()["Version"], 1);
//! assert_eq!(agent.requests().len(), 2);
//! # std::io::Result::Ok(())
//! ```
//!
//! The agent is written on plain sockets and threads instead of an HTTP library, because what is wanted
//! of it are faults in single bytes: a body that ends early, a head that drips, a connection that is
//! reset. It is for tests and demonstrations only: it verifies no signature and its credentials are AWS's
//! published examples.
#![forbid(unsafe_code)]

pub mod agent;
pub mod application;
pub mod aws;
pub mod credentials;
mod epicac;
pub mod matrix;
pub mod namespace;
mod outcome;
pub mod paths;
mod pod;
mod proxy;
pub mod require;
pub mod root;
mod rows;
mod serving;
mod stalled_listener;
pub mod sts;
mod tls;
mod token;

pub use agent::{Agent, Answer, Framing, Request};
pub use application::Application;
pub use epicac::Epicac;
pub use namespace::Namespace;
pub use outcome::Outcome;
pub use pod::Pod;
pub use proxy::Proxy;
pub use require::require;
pub use rows::rows;
pub use serving::{Reply, Serving};
pub use stalled_listener::StalledListener;
pub use sts::Sts;
pub use tls::{Authority, TlsServer};
pub use token::{AUDIENCE, claim_rejection, test_token, test_token_with};
