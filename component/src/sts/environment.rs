//! The variables that configure STS and roles in the AWS SDKs. They are read only with `--role-arn`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::sts::arguments::Arguments;
use crate::sts::error::ConfigurationError;
use crate::sts::role::is_name_byte;
use crate::sts::service::{ENDPOINT, Service, ServiceError, USE_DUAL_STACK, USE_FIPS};

const SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
const HOST_NAME: &str = "HOSTNAME";
const REGION: &str = "AWS_REGION";
const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
const STS_ENDPOINT: &str = "AWS_ENDPOINT_URL_STS";
const IGNORE_ENDPOINTS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// The variables that are read, and no other.
pub const VARIABLES: [&str; 9] = [
    SESSION_NAME,
    HOST_NAME,
    REGION,
    DEFAULT_REGION,
    STS_ENDPOINT,
    ENDPOINT,
    IGNORE_ENDPOINTS,
    USE_FIPS,
    USE_DUAL_STACK,
];

/// The longest session name.
const SESSION_NAME_CHARS: usize = 64;

/// What these variables say. An empty one counts as unset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsEnvironment {
    /// The default name of a session: `AWS_ROLE_SESSION_NAME`, or else `epicac-` and the host's name, or else `epicac`.
    pub session_name: String,
    /// `AWS_REGION`, or else `AWS_DEFAULT_REGION`.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL_STS`, or else `AWS_ENDPOINT_URL`; neither if
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`.
    pub endpoint: Option<String>,
    /// Whether it is that of `AWS_ENDPOINT_URL`.
    pub is_for_all: bool,
    /// `AWS_USE_FIPS_ENDPOINT` is `true`.
    pub use_fips: bool,
    /// `AWS_USE_DUALSTACK_ENDPOINT` is `true`.
    pub use_dual_stack: bool,
}

impl StsEnvironment {
    /// Picks the variables out of `variables` and drops all others. If a name comes twice, the first one counts.
    ///
    /// Fails when a variable that can be `true` or `false`, in any case, is neither.
    pub fn from_variables<N: AsRef<str>>(
        variables: impl IntoIterator<Item = (N, String)>,
    ) -> Result<Self, ConfigurationError> {
        let variables: Vec<(N, String)> = variables.into_iter().collect();
        let value = |name: &str| {
            let found = variables.iter().find(|(known, _)| known.as_ref() == name);
            found
                .map(|(_, value)| value.as_str())
                .filter(|value| !value.is_empty())
        };
        let either = |first, second| value(first).or_else(|| value(second)).map(String::from);
        // The SDKs differ in what `1` and `yes` are, and a wish for FIPS must not be dropped.
        let is_true = |name| match value(name) {
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(true),
            Some(value) if !value.eq_ignore_ascii_case("false") => Err(ServiceError::Flag(name)),
            _ => Ok(false),
        };
        let is_ignored = is_true(IGNORE_ENDPOINTS)?;
        Ok(Self {
            session_name: match value(SESSION_NAME) {
                Some(name) => name.into(),
                None => default_session_name(value(HOST_NAME)),
            },
            region: either(REGION, DEFAULT_REGION),
            endpoint: either(STS_ENDPOINT, ENDPOINT).filter(|_| !is_ignored),
            is_for_all: value(STS_ENDPOINT).is_none(),
            use_fips: is_true(USE_FIPS)?,
            use_dual_stack: is_true(USE_DUAL_STACK)?,
        })
    }

    /// The configuration of STS. The command line wins over the variables.
    pub fn service(&self, arguments: &Arguments) -> Service {
        let or = |argument: &Option<String>, variable: &Option<String>| {
            argument.as_ref().or(variable.as_ref()).cloned()
        };
        Service {
            region: or(&arguments.region, &self.region),
            endpoint: or(&arguments.sts_endpoint, &self.endpoint),
            is_for_all: arguments.sts_endpoint.is_none() && self.is_for_all,
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
        }
    }
}

/// `epicac-` and the host's name. In a pod that is the name of the pod, and CloudTrail shows it.
fn default_session_name(host_name: Option<&str>) -> String {
    let mut name = String::from("epicac");
    if let Some(host_name) = host_name {
        name.push('-');
        for c in host_name.chars() {
            if name.len() < SESSION_NAME_CHARS {
                let is_allowed = u8::try_from(c).is_ok_and(is_name_byte);
                name.push(if is_allowed { c } else { '-' });
            }
        }
    }
    name
}
