//! Why a role cannot be assumed as the command line asks for it.

use alloc::string::String;

use crate::sts::arguments::ArgumentError;
use crate::sts::role::RoleError;
use crate::sts::service::ServiceError;

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

impl From<ArgumentError> for ConfigurationError {
    fn from(error: ArgumentError) -> Self {
        Self::Arguments(error)
    }
}

impl From<ServiceError> for ConfigurationError {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}
