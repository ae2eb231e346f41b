//! Assuming roles, one with the credentials of the other, by AWS STS. Nothing here is used without a
//! `--role-arn`.
//!
//! | step | module |
//! |---|---|
//! | arguments and nine variables | [`arguments`], [`environment`] |
//! | which roles, and which STS, and whether that can succeed | [`chain`], [`role`], [`service`], [`partition`] |
//! | the request, for each role | [`request`], [`sigv4`] |
//! | what came back | [`response`], [`xml`] |

pub mod arguments;
pub mod chain;
pub mod environment;
pub mod partition;
pub mod request;
pub mod response;
pub mod role;
pub(crate) mod sentences;
pub mod service;
pub mod sigv4;
pub mod xml;
