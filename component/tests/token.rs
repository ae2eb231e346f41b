//! Which tokens can be sent, and where they come from: `behaviour.md` §2.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::environment::{TOKEN, TOKEN_FILE};
use epicac_component::limits;
use epicac_component::token::TokenError;
use epicac_component::{Environment, Secret, Token, TokenSource};
use proptest::prelude::*;

fn from_file(content: &[u8]) -> Result<String, TokenError> {
    Token::from_file(content.to_vec()).map(|token| token.expose().to_owned())
}

#[test]
fn the_file_wins_over_the_variable() {
    let source = |variables: &[(&str, &str)]| {
        TokenSource::from_environment(&Environment::from_variables(
            variables.iter().map(|&(n, v)| (n, v.to_owned())),
        ))
    };
    let file = TokenSource::File("/token".into());
    let variable = TokenSource::Variable(Secret::new("jwt"));
    assert_eq!(source(&[(TOKEN, "jwt"), (TOKEN_FILE, "/token")]), file);
    assert_eq!(source(&[(TOKEN, "jwt"), (TOKEN_FILE, "")]), variable);
    assert_eq!(source(&[]), TokenSource::Absent);
}

#[test]
fn one_trailing_newline_of_the_file_is_dropped() {
    for (content, expected) in [
        ("jwt", Ok("jwt")),
        ("jwt\n", Ok("jwt")),
        ("Bearer a.b-c_d=", Ok("Bearer a.b-c_d=")),
        (" jwt ", Ok(" jwt ")),
        ("jwt\n\n", Err(TokenError::Character)),
        ("jwt\r\n", Err(TokenError::Character)),
        ("\njwt", Err(TokenError::Character)),
        ("a\tb", Err(TokenError::Character)),
        ("a\0b", Err(TokenError::Character)),
        ("a\x7fb", Err(TokenError::Character)),
        ("jeton\u{e9}", Err(TokenError::Character)),
        ("", Err(TokenError::Empty)),
        ("\n", Err(TokenError::Empty)),
        ("  \n", Err(TokenError::Empty)),
    ] {
        assert_eq!(
            from_file(content.as_bytes()),
            expected.map(str::to_owned),
            "{content:?}"
        );
    }
    assert_eq!(from_file(b"\xff\xfe"), Err(TokenError::Character));
}

#[test]
fn a_file_above_64_kib_fails() {
    assert!(from_file(&[b'a'; limits::TOKEN_FILE_BYTES]).is_ok());
    assert_eq!(
        from_file(&[b'a'; limits::TOKEN_FILE_BYTES + 1]),
        Err(TokenError::TooLarge)
    );
}

#[test]
fn no_newline_of_the_variable_is_dropped() {
    assert!(Token::from_variable(&Secret::new("jwt")).is_ok());
    for bad in ["jwt\n", "a\rb", " ", "\u{2028}"] {
        assert!(Token::from_variable(&Secret::new(bad)).is_err(), "{bad:?}");
    }
}

proptest! {
    #[test]
    fn what_passes_can_be_sent_and_what_fails_is_not_shown(
        content in proptest::collection::vec(any::<u8>(), 0..64),
    ) {
        match Token::from_file(content.clone()) {
            Ok(token) => {
                prop_assert!(token.expose().bytes().all(|b| (0x20..0x7f).contains(&b)));
                prop_assert!(content.starts_with(token.expose().as_bytes()));
                prop_assert_eq!(format!("{:?}", token), "Token([redacted])");
            }
            Err(error) => {
                // The message depends on the error alone, so it cannot hold the content.
                prop_assert!(matches!(error, TokenError::Empty | TokenError::Character));
            }
        }
    }
}
