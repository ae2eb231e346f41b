//! The roles to assume, from the command line and the environment, and the way to STS.

use super::variables;
use crate::denial::DeniedError;
use crate::error::Error;
use crate::file;
use crate::route::RouteError;
use crate::route::connection::Route;
use crate::route::proxy::{self, NO_PROXY, PROXY, Proxy};
use crate::route::trust::CA_BUNDLE;
use epicac_component::endpoint::{Endpoint, Host, Scheme};
use epicac_component::sts::arguments::{ArgumentError, Arguments};
use epicac_component::sts::chain::Chain;
use epicac_component::sts::environment::{StsEnvironment, VARIABLES};
use epicac_component::sts::error::ConfigurationError;
use epicac_component::sts::partition::region_of_sts;
use epicac_component::sts::role::Role;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of this host, which a session gets its name from.
const HOST_NAME: &str = "HOSTNAME";

/// The size of a session policy's file, in bytes: STS takes 2,048 characters.
const SESSION_POLICY_BYTES: usize = 16 << 10;

/// Roles to assume, one with the credentials of the other; the first one with those of the container.
///
/// They are named as on the command line of the program:
///
/// ```no_run
/// use epicac::{Grants, Roles, Sandbox};
///
/// # async fn example() -> Result<(), epicac::Error> {
/// let roles = Roles::from_process([
///     "--role-arn=arn:aws:iam::222222222222:role/reader",
///     "--external-id=example",
///     "--region=eu-central-1",
/// ])?;
/// let grants = Grants::from_process()?.with_roles(roles);
/// let credentials = Sandbox::new()?.provider(grants).get_credentials().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Roles {
    arguments: Arguments,
    chain: Vec<Role>,
    variables: Vec<(String, String)>,
    /// Whether `AWS_ENDPOINT_URL` names the STS, as the endpoint of all services.
    is_for_all: bool,
    /// The variables that ask for an endpoint that STS does not have in every region.
    variant: Option<&'static str>,
    route: Arc<Route>,
}

impl Roles {
    /// The roles that these arguments name, in the environment of this process: the variables that the AWS
    /// SDKs configure STS by, and `HTTPS_PROXY`, `NO_PROXY` and `AWS_CA_BUNDLE`. Where an argument names
    /// the file of a session policy, the file is read.
    ///
    /// # Errors
    ///
    /// [`Error::Credentials`] when the arguments name no role, or one that cannot be assumed, or when it
    /// cannot be told which STS to ask; [`Error::SessionPolicy`]; [`Error::Proxy`]; [`Error::Variable`]
    /// when a variable is not UTF-8.
    pub fn from_process<A: Into<String>>(
        arguments: impl IntoIterator<Item = A>,
    ) -> Result<Self, Error> {
        let names = VARIABLES.into_iter().chain(PROXY).chain(NO_PROXY);
        let mut variables = variables::of_process(names.chain([CA_BUNDLE]))?;
        if !variables.iter().any(|(name, _)| name == HOST_NAME) {
            // A shell would have set it.
            let system = rustix::system::uname();
            let host = system.nodename().to_string_lossy().into_owned();
            variables.push((HOST_NAME.to_owned(), host));
        }
        Self::from_variables(arguments, variables)
    }

    /// The same with these variables, as name and value, in place of those of the process.
    ///
    /// # Errors
    ///
    /// As [`Roles::from_process`].
    pub fn from_variables<A: Into<String>>(
        arguments: impl IntoIterator<Item = A>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Error> {
        let mut arguments =
            Arguments::parse(arguments.into_iter().map(Into::into)).map_err(in_vain)?;
        for role in &mut arguments.roles {
            if let Some(path) = role.session_policy_file() {
                role.session_policy = Some(session_policy(Path::new(path))?);
            }
        }
        let mut variables: Vec<_> = variables.into_iter().collect();
        if arguments.roles.is_empty() {
            return Err(in_vain(ArgumentError::NoRole));
        }
        let environment = StsEnvironment::from_variables(variables.iter().cloned());
        let environment = environment.map_err(in_vain)?;
        let service = environment.service(&arguments);
        let roles = arguments.roles.clone();
        let chain = Chain::of(roles, &environment.session_name, &service).map_err(in_vain)?;

        let value = |names: &[&str]| {
            let named = |name: &&str| variables.iter().find(|(it, _)| it == name);
            let mut set = names.iter().filter_map(named);
            set.find(|(_, value)| !value.is_empty()).cloned()
        };
        let sts = chain.sts.endpoint().clone();
        let no_proxy = value(&NO_PROXY).map_or_else(String::new, |(_, list)| list);
        let is_direct = sts.scheme() == Scheme::Http
            || proxy::is_excluded(&no_proxy, sts.host(), sts.port_or_default());
        let proxy = match value(&PROXY).filter(|_| !is_direct) {
            Some((variable, url)) => {
                let proxy = Proxy::parse(&url);
                Some(proxy.map_err(|error| Error::Proxy(variable, error))?)
            }
            None => None,
        };
        let ca_bundle = value(&[CA_BUNDLE])
            .filter(|_| sts.scheme() == Scheme::Https)
            .map(|(_, path)| PathBuf::from(path));
        variables.retain(|(name, _)| VARIABLES.contains(&name.as_str()));
        Ok(Self {
            arguments,
            chain: chain.roles,
            variables,
            is_for_all: service.is_for_all,
            variant: chain.sts.variant(),
            route: Arc::new(Route::new(sts, proxy, ca_bundle)),
        })
    }

    /// The roles, in the order in which they are assumed.
    pub fn chain(&self) -> &[Role] {
        &self.chain
    }

    /// The STS that is asked.
    pub fn endpoint(&self) -> &Endpoint {
        &self.route.server
    }

    /// The proxy on the way there.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.route.proxy.as_ref()
    }

    /// The file with the certificates of the authorities that TLS trusts, in place of the built-in ones.
    pub fn ca_bundle(&self) -> Option<&Path> {
        self.route.ca_bundle.as_deref()
    }

    /// The variables that the component sees because of the roles.
    pub fn variables(&self) -> &[(String, String)] {
        &self.variables
    }

    /// The program's name and the arguments, as the component sees them.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec!["epicac".to_owned()];
        arguments.extend(self.arguments.to_arguments());
        arguments
    }

    pub(crate) fn route(&self) -> &Arc<Route> {
        &self.route
    }

    /// Why this STS is denied if only a policy file can grant it.
    pub(crate) fn denied(&self) -> DeniedError {
        let origin = self.endpoint().origin();
        match self.is_for_all {
            true => DeniedError::EndpointForAll(origin),
            false => DeniedError::StsEndpoint(origin),
        }
    }

    /// The error for a request that does not come through to STS.
    pub(crate) fn unreachable(&self, error: RouteError) -> Error {
        let has_no_address = match &error {
            // Not of the proxy, whose name may be unknown, too.
            RouteError::NameUnknown(name, _) | RouteError::NoAddress(name) => {
                *name == self.endpoint().host().to_string()
            }
            // What proxies answer for a name that they cannot resolve: mostly a 502, 503 or 504, tinyproxy a 500 and Privoxy
            // a 404.
            RouteError::ProxyRefused(_, status) => matches!(status, 404 | 500..),
            _ => false,
        };
        Error::Sts(match self.variant {
            Some(variables) if has_no_address => RouteError::Variant(Box::new(error), variables),
            _ => error,
        })
    }
}

fn in_vain(error: impl Into<ConfigurationError>) -> Error {
    epicac_component::Error::from(error.into()).into()
}

fn session_policy(path: &Path) -> Result<String, Error> {
    let unreadable = |error| Error::session_policy(path, error);
    let bytes = file::read(path, SESSION_POLICY_BYTES).map_err(unreadable)?;
    // A file that is too large is still too large after this read. The component refuses it by its length.
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

/// Whether the built-in policy lets this STS be asked: AWS's own over https, or one on this machine.
pub(crate) fn is_sts_built_in(sts: &Endpoint) -> bool {
    sts.host().is_loopback()
        || (sts.scheme() == Scheme::Https
            && sts.port_or_default() == 443
            && matches!(sts.host(), Host::Name(name) if region_of_sts(name).is_some()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sts(url: &str) -> Endpoint {
        Endpoint::from_full_uri(url).unwrap()
    }

    #[test]
    fn the_built_in_policy_knows_the_endpoints_of_aws_and_of_this_machine() {
        for url in [
            "https://sts.amazonaws.com",
            "https://sts.eu-central-1.amazonaws.com",
            "https://sts-fips.us-east-1.amazonaws.com",
            "https://sts.eu-central-1.api.aws",
            "https://sts.cn-north-1.amazonaws.com.cn",
            "https://sts.us-iso-east-1.c2s.ic.gov",
            "https://vpce-0123-abcd.sts.eu-central-1.vpce.amazonaws.com",
            "https://localhost:8443",
            "http://localhost",
            "http://127.0.0.1:5000",
            "http://[::1]:5000",
        ] {
            assert!(is_sts_built_in(&sts(url)), "{url}");
        }
        for url in [
            "http://169.254.170.23",
            "https://169.254.170.23",
            "https://sts.example.com",
            "https://sts.eu-central-1.amazonaws.com.evil.example",
            "https://evil-sts.eu-central-1.amazonaws.com",
            "https://evil.eu-central-1.amazonaws.com",
            "https://sts.s3.eu-central-1.amazonaws.com",
            "https://sts.eu-central-1.amazonaws.com:8443",
            "https://amazonaws.com",
            "https://sts.s3.amazonaws.com",
            "https://sts.s3-external-1.amazonaws.com",
            "https://sts.cn-north-1.amazonaws.com",
            "https://vpce-0123.sts.eu-central-1.amazonaws.com",
            "https://s3.amazonaws.com",
        ] {
            assert!(!is_sts_built_in(&sts(url)), "{url}");
        }
    }
}
