//! What epicac may do, as data: printed, reviewed, committed, and held against what it would do.
//!
//! Everything is denied that is not named. The built-in policy is what the environment of EKS or ECS
//! needs ([`Policy::effective`]); a policy file ([`Policy::read`]) is the most that a run may need
//! ([`Policy::admit`]), and never grants more than the built-in one but for two things: an https endpoint,
//! and an STS that is neither AWS's own nor on this machine.
//!
//! | step | where |
//! |---|---|
//! | what a policy can say | `model`, `values` |
//! | how each member is held: the one table | `rules` |
//! | from JSON, with the place of what is wrong | `parse` |
//! | what this environment needs | `effective` |
//! | whether a policy admits it | `admit` |
//! | for people | `explain`, `error` |
//!
//! A request of the component is judged elsewhere, as it is made: `sandbox/request.rs`.
//!
//! ```
//! use epicac::{Grants, Policy};
//!
//! let uri = "http://169.254.170.23/v1/credentials".to_owned();
//! let name = "AWS_CONTAINER_CREDENTIALS_FULL_URI".to_owned();
//! let grants = Grants::from_variables([(name, uri)]);
//! let printed = Policy::effective(&grants)?.to_json();
//!
//! let reviewed = Policy::parse(printed.as_bytes())?;
//! let admitted = reviewed.admit(grants)?;
//! assert!(admitted.endpoint().is_ok());
//! # Ok::<(), epicac::PolicyError>(())
//! ```

mod admit;
mod effective;
mod error;
mod explain;
mod model;
mod parse;
mod rules;
#[cfg(test)]
mod tests;
mod values;

pub use error::{PolicyError, PolicyFailure};
pub use explain::explain;
pub use model::{
    ComponentRule, EndpointRule, Method, Parameter, Policy, RolesRule, Scheme, SessionPolicy,
};
pub use parse::MAX_BYTES;
pub use values::{FilePath, HostName, PathRule, ProxyOrigin, RoleArn, StsOrigin, Variable};
