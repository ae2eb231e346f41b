//! The variables that the AWS SDKs configure STS and the assuming of roles by. They are read only when a
//! role is to be assumed.

use alloc::string::String;

use crate::arguments::Arguments;
use crate::role::is_name_byte;
use crate::service::Service;

/// The variables that are read, and no other.
pub const VARIABLES: [&str; 9] = [
    "AWS_ROLE_SESSION_NAME",
    "HOSTNAME",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
];

/// The longest session name.
const SESSION_NAME_CHARS: usize = 64;

/// What these variables say. An empty one counts as unset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsEnvironment {
    /// The name of a session that is given no other: `AWS_ROLE_SESSION_NAME`, or else `epicac-` and the
    /// host's name, or else `epicac`.
    pub session_name: String,
    /// `AWS_REGION`, or else `AWS_DEFAULT_REGION`.
    pub region: Option<String>,
    /// `AWS_ENDPOINT_URL_STS`, or else `AWS_ENDPOINT_URL`; neither if
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`.
    pub endpoint: Option<String>,
    /// `AWS_USE_FIPS_ENDPOINT` is `true`.
    pub use_fips: bool,
    /// `AWS_USE_DUALSTACK_ENDPOINT` is `true`.
    pub use_dual_stack: bool,
}

impl StsEnvironment {
    /// Picks the variables out of `variables` and drops all the others. Of a name that comes twice the
    /// first counts.
    pub fn from_variables<N: AsRef<str>>(variables: impl IntoIterator<Item = (N, String)>) -> Self {
        let mut values = [const { None }; VARIABLES.len()];
        for (name, value) in variables {
            let known = VARIABLES
                .iter()
                .zip(&mut values)
                .find(|(known, _)| **known == name.as_ref());
            if let Some((_, slot)) = known {
                slot.get_or_insert(value);
            }
        }
        let [
            session_name,
            host_name,
            region,
            default_region,
            sts_endpoint,
            endpoint,
            ignore_endpoints,
            use_fips,
            use_dual_stack,
        ] = values.map(|value| value.filter(|value| !value.is_empty()));
        // As botocore does: anything but `true`, in any case, is not.
        let is_true =
            |value: Option<String>| value.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let endpoint = sts_endpoint.or(endpoint);
        Self {
            session_name: session_name.unwrap_or_else(|| default_session_name(host_name)),
            region: region.or(default_region),
            endpoint: endpoint.filter(|_| !is_true(ignore_endpoints)),
            use_fips: is_true(use_fips),
            use_dual_stack: is_true(use_dual_stack),
        }
    }

    /// Which STS is asked: what the command line says wins.
    pub fn service(&self, arguments: &Arguments) -> Service {
        let or = |argument: &Option<String>, variable: &Option<String>| {
            argument.as_ref().or(variable.as_ref()).cloned()
        };
        Service {
            region: or(&arguments.region, &self.region),
            endpoint: or(&arguments.sts_endpoint, &self.endpoint),
            use_fips: self.use_fips,
            use_dual_stack: self.use_dual_stack,
        }
    }
}

/// `epicac-` and the host's name, which in a pod is the pod's: CloudTrail then tells who it was.
fn default_session_name(host_name: Option<String>) -> String {
    let mut name = String::from("epicac");
    if let Some(host_name) = host_name {
        name.push('-');
        let allowed = host_name.chars().map(|c| match u8::try_from(c) {
            Ok(byte) if is_name_byte(byte) => c,
            _ => '-',
        });
        name.extend(allowed.take(SESSION_NAME_CHARS - name.len()));
    }
    name
}
