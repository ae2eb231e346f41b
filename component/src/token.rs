//! The authorization token: where it comes from, and whether it can be sent (`behaviour.md` §2).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::environment::Environment;
use crate::limits;
use crate::secret::Secret;

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
    /// The token that the variable holds.
    pub fn from_variable(value: &Secret) -> Result<Self, TokenError> {
        Self::check(value.expose().to_owned())
    }

    /// The token that a file of this content holds. One newline at its end is dropped.
    pub fn from_file(mut content: Vec<u8>) -> Result<Self, TokenError> {
        if content.len() > limits::TOKEN_FILE_BYTES {
            return Err(TokenError::TooLarge);
        }
        if content.last() == Some(&b'\n') {
            content.pop();
        }
        // Bytes that are not UTF-8 are not ASCII either.
        let text = String::from_utf8(content).map_err(|_| TokenError::Character)?;
        Self::check(text)
    }

    /// The value of the `Authorization` header: the token verbatim, with no `Bearer` before it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn check(text: String) -> Result<Self, TokenError> {
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            Err(TokenError::Character)
        } else if text.len() > limits::TOKEN_FILE_BYTES {
            Err(TokenError::TooLarge)
        } else if text.trim_ascii().is_empty() {
            Err(TokenError::Empty)
        } else {
            Ok(Self(Secret::new(text)))
        }
    }
}

/// Why there is no token that can be sent. Displays as the reason for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
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
    /// A part of the path should be a folder, but is not.
    NotDirectory,
    /// Links that lead in a circle.
    Loop,
    /// Any other failure of the file system.
    Unreadable,
}
