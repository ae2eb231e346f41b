//! What this process grants to the component.
//!
//! | what | where |
//! |---|---|
//! | the environment of this process | `variables` |
//! | the granted variables, and everything else together | `granted` |
//! | the token file, and the place where it is opened | `token_file` |
//! | the roles, and the STS that assumes them | `roles` |
//! | what of them a policy admits, decided once; the sandbox takes only this | `admitted` |

mod admitted;
mod granted;
mod roles;
mod token_file;
mod variables;

pub use admitted::Admitted;
pub(crate) use admitted::Way;
pub use granted::Grants;
pub use roles::Roles;
pub(crate) use roles::is_sts_built_in;
pub(crate) use token_file::Descriptor;
pub use token_file::TokenFile;
