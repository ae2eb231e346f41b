//! What this process grants to the component.

mod admitted;
mod granted;
mod roles;
mod token_file;

pub use admitted::Admitted;
pub use granted::Grants;
pub use roles::Roles;
pub(crate) use roles::is_sts_built_in;
pub(crate) use token_file::Descriptor;
pub use token_file::TokenFile;
