//! Decides everything about the roles that can be decided before the first request.

use alloc::vec::Vec;

use crate::sts::arguments::Arguments;
use crate::sts::environment::StsEnvironment;
use crate::sts::error::ConfigurationError;
use crate::sts::role::{Role, RoleRequest};
use crate::sts::service::{Service, Sts};

/// The roles, each assumed with the credentials of the one before, and the STS that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The STS.
    pub sts: Sts,
    /// The roles, in their order.
    pub roles: Vec<Role>,
}

impl Chain {
    /// The chain that the command line asks for in this environment.
    ///
    /// Fails when one of the roles cannot be assumed, or no STS that may be asked is configured.
    pub fn plan(
        arguments: Arguments,
        environment: &StsEnvironment,
    ) -> Result<Self, ConfigurationError> {
        let service = environment.service(&arguments);
        Self::of(arguments.roles, &environment.session_name, &service)
    }

    /// The chain of these roles at this STS. `session_name` names the sessions that have no name.
    ///
    /// Fails as [`Chain::plan`].
    pub fn of(
        requests: Vec<RoleRequest>,
        session_name: &str,
        service: &Service,
    ) -> Result<Self, ConfigurationError> {
        let sts = Sts::of(service)?;
        let mut roles = Vec::new();
        for request in requests {
            let name = request.arn.clone();
            // Outside of AWS, the first credentials can be those of a user.
            let chained = !roles.is_empty();
            let checked = Role::check(request, session_name, chained)
                .and_then(|role| sts.check(&role).map(|()| role));
            match checked {
                Ok(role) => roles.push(role),
                Err(error) => return Err(ConfigurationError::Role { name, error }),
            }
        }
        Ok(Self { sts, roles })
    }
}
