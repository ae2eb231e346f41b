//! Grants that a policy has admitted. The sandbox takes no others.

use super::granted::Grants;
use super::roles::{Roles, is_sts_built_in};
use crate::error::{Denial, Error};
use crate::limits::Limits;
use crate::route::name;
use epicac_component::endpoint::{Endpoint, Scheme};
use std::time::Instant;

/// Grants, and how much a run with them may use, as a policy admits them.
///
/// | made by | an https endpoint, an STS that is neither AWS's own nor on this machine | limits |
/// |---|---|---|
/// | [`From<Grants>`](Self::from): the built-in policy | denied when it is asked | [`Limits::BUILT_IN`] |
/// | [`Policy::admit`](crate::Policy::admit) | granted, as that policy names it | those of that policy |
#[derive(Clone, Debug)]
pub struct Admitted {
    grants: Grants,
    limits: Limits,
    is_by_policy: bool,
}

impl Admitted {
    /// Grants that a policy file admits. The caller has compared them with it.
    pub(crate) fn by_policy(grants: Grants, limits: Limits) -> Self {
        Self {
            grants,
            limits,
            is_by_policy: true,
        }
    }

    /// The same under other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// What is granted.
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// How much a run may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The endpoint that may be asked.
    ///
    /// # Errors
    ///
    /// [`Denial::NoEndpoint`] where the environment names none, and [`Denial::Https`].
    pub fn endpoint(&self) -> Result<&Endpoint, Denial> {
        let endpoint = self.grants.endpoint().ok_or(Denial::NoEndpoint)?;
        if endpoint.scheme() == Scheme::Https && !self.is_by_policy {
            return Err(Denial::Https);
        }
        Ok(endpoint)
    }

    /// The roles that may be assumed, if there are any.
    ///
    /// # Errors
    ///
    /// [`Denial::StsEndpoint`], [`Denial::EndpointForAll`].
    pub fn roles(&self) -> Option<Result<&Roles, Denial>> {
        let roles = self.grants.roles()?;
        if !is_sts_built_in(roles.endpoint()) && !self.is_by_policy {
            return Some(Err(roles.denial()));
        }
        Some(Ok(roles))
    }

    /// Prepares for the second wall, behind which files and names are out of reach. It reads the certificates of
    /// `AWS_CA_BUNDLE`, and resolves the names of an https endpoint, and of STS or the proxy to it. From then on no other
    /// address is connected to. This takes six seconds at most, and no longer than the deadline of a run. Without an https
    /// endpoint and without roles there is nothing to do.
    ///
    /// A program without the [`Wall`](crate::Wall) need not call it: names are then resolved for each request.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] when the STS may not be asked; [`Error::Endpoint`] and [`Error::Sts`] when the file
    /// of `AWS_CA_BUNDLE` cannot be used or there is no address.
    pub fn prepare(&self) -> Result<(), Error> {
        let until = Instant::now() + self.limits.deadline.min(name::TIMEOUT);
        let route = self.grants.route().filter(|_| self.endpoint().is_ok());
        if let Some(route) = route {
            route.prepare(until).map_err(Error::Endpoint)?;
        }
        match self.roles() {
            None => Ok(()),
            Some(Err(denial)) => Err(Error::Denied(denial)),
            Some(Ok(roles)) => {
                let prepared = roles.route().prepare(until);
                prepared.map_err(|error| roles.unreachable(error))
            }
        }
    }
}

/// The built-in policy admits whatever the environment asks for; what only a policy file can grant is denied when
/// the component asks for it.
impl From<Grants> for Admitted {
    fn from(grants: Grants) -> Self {
        Self {
            grants,
            limits: Limits::BUILT_IN,
            is_by_policy: false,
        }
    }
}
