//! The way to a server that is not on this node: AWS STS, for the requests that assume a role, and an https
//! endpoint that a policy file grants. Only these use TLS, or a name that has to be resolved; and only the one
//! to STS, a proxy. Without either nothing in here is ever touched.
//!
//! | step | where |
//! |---|---|
//! | whether a proxy is used, and which | `proxy` |
//! | whom TLS trusts | `trust` |
//! | the addresses, before the second wall stands | `name` |
//! | the connection: TCP, perhaps through the proxy, and TLS | `connection`, `connect`, `tunnel` |
//! | what can go wrong on it | `error` |

pub(crate) mod connect;
pub(crate) mod connection;
mod error;
pub(crate) mod name;
pub(crate) mod proxy;
pub(crate) mod trust;
mod tunnel;

pub use error::RouteError;
pub use proxy::{Proxy, ProxyError};
pub use trust::BundleError;
