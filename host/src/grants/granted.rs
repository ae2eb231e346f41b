//! What this process grants to the component: at most four variables, one file and one endpoint. Roles add the
//! variables and requests that they need.

use super::roles::Roles;
use super::token_file::TokenFile;
use super::variables;
use crate::error::Error;
use crate::route::connection::Route;
use crate::route::trust::CA_BUNDLE;
use epicac_component::endpoint::{Endpoint, EndpointError, Scheme};
use epicac_component::environment::{Environment, FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::sts::environment::VARIABLES;
use epicac_component::token::TokenSource;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The variables that can be granted.
const NAMES: [&str; 4] = [RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN];

/// What the environment asks for. Everything that is not in here does not exist for the component; what is in here
/// is granted once a policy [admits](crate::Admitted) it.
#[derive(Clone)]
pub struct Grants {
    pub(super) variables: Vec<(String, String)>,
    pub(super) token_file: Option<TokenFile>,
    pub(super) endpoint: Result<Endpoint, EndpointError>,
    /// The way to an https endpoint.
    pub(super) route: Option<Arc<Route>>,
    pub(super) roles: Option<Roles>,
}

impl Grants {
    /// The grants that follow from the environment of this process. It reads the four variables whose names
    /// begin with `AWS_CONTAINER_`, and `AWS_CA_BUNDLE` if they name an https endpoint.
    ///
    /// # Errors
    ///
    /// [`Error::Variable`] when a variable that is read is not UTF-8.
    pub fn from_process() -> Result<Self, Error> {
        let grants = Self::from_variables(variables::of_process(NAMES)?);
        if grants.route.is_none() {
            return Ok(grants);
        }
        let ca_bundle = variables::of_process([CA_BUNDLE])?;
        let variables = grants.variables.into_iter().chain(ca_bundle);
        Ok(Self::from_variables(variables))
    }

    /// The grants that follow from these variables, as name and value: the four that the component sees, and
    /// `AWS_CA_BUNDLE`, which says whom TLS trusts. Other names are left out.
    ///
    /// An endpoint that must not be asked is not granted. The component says what is wrong with it.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut container = Vec::with_capacity(NAMES.len());
        let mut ca_bundle = None;
        for (name, value) in variables {
            if NAMES.contains(&name.as_str()) {
                container.push((name, value));
            } else if name == CA_BUNDLE {
                ca_bundle.get_or_insert(PathBuf::from(value));
            }
        }
        let environment = Environment::from_variables(container.iter().cloned());
        let token_file = match TokenSource::from_environment(&environment) {
            TokenSource::File(path) => Some(TokenFile::new(&path)),
            TokenSource::Variable(_) | TokenSource::Absent => None,
        };
        let endpoint = Endpoint::from_environment(&environment);
        let https = endpoint
            .iter()
            .find(|named| named.scheme() == Scheme::Https);
        let route = https.map(|endpoint| {
            let ca_bundle = ca_bundle.filter(|path| !path.as_os_str().is_empty());
            Arc::new(Route::new(endpoint.clone(), None, ca_bundle))
        });
        Self {
            variables: container,
            token_file,
            endpoint,
            route,
            roles: None,
        }
    }

    /// The same, and what it takes to assume these roles: the arguments that name them, the variables that
    /// they were configured by, and the requests to STS that assume them.
    #[must_use]
    pub fn with_roles(mut self, roles: Roles) -> Self {
        // The variables of other roles, if there were any.
        let variables = &mut self.variables;
        variables.retain(|(name, _)| !VARIABLES.contains(&name.as_str()));
        self.variables.extend_from_slice(roles.variables());
        Self {
            roles: Some(roles),
            ..self
        }
    }

    /// The variables that the component sees.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// The file that the component may read.
    pub fn token_file(&self) -> Option<&TokenFile> {
        self.token_file.as_ref()
    }

    /// The roles that the component may assume.
    pub fn roles(&self) -> Option<&Roles> {
        self.roles.as_ref()
    }

    /// The endpoint that the environment names.
    ///
    /// # Errors
    ///
    /// When it names none, or one that must not be asked.
    pub fn endpoint(&self) -> Result<&Endpoint, &EndpointError> {
        self.endpoint.as_ref()
    }

    /// The file with the certificates of the authorities that TLS trusts at an https endpoint, in place of the
    /// built-in ones.
    pub fn ca_bundle(&self) -> Option<&Path> {
        self.route.as_ref()?.ca_bundle.as_deref()
    }
}

/// Leaves out the values of the variables: one is the token, and on ECS another one is a secret, too.
impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.variables.iter().map(|(name, _)| name).collect();
        f.debug_struct("Grants")
            .field("variables", &names)
            .field("token_file", &self.token_file)
            .field("endpoint", &self.endpoint.as_ref().map(Endpoint::origin))
            .field("roles", &self.roles)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_variables_hold_does_not_show() {
        let grants = Grants::from_variables([
            (TOKEN.to_owned(), "a-secret".to_owned()),
            (RELATIVE_URI.to_owned(), "/v2/credentials/a-task".to_owned()),
        ]);
        let shown = format!("{grants:?}");
        for (text, is_shown) in [
            (TOKEN, true),
            ("http://169.254.170.2", true),
            ("a-secret", false),
            ("a-task", false),
        ] {
            assert_eq!(shown.contains(text), is_shown, "{text} in {shown}");
        }
    }
}
