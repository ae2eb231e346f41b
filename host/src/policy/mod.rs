//! What epicac may do, as data that people print, review and commit. A run is compared with it.
//!
//! A policy denies everything that it does not name. The built-in policy is what EKS or ECS need
//! ([`Policy::effective`]). A policy file ([`Policy::read`]) is the maximum that a run may need ([`Policy::admit`]). It
//! can grant only two things beyond the built-in policy: an https endpoint, and an STS that is neither AWS's own nor on
//! this machine.
//!
//! | step | where |
//! |---|---|
//! | what a policy can say | `model`, `values` |
//! | the rule of each member | `rules` |
//! | from JSON; an error has its place in the file | `parse` |
//! | what this environment needs | `effective` |
//! | whether a policy admits it: the comparison by the rules | `beyond` |
//! | for people | `explain` |
//!
//! No request of the component is judged here: `sandbox/request.rs` does that, by the grants that `admit` let through.
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

mod beyond;
mod effective;
mod error;
mod explain;
mod model;
mod parse;
mod rules;
#[cfg(test)]
mod tests;
mod values;

pub use error::{MemberError, PolicyError, PolicyFailure};
pub use explain::explain;
pub use model::{Policy, ServeRule};
pub use parse::MAX_BYTES;
pub use values::LoopbackAddress;
