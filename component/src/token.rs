//! The authorization token: where it comes from, and whether it can be sent (`behaviour.md` §2).

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::environment::{Environment, TOKEN};
use crate::limits;
use crate::message::Failure;
use crate::printable::Line;
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

/// Why a text, or what a file holds, is no token that can be sent; and why a file cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum TokenError {
    #[error("holds no token")]
    Empty,
    #[error("holds a line break, a control character or one beyond ASCII")]
    Character,
    #[error("holds more than 65,536 bytes")]
    TooLarge,
    #[error("the runtime grants no folder that holds it")]
    NotGranted,
    #[error("no such file")]
    Missing,
    #[error("permission denied")]
    Denied,
    /// Runtimes do not tell the two apart.
    #[error("permission denied, or a link that leads out of what is granted")]
    DeniedOrOutside,
    #[error("it is a directory")]
    IsDirectory,
    #[error("a part of the path is not a directory")]
    NotDirectory,
    #[error("its links lead in a circle")]
    Loop,
    /// Any other failure of the file system.
    #[error("it cannot be read")]
    Unreadable,
}

/// Why the source of the token gives none that can be sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum TokenSourceError {
    #[error("{} {}", TOKEN, .0)]
    Variable(TokenError),
    /// The path is that of the environment.
    #[error("{}: {error}", Line(.path))]
    File { path: String, error: TokenError },
}

impl Failure for TokenSourceError {
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Variable(_) => "invalid authorization token",
            Self::File { .. } => "invalid authorization token file",
        })
    }

    fn remedy(&self) -> Cow<'static, str> {
        use TokenError::{Character, Empty, NotGranted, TooLarge};
        Cow::Borrowed(match self {
            Self::Variable(_) => "set it to the token alone, on one line",
            Self::File { error, .. } => match error {
                NotGranted => "does it exist, and is it granted, as with wasmtime's --dir?",
                Empty | Character | TooLarge => "it has to hold the token alone, on one line",
                _ => "is the token's volume mounted there, and readable for this user?",
            },
        })
    }
}
