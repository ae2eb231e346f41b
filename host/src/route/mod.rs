//! The way to a server. AWS STS, and an https endpoint that a policy file grants, may be on another node. Only these two
//! use TLS and name resolution, and only STS uses a proxy. The http endpoint needs only its address (`name::literal`) and
//! a TCP connection (`connect`).
//!
//! | step | where |
//! |---|---|
//! | whether a proxy is used, and which | `proxy` |
//! | whom TLS trusts | `trust` |
//! | the addresses, before the second wall stands | `name` |
//! | the connection: TCP, perhaps through the proxy, and TLS | `connection`, `connect`, `tunnel` |
//! | why there is none | `error` |

pub(crate) mod connect;
pub(crate) mod connection;
mod error;
pub(crate) mod name;
pub(crate) mod proxy;
pub(crate) mod trust;
mod tunnel;

pub use error::{BundleError, ProxyError, RouteError};
pub use proxy::Proxy;
