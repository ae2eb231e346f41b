//! The STS that is asked, and its endpoint.
//!
//! | given | endpoint | signed for |
//! |---|---|---|
//! | a region | `https://sts.REGION.DOMAIN` of the region's partition | the region |
//! | … with FIPS | `https://sts-fips.REGION.DOMAIN`; in `aws-us-gov` the endpoint of the first row | the region |
//! | … with dual-stack | `https://sts.REGION.DUAL-STACK-DOMAIN` | the region |
//! | `aws-global` | `https://sts.amazonaws.com` | `us-east-1` |
//! | an endpoint | that one | the region, or else `us-east-1` |
//!
//! These are the rules of the AWS SDKs. They have two more. FIPS and dual-stack cannot be combined
//! with an endpoint that is given. At least a region or an endpoint has to be given.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::endpoint::{Endpoint, UriError};
use crate::sts::partition::{Partition, is_region};
use crate::sts::role::{Role, RoleError};

/// The region of the global endpoint, and of an endpoint without a region.
const GLOBAL_REGION: &str = "us-east-1";

/// Which STS is asked, as it was configured. [`Sts::of`] finds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// The region.
    pub region: Option<String>,
    /// The URL of another endpoint than the region's.
    pub endpoint: Option<String>,
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
}

impl Sts {
    /// The STS that is meant.
    ///
    /// Fails when that cannot be told, or must not be asked.
    pub fn of(service: &Service) -> Result<Self, ServiceError> {
        let region = service.region.as_deref();
        if let Some(region) = region.filter(|region| !is_region(region)) {
            return Err(ServiceError::Region(region.to_owned()));
        }
        match (&service.endpoint, region) {
            (Some(url), region) => {
                if service.use_fips || service.use_dual_stack {
                    return Err(ServiceError::Variant);
                }
                Ok(Self {
                    endpoint: origin(url)?,
                    region: region.unwrap_or(GLOBAL_REGION).to_owned(),
                    partition: None,
                })
            }
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

    /// Fails if the role is one of another partition: no endpoint of this one
    /// knows it. What another endpoint than a region's knows, only it can tell.
    pub fn check(&self, role: &Role) -> Result<(), RoleError> {
        match self.partition {
            Some(partition) if partition.name != role.partition() => {
                Err(RoleError::Partition(partition.name))
            }
            _ => Ok(()),
        }
    }

    fn of_region(region: &str, service: &Service) -> Result<Self, ServiceError> {
        let partition = Partition::of(region);
        let is_global = region == "aws-global" && !service.use_fips && !service.use_dual_stack;
        let host = if is_global {
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
            endpoint: origin(&["https://", &host].concat())?,
            region: if is_global { GLOBAL_REGION } else { region }.to_owned(),
            partition: Some(partition),
        })
    }
}

/// The endpoint at a URL that has neither path nor query: STS has one path, and what is signed must not
/// have two spellings.
fn origin(url: &str) -> Result<Endpoint, ServiceError> {
    let endpoint = Endpoint::from_full_uri(url).map_err(ServiceError::Endpoint)?;
    if endpoint.path_with_query() == "/" {
        Ok(endpoint.without_default_port())
    } else {
        Err(ServiceError::Path)
    }
}

/// Why it cannot be told which STS to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceError {
    /// Neither a region nor an endpoint.
    NoRegion,
    /// This is not a region.
    Region(String),
    /// FIPS or dual-stack together with an endpoint.
    Variant,
    /// An endpoint that must not be asked.
    Endpoint(UriError),
    /// An endpoint with a path or a query.
    Path,
}
