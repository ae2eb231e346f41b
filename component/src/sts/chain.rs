//! Everything that is decided about the roles before the first request.

use alloc::vec::Vec;

use crate::error::Error;
use crate::sts::arguments::Arguments;
use crate::sts::environment::StsEnvironment;
use crate::sts::role::Role;
use crate::sts::service::Sts;

/// The roles that are assumed, one with the credentials of the other, and the STS that is asked for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The STS.
    pub sts: Sts,
    /// The roles, in order.
    pub roles: Vec<Role>,
}

impl Chain {
    /// What arguments and environment ask for. Session policies that are files must have been replaced
    /// by their content.
    ///
    /// Fails with [`Error::InvalidRole`].
    pub fn plan(arguments: Arguments, environment: &StsEnvironment) -> Result<Self, Error> {
        let sts = Sts::of(&environment.service(&arguments))?;
        let mut roles = Vec::new();
        for request in arguments.roles {
            // Outside of AWS, the first credentials can be those of a user.
            let chained = !roles.is_empty();
            let role = Role::check(request, &environment.session_name, chained)?;
            sts.check(&role)?;
            roles.push(role);
        }
        Ok(Self { sts, roles })
    }
}
