//! Assumes roles by AWS STS, each with the credentials of the one before. Without `--role-arn` this module is not used.
//!
//! | step | module |
//! |---|---|
//! | arguments and nine variables | [`arguments`], [`environment`] |
//! | which roles, and which STS, and whether that can succeed | [`chain`], [`role`], [`service`], [`partition`] |
//! | the request, for each role | [`request`], [`sigv4`] |
//! | what came back | [`response`], [`xml`] |
//! | the texts for people | [`sentences`] |

use alloc::string::String;

use crate::error::Error;
use arguments::ArgumentError;
use role::RoleError;
use service::ServiceError;

pub mod arguments;
pub mod chain;
pub mod environment;
pub mod partition;
pub mod request;
pub mod response;
pub mod role;
pub mod sentences;
pub mod service;
pub mod sigv4;
pub mod xml;

/// Why no role can be assumed as it is asked for. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigurationError {
    /// The arguments cannot be understood.
    Arguments(ArgumentError),
    /// STS would refuse the role, which is named by its ARN, or cannot be sent its session policy, which is
    /// named by the path of its file.
    Role {
        /// The ARN, or the path.
        name: String,
        /// Why.
        error: RoleError,
    },
    /// It cannot be told which STS to ask.
    Service(ServiceError),
}

impl From<ArgumentError> for Error {
    fn from(error: ArgumentError) -> Self {
        Self::InvalidRole(ConfigurationError::Arguments(error))
    }
}

impl From<ServiceError> for Error {
    fn from(error: ServiceError) -> Self {
        Self::InvalidRole(ConfigurationError::Service(error))
    }
}
