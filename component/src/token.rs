//! The authorization token: where it comes from, and whether it can be sent (`behaviour.md` §2).

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::environment::{Environment, TOKEN};
use crate::error::Error;
use crate::limits;
use crate::secret::Secret;
use crate::words;

/// Where the authorization token comes from. The file wins over the variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// The file of this path. It is read for each attempt anew: tokens rotate.
    File(String),
    /// The value of `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
    Variable(Secret),
    /// Nowhere: the request carries no `Authorization` header.
    Absent,
}

impl TokenSource {
    /// The source that the environment names.
    pub fn from_environment(environment: &Environment) -> Self {
        match (&environment.token_file, &environment.token) {
            (Some(path), _) => Self::File(path.clone()),
            (None, Some(token)) => Self::Variable(token.clone()),
            (None, None) => Self::Absent,
        }
    }
}

/// An authorization token that can be sent: visible ASCII and spaces, and not only spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(Secret);

impl Token {
    /// The token that the variable holds. Fails with [`Error::InvalidToken`].
    pub fn from_variable(value: &Secret) -> Result<Self, Error> {
        Self::check(value.expose().to_owned()).map_err(|flaw| Error::InvalidToken {
            name: TOKEN.to_owned(),
            reason: flaw.to_string(),
        })
    }

    /// The token in the file at `path`, whose content is given, or why there is none. One newline at
    /// its end is dropped. Fails with [`Error::InvalidTokenFile`].
    pub fn from_file(path: &str, content: Result<Vec<u8>, TokenFlaw>) -> Result<Self, Error> {
        content
            .and_then(Self::parse_file)
            .map_err(|flaw| Error::InvalidTokenFile {
                path: path.to_owned(),
                reason: flaw.to_string(),
            })
    }

    /// The value of the `Authorization` header: the token verbatim, with no `Bearer` before it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn parse_file(mut content: Vec<u8>) -> Result<Self, TokenFlaw> {
        if content.len() > limits::TOKEN_FILE_BYTES {
            return Err(TokenFlaw::TooLarge);
        }
        if content.last() == Some(&b'\n') {
            content.pop();
        }
        // What is no text has bytes beyond ASCII.
        let text = String::from_utf8(content).map_err(|_| TokenFlaw::Character)?;
        Self::check(text)
    }

    fn check(text: String) -> Result<Self, TokenFlaw> {
        let control = words::position_of_control_or([0x7f; 2], text.as_bytes());
        if control.is_some() || !text.is_ascii() {
            Err(TokenFlaw::Character)
        } else if text.len() > limits::TOKEN_FILE_BYTES {
            Err(TokenFlaw::TooLarge)
        } else if text.trim_ascii().is_empty() {
            Err(TokenFlaw::Empty)
        } else {
            Ok(Self(Secret::new(text)))
        }
    }
}

/// Why there is no token that can be sent. Displays as the reason for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenFlaw {
    /// Nothing but spaces.
    Empty,
    /// A control character, or one beyond ASCII.
    Character,
    /// A file of more than [`limits::TOKEN_FILE_BYTES`].
    TooLarge,
    /// No folder that holds the file is granted to the component.
    NotGranted,
    /// No such file.
    Missing,
    /// The file must not be read.
    Denied,
    /// The file must not be read, or a link leads out of the granted folder: runtimes do not tell.
    DeniedOrOutside,
    /// A folder, not a file.
    IsDirectory,
    /// A part of the path that should be a folder is none.
    NotDirectory,
    /// Links that lead in a circle.
    Loop,
    /// Any other failure of the file system.
    Unreadable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::TOKEN_FILE;
    use proptest::prelude::*;

    fn from_file(content: &[u8]) -> Result<String, TokenFlaw> {
        Token::parse_file(content.to_vec()).map(|token| token.expose().to_owned())
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
            ("jwt\n\n", Err(TokenFlaw::Character)),
            ("jwt\r\n", Err(TokenFlaw::Character)),
            ("\njwt", Err(TokenFlaw::Character)),
            ("a\tb", Err(TokenFlaw::Character)),
            ("a\0b", Err(TokenFlaw::Character)),
            ("a\x7fb", Err(TokenFlaw::Character)),
            ("jeton\u{e9}", Err(TokenFlaw::Character)),
            ("", Err(TokenFlaw::Empty)),
            ("\n", Err(TokenFlaw::Empty)),
            ("  \n", Err(TokenFlaw::Empty)),
        ] {
            assert_eq!(
                from_file(content.as_bytes()),
                expected.map(str::to_owned),
                "{content:?}"
            );
        }
        assert_eq!(from_file(b"\xff\xfe"), Err(TokenFlaw::Character));
    }

    #[test]
    fn a_file_above_64_kib_fails() {
        assert!(from_file(&[b'a'; limits::TOKEN_FILE_BYTES]).is_ok());
        assert_eq!(
            from_file(&[b'a'; limits::TOKEN_FILE_BYTES + 1]),
            Err(TokenFlaw::TooLarge)
        );
    }

    #[test]
    fn no_newline_of_the_variable_is_dropped() {
        assert!(Token::from_variable(&Secret::new("jwt")).is_ok());
        for bad in ["jwt\n", "a\rb", " ", "\u{2028}"] {
            let error = Token::from_variable(&Secret::new(bad)).unwrap_err();
            assert!(
                matches!(&error, Error::InvalidToken { name, .. } if name == TOKEN),
                "{error}"
            );
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        for flaw in [
            TokenFlaw::Missing,
            TokenFlaw::IsDirectory,
            TokenFlaw::NotGranted,
        ] {
            let error = Token::from_file("/var/token", Err(flaw)).unwrap_err();
            assert!(error.to_string().contains("/var/token"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_can_be_sent_and_what_fails_is_not_shown(
            content in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            match Token::from_file("/t", Ok(content.clone())) {
                Ok(token) => {
                    prop_assert!(token.expose().bytes().all(|b| (0x20..0x7f).contains(&b)));
                    prop_assert!(content.starts_with(token.expose().as_bytes()));
                    prop_assert_eq!(format!("{:?}", token), "Token([redacted])");
                }
                Err(error) => {
                    // The message depends on the flaw alone, so it cannot hold the content.
                    let of = |flaw| Token::from_file("/t", Err(flaw)).unwrap_err();
                    prop_assert!(error == of(TokenFlaw::Empty) || error == of(TokenFlaw::Character));
                }
            }
        }
    }
}
