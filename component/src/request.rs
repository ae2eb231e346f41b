//! What is sent: a GET with three header fields at most (`behaviour.md` §3).

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn the_token_goes_out_verbatim() {
        let token = Token::from_variable(&Secret::new("Bearer a.b.c ")).unwrap();
        let sent = headers(Some(&token));
        assert_eq!(
            sent.last(),
            Some(&("authorization".into(), b"Bearer a.b.c ".to_vec()))
        );
    }

    #[test]
    fn without_a_token_there_is_no_authorization() {
        let names: Vec<_> = headers(None).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["accept", "user-agent"]);
    }

    #[test]
    fn the_user_agent_is_name_and_version() {
        assert!(USER_AGENT.starts_with("epicac/") && USER_AGENT.contains('.'));
    }
}
