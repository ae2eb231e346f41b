//! The STS that is asked, and its endpoint.
//!
//! | given | endpoint | signed for |
//! |---|---|---|
//! | a region | `https://sts.REGION.DOMAIN` of the region's partition | the region |
//! | … with FIPS | `https://sts-fips.REGION.DOMAIN`; in `aws-us-gov` the endpoint of the first row | the region |
//! | … with dual-stack | `https://sts.REGION.DUAL-STACK-DOMAIN` | the region |
//! | `aws-global` | `https://sts.amazonaws.com`; with FIPS or dual-stack there is none | `us-east-1` |
//! | an endpoint of AWS | that one | the region in its name, and no other may be given |
//! | another endpoint | that one | the region, or else `us-east-1` |
//!
//! These are the rules of the AWS SDKs, with one exception: the SDKs also sign for another region than that in a name of
//! AWS, and STS refuses the signature. Two more rules of the SDKs hold. FIPS and dual-stack cannot be combined with an
//! endpoint that is given. At least a region or an endpoint has to be given.

use alloc::borrow::ToOwned;
use alloc::string::String;

use thiserror::Error;

use crate::endpoint::{Endpoint, Host, UriError};
use crate::printable::Subject;
use crate::sts::partition::{AWS_GLOBAL, GLOBAL_REGION, Partition, is_region, region_of_sts};
use crate::sts::role::{Role, RoleError};

/// The variable that asks for the FIPS endpoint.
pub const USE_FIPS: &str = "AWS_USE_FIPS_ENDPOINT";
/// The variable that asks for the dual-stack endpoint.
pub const USE_DUAL_STACK: &str = "AWS_USE_DUALSTACK_ENDPOINT";
/// The variable that names an endpoint for all services.
pub const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// The configuration of STS. [`Sts::of`] makes an [`Sts`] of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The region.
    pub region: Option<String>,
    /// The URL of another endpoint than the region's.
    pub endpoint: Option<String>,
    /// Whether [`ENDPOINT`] names it, for all services.
    pub is_for_all: bool,
    /// Whether the FIPS endpoint is asked.
    pub use_fips: bool,
    /// Whether the dual-stack endpoint is asked.
    pub use_dual_stack: bool,
}

/// An STS that may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sts {
    endpoint: Endpoint,
    region: String,
    partition: Option<&'static Partition>,
    variant: Option<&'static str>,
}

impl Sts {
    /// The STS of this configuration.
    ///
    /// Fails when the configuration names none, or one that must not be asked.
    pub fn of(service: &Service) -> Result<Self, ServiceError> {
        let region = service.region.as_deref();
        if let Some(region) = region.filter(|region| !is_region(region)) {
            return Err(ServiceError::Region(region.to_owned()));
        }
        match (&service.endpoint, region) {
            (Some(_), _) if service.use_fips || service.use_dual_stack => {
                Err(ServiceError::Variant)
            }
            (Some(url), region) => Self::of_endpoint(url, region, service),
            (None, Some(region)) => Self::of_region(region, service),
            (None, None) => Err(ServiceError::NoRegion),
        }
    }

    /// Where STS is asked.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The region that requests are signed for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The variables that ask for an endpoint that STS does not have in every region.
    pub fn variant(&self) -> Option<&'static str> {
        self.variant
    }

    /// Fails if the role is of another partition than the endpoint, which cannot know it. An endpoint that is not AWS's may
    /// know any role.
    pub fn check(&self, role: &Role) -> Result<(), RoleError> {
        match self.partition {
            Some(partition) if partition.name != role.partition() => {
                Err(RoleError::Partition(partition.name))
            }
            _ => Ok(()),
        }
    }

    fn of_endpoint(
        url: &str,
        region: Option<&str>,
        service: &Service,
    ) -> Result<Self, ServiceError> {
        let name = if service.is_for_all {
            ENDPOINT
        } else {
            "the URL"
        };
        let endpoint = origin(&without_root(url), name)?;
        let of_host = match endpoint.host() {
            Host::Name(name) => region_of_sts(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        };
        if let (Some(of_host), Some(named)) = (of_host, region)
            && of_host != signed(named)
        {
            return Err(ServiceError::OtherRegion {
                origin: endpoint.origin(),
                of_host: of_host.to_owned(),
                named: named.to_owned(),
            });
        }
        Ok(Self {
            region: signed(of_host.or(region).unwrap_or(AWS_GLOBAL)).to_owned(),
            partition: of_host.map(Partition::of),
            variant: None,
            endpoint,
        })
    }

    fn of_region(region: &str, service: &Service) -> Result<Self, ServiceError> {
        let partition = Partition::of(region);
        let variant = match (service.use_fips, service.use_dual_stack) {
            (false, false) => None,
            (true, false) => Some(USE_FIPS),
            (false, true) => Some(USE_DUAL_STACK),
            (true, true) => Some("AWS_USE_FIPS_ENDPOINT with AWS_USE_DUALSTACK_ENDPOINT"),
        };
        let host = if region == AWS_GLOBAL {
            if let Some(variables) = variant {
                return Err(ServiceError::NoGlobalVariant(variables));
            }
            "sts.amazonaws.com".to_owned()
        } else {
            let has_fips_name =
                service.use_fips && (service.use_dual_stack || partition.name != "aws-us-gov");
            let name = if has_fips_name { "sts-fips." } else { "sts." };
            let domain = if service.use_dual_stack {
                partition.dual_stack_domain
            } else {
                partition.domain
            };
            [name, region, ".", domain].concat()
        };
        Ok(Self {
            endpoint: origin(&["https://", &host].concat(), "the URL")?,
            region: signed(region).to_owned(),
            partition: Some(partition),
            variant,
        })
    }
}

/// The region that is signed for: the SDKs' name of the global endpoint is none.
fn signed(region: &str) -> &str {
    if region == AWS_GLOBAL {
        GLOBAL_REGION
    } else {
        region
    }
}

/// The endpoint at a URL without path and query: STS has one path, and the signed request has one spelling. `name` names
/// the URL in an error.
fn origin(url: &str, name: &'static str) -> Result<Endpoint, ServiceError> {
    let invalid = |error| ServiceError::Endpoint { name, error };
    let endpoint = Endpoint::from_full_uri(url).map_err(invalid)?;
    if endpoint.path_with_query() == "/" {
        Ok(endpoint.without_default_port())
    } else {
        Err(ServiceError::Path { name })
    }
}

/// The URL without the dot of DNS's root at the end of its host's name: neither a certificate nor AWS has it there.
fn without_root(url: &str) -> String {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let end = url
        .get(host..)
        .and_then(|rest| rest.find([':', '/', '?', '#']));
    let (before, after) = url
        .split_at_checked(host + end.unwrap_or(url.len()))
        .unwrap_or((url, ""));
    match before.strip_suffix('.') {
        // Over http the one name is `localhost`, in its one spelling.
        Some(name) if name.to_ascii_lowercase().starts_with("https://") => [name, after].concat(),
        _ => url.to_owned(),
    }
}

/// Why the configuration names no STS that may be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum ServiceError {
    #[error("neither a region nor an endpoint is given")]
    NoRegion,
    #[error("{} is not the code of a region", Subject(.0))]
    Region(String),
    #[error("FIPS and dual-stack go with no other endpoint than the region's")]
    Variant,
    #[error("{0} asks for an endpoint that STS does not have for aws-global")]
    NoGlobalVariant(&'static str),
    #[error("{0} is neither true nor false")]
    Flag(&'static str),
    #[error("{origin} is the STS of {of_host}, but {named} is named as its region")]
    OtherRegion {
        origin: String,
        of_host: String,
        named: String,
    },
    /// The name is that of what holds the URL.
    #[error("{name} {error}")]
    Endpoint { name: &'static str, error: UriError },
    #[error("{name} holds a path or a query")]
    Path { name: &'static str },
}

impl ServiceError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoRegion => "set --region or AWS_REGION, or --sts-endpoint",
            Self::Region(_) => "write one such as eu-central-1",
            Self::Variant => "unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT",
            Self::NoGlobalVariant(_) => {
                "name a region, such as us-east-1, by --region or AWS_REGION, or unset it"
            }
            Self::Flag(_) => "set it to true or false, or leave it unset",
            Self::OtherRegion { .. } => {
                "name one and the same region by --region or AWS_REGION and by the endpoint, or leave \
                 the endpoint out"
            }
            Self::Endpoint { .. } => {
                "set --sts-endpoint or AWS_ENDPOINT_URL_STS to one such as \
                 https://sts.eu-central-1.amazonaws.com"
            }
            Self::Path { .. } => "write scheme, host and port alone",
        }
    }
}
