//! What the environment of this process grants to the component: at most four variables, one file and
//! one endpoint; and where there are roles to assume, what that takes.

use crate::error::Error;
use crate::roles::Roles;
use crate::token_file::TokenFile;
use epicac_component::endpoint::Endpoint;
use epicac_component::environment::{Environment, FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use epicac_component::sts_environment::VARIABLES;
use epicac_component::token::TokenSource;
use std::env;

/// The variables that can be granted.
const NAMES: [&str; 4] = [RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN];

/// The built-in grants. Everything that is not in here does not exist for the component.
#[derive(Clone, Debug)]
pub struct Grants {
    variables: Vec<(String, String)>,
    token_file: Option<TokenFile>,
    endpoint: Option<Endpoint>,
    roles: Option<Roles>,
}

impl Grants {
    /// The grants that follow from the environment of this process. Four variables are read, the names
    /// of which begin with `AWS_CONTAINER_`.
    ///
    /// # Errors
    ///
    /// [`Error::Variable`] when one of them is not UTF-8.
    pub fn from_process() -> Result<Self, Error> {
        let mut variables = Vec::with_capacity(NAMES.len());
        for name in NAMES {
            if let Some(value) = env::var_os(name) {
                let value = value.into_string().map_err(|_| Error::Variable(name))?;
                variables.push((name.to_owned(), value));
            }
        }
        Ok(Self::from_variables(variables))
    }

    /// The grants that follow from these variables, as name and value; other names are left out.
    ///
    /// An endpoint that must not be asked is not granted; the component will say what is wrong with it.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: Vec<_> = variables
            .into_iter()
            .filter(|(name, _)| NAMES.contains(&name.as_str()))
            .collect();
        let environment = Environment::from_variables(variables.iter().cloned());
        let token_file = match TokenSource::from_environment(&environment) {
            TokenSource::File(path) => Some(TokenFile::new(&path)),
            TokenSource::Variable(_) | TokenSource::Absent => None,
        };
        let endpoint = Endpoint::from_environment(&environment).ok();
        Self {
            variables,
            token_file,
            endpoint,
            roles: None,
        }
    }

    /// The same, and what it takes to assume these roles: the arguments that name them, the variables that
    /// they were configured by, and the requests to STS that assume them.
    #[must_use]
    pub fn with_roles(mut self, roles: Roles) -> Self {
        // Those of other roles, if there were any.
        let variables = &mut self.variables;
        variables.retain(|(name, _)| !VARIABLES.contains(&name.as_str()));
        self.variables.extend_from_slice(roles.variables());
        Self {
            roles: Some(roles),
            ..self
        }
    }

    /// The same, where the roles may be assumed at whatever STS is configured ([`Roles::at_any_endpoint`]):
    /// for whoever has held it against a policy.
    #[must_use]
    pub fn at_any_sts(self) -> Self {
        Self {
            roles: self.roles.map(Roles::at_any_endpoint),
            ..self
        }
    }

    /// Does what is still to be done before the component runs and that the second wall would not let be
    /// done: reads the certificates of `AWS_CA_BUNDLE`, and resolves the name of STS, or of the proxy on the
    /// way there, which takes six seconds at most. No other address is connected to from then on. Without
    /// roles there is nothing to do.
    ///
    /// A program that does not put up the [`Wall`](crate::Wall) does not need it: names are then resolved
    /// for each request.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`] when the STS is none that may be asked; [`Error::CaBundle`]; [`Error::Sts`] when
    /// there is no address.
    pub fn prepare(&self) -> Result<(), Error> {
        self.roles.as_ref().map_or(Ok(()), Roles::prepare)
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

    /// The endpoint that the component may ask, once the policy agrees.
    pub fn endpoint(&self) -> Option<&Endpoint> {
        self.endpoint.as_ref()
    }
}
