//! What epicac may do, as data: printed, reviewed, committed, and held against what it would do.
//!
//! Everything is denied that is not named. The built-in policy is what the environment of EKS or ECS
//! needs ([`Policy::effective`]); a policy file ([`Policy::read`]) is the most that a run may need
//! ([`Policy::excesses`]), and never grants more than the built-in one but for two things: an https endpoint,
//! and an STS that is neither AWS's own nor on this machine.
//!
//! | step | where |
//! |---|---|
//! | what a policy can say, word by word | `model`, `role`, `text`, `path` |
//! | from JSON, with the place of what is wrong | `parse`, `shape`, `flaw` |
//! | from a file | `file` |
//! | what this environment needs | `effective` |
//! | what of that a policy does not grant | `excess` |
//! | for people | `explain` |
//! | a request of the component, as it is made | `permit`, `form`, `denial` |
//!
//! ```
//! use epicac::{Grants, Policy};
//!
//! let uri = "http://169.254.170.23/v1/credentials".to_owned();
//! let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned();
//! let needed = Policy::effective(&Grants::from_variables([(name, uri)]))?;
//!
//! let reviewed = Policy::parse(needed.to_json().as_bytes()).map_err(|flaw| flaw.to_string());
//! assert_eq!(reviewed.map(|policy| policy.excesses(&needed)), Ok(vec![]));
//! # Ok::<(), epicac::Error>(())
//! ```

mod denial;
mod effective;
mod excess;
mod explain;
mod file;
mod flaw;
mod form;
mod model;
mod parse;
mod path;
mod permit;
mod role;
#[cfg(test)]
mod schema;
mod shape;
mod text;

pub use crate::regular_file::FileFlaw;
pub use denial::Denial;
pub use excess::Excess;
pub use explain::explain;
pub use flaw::{Contradiction, PolicyFlaw};
pub use model::{
    BoundsRule, ComponentRule, EndpointRule, LimitsRule, MAX_BYTES, Policy, Variable, WallRule,
};
pub use path::PathRule;
pub(crate) use permit::{Permit, permit, permit_form};
pub use role::{
    Duration, Parameter, ProxyOrigin, RoleArn, RolesRule, SessionPolicyRule, StsOrigin,
};
pub use shape::Set;
pub use text::{FilePath, HostName, Import, LayerRule, Method, Scheme, Sha256, Version};
