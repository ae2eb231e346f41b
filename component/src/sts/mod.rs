//! Assumes roles by AWS STS, each with the credentials of the one before. Without `--role-arn` this module is not used.
//!
//! | step | module |
//! |---|---|
//! | arguments and nine variables | [`arguments`], [`environment`] |
//! | which roles, and which STS, and whether that can succeed | [`role`], [`partition`], [`service`], [`chain`], [`error`] |
//! | the request, for each role | [`request`], [`sigv4`] |
//! | what came back | [`response`], [`xml`] |

pub mod arguments;
pub mod chain;
pub mod environment;
pub mod error;
pub mod partition;
pub mod request;
pub mod response;
pub mod role;
pub mod service;
pub mod sigv4;
pub mod xml;
