//! The request: a GET with at most three header fields (`behaviour.md` §3).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::token::Token;

/// Name and version, for the endpoint's logs.
pub const USER_AGENT: &str = concat!("epicac/", env!("CARGO_PKG_VERSION"));

/// The header fields of the request; the runtime adds `Host`.
pub fn headers(token: Option<&Token>) -> Vec<(String, Vec<u8>)> {
    let mut headers = vec![
        ("accept".to_owned(), b"application/json".to_vec()),
        ("user-agent".to_owned(), USER_AGENT.as_bytes().to_vec()),
    ];
    if let Some(token) = token {
        headers.push((
            "authorization".to_owned(),
            token.expose().as_bytes().to_vec(),
        ));
    }
    headers
}
