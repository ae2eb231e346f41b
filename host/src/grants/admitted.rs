//! Grants that a policy has admitted. The sandbox and the wall take no others.

use super::granted::Grants;
use super::roles::{Roles, is_sts_built_in};
use super::token_file::TokenFile;
use crate::denial::DeniedError;
use crate::error::Error;
use crate::limits::Limits;
use crate::route::connection::Route;
use crate::route::name;
use epicac_component::endpoint::Endpoint;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// Grants, and how much a run with them may use, as a policy admits them.
///
/// | made by | an https endpoint, an STS that is neither AWS's own nor on this machine | limits |
/// |---|---|---|
/// | [`From<Grants>`](Self::from): the built-in policy | denied | [`Limits::BUILT_IN`] |
/// | [`Policy::admit`](crate::Policy::admit) | granted, as that policy names it | those of that policy |
///
/// This is decided once, when the value is made. What is denied is not in it, so nobody can reach it by another way.
#[derive(Clone, Debug)]
pub struct Admitted {
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
    token_file: Option<TokenFile>,
    endpoint: Result<(Way, Endpoint), DeniedError>,
    roles: Result<Option<Arc<Roles>>, DeniedError>,
    limits: Limits,
}

/// The way to the endpoint.
#[derive(Clone, Debug)]
pub(crate) enum Way {
    /// Over http, at one of these addresses. They are tried in this order.
    Addresses(Vec<SocketAddr>),
    /// Over https.
    Route(Arc<Route>),
}

impl Admitted {
    /// Grants that a policy file admits. The caller has compared them with it.
    pub(crate) fn by_policy(grants: Grants, limits: Limits) -> Self {
        Self::decide(grants, limits, true)
    }

    fn decide(grants: Grants, limits: Limits, is_by_policy: bool) -> Self {
        let way = |endpoint: &Endpoint| match grants.route {
            Some(_) if !is_by_policy => Err(DeniedError::Https),
            Some(route) => Ok(Way::Route(route)),
            // The host of an http endpoint is an address or `localhost`.
            None => name::literal(endpoint.host(), endpoint.port_or_default())
                .map(Way::Addresses)
                .ok_or(DeniedError::Authority),
        };
        let endpoint = grants.endpoint.map_err(|_| DeniedError::NoEndpoint);
        let endpoint = endpoint.and_then(|endpoint| Ok((way(&endpoint)?, endpoint)));
        let arguments = grants.roles.as_ref().map(Roles::arguments);
        let roles = match grants.roles {
            Some(roles) if !is_by_policy && !is_sts_built_in(roles.endpoint()) => {
                Err(roles.denied())
            }
            roles => Ok(roles.map(Arc::new)),
        };
        Self {
            variables: grants.variables,
            arguments: arguments.unwrap_or_default(),
            token_file: grants.token_file,
            endpoint,
            roles,
            limits,
        }
    }

    /// The same under other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The variables that the component sees.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// The program's name and the arguments that the component sees; none without roles.
    pub(crate) fn arguments(&self) -> &[String] {
        &self.arguments
    }

    /// The file that the component may read.
    pub fn token_file(&self) -> Option<&TokenFile> {
        self.token_file.as_ref()
    }

    /// How much a run may use.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The endpoint that may be asked.
    ///
    /// # Errors
    ///
    /// [`DeniedError::NoEndpoint`] if the environment names none, and [`DeniedError::Https`].
    pub fn endpoint(&self) -> Result<&Endpoint, DeniedError> {
        self.way().map(|(_, endpoint)| endpoint)
    }

    /// The way to the endpoint that may be asked, and the endpoint itself.
    pub(crate) fn way(&self) -> Result<&(Way, Endpoint), DeniedError> {
        self.endpoint.as_ref().map_err(Clone::clone)
    }

    /// The roles that may be assumed, with the way to their STS; `None` if there are none.
    pub(crate) fn roles(&self) -> Result<Option<&Arc<Roles>>, DeniedError> {
        self.roles
            .as_ref()
            .map(Option::as_ref)
            .map_err(Clone::clone)
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
        let roles = self.roles().map_err(Error::Denied)?;
        if let Ok((Way::Route(route), _)) = self.way() {
            route.prepare(until).map_err(Error::Endpoint)?;
        }
        roles.map_or(Ok(()), |roles| {
            let prepared = roles.route().prepare(until);
            prepared.map_err(|error| roles.unreachable(error))
        })
    }
}

/// The built-in policy admits whatever the environment names, except for what only a policy file can grant.
impl From<Grants> for Admitted {
    fn from(grants: Grants) -> Self {
        Self::decide(grants, Limits::BUILT_IN, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_component::environment::FULL_URI;
    use epicac_tests::rows;

    /// The endpoint and the STS of the environment, and the answers of the built-in policy.
    const DENIED: &str = "
                               |                                | NoEndpoint | none
        garbage                |                                | NoEndpoint | none
        http://agent.example/  |                                | NoEndpoint | none
        http://169.254.170.23/ |                                | granted    | none
        http://localhost:1/    | http://127.0.0.1:1             | granted    | granted
        https://169.254.170.23 | https://localhost:1            | Https      | granted
        https://localhost/     |                                | Https      | none
        https://agent.example/ | https://sts.amazonaws.com      | Https      | granted
        http://169.254.170.23/ | https://sts.amazonaws.com:8443 | granted    | https://sts.amazonaws.com:8443
        http://169.254.170.23/ | http://169.254.170.23          | granted    | http://169.254.170.23
        https://agent.example/ | https://sts.example            | Https      | https://sts.example";

    fn grants(endpoint: &str, sts: &str) -> Grants {
        let grants = Grants::from_variables([(FULL_URI.to_owned(), endpoint.to_owned())]);
        if sts.is_empty() {
            return grants;
        }
        let role = "--role-arn=arn:aws:iam::111111111111:role/reader".to_owned();
        let options = [role, format!("--sts-endpoint={sts}")];
        grants.with_roles(Roles::from_variables(options, []).unwrap())
    }

    #[test]
    fn the_built_in_policy_denies_what_only_a_policy_file_can_grant() {
        for [endpoint, sts, endpoint_answer, roles_answer] in rows(DENIED) {
            let admitted = Admitted::from(grants(endpoint, sts));
            match (admitted.endpoint(), endpoint_answer) {
                (Ok(_), "granted") => {}
                (answer, denied) => assert_eq!(format!("{:?}", answer.unwrap_err()), denied),
            }
            match (admitted.roles(), roles_answer) {
                (Ok(None), "none") | (Ok(Some(_)), "granted") => {}
                (answer, origin) => assert_eq!(
                    answer.unwrap_err(),
                    DeniedError::StsEndpoint(origin.to_owned())
                ),
            }
            let by_file = Admitted::by_policy(grants(endpoint, sts), Limits::BUILT_IN);
            assert_eq!(by_file.endpoint().is_ok(), endpoint_answer != "NoEndpoint");
            assert!(by_file.roles().is_ok());
        }
    }
}
