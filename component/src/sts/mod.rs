//! Assumes roles by AWS STS, each with the credentials of the one before. Without `--role-arn` this module is not used.
//!
//! | step | module |
//! |---|---|
//! | arguments and nine variables | [`arguments`], [`environment`] |
//! | the roles, the STS, and whether the request can succeed | [`role`], [`partition`], [`service`], [`chain`], [`error`] |
//! | the request, for each role | [`request`], [`sigv4`] |
//! | the response | [`response`], [`xml`] |

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
