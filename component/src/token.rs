//! The authorization token: where it comes from, and whether it can be sent (`behaviour.md` §2).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::environment::Environment;
use crate::error::Error;
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

    /// Where that is.
    pub fn origin(&self) -> TokenOrigin {
        match self {
            Self::File(_) => TokenOrigin::File,
            Self::Variable(_) => TokenOrigin::Variable,
            Self::Absent => TokenOrigin::Absent,
        }
    }
}

/// Where the authorization token came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TokenOrigin {
    /// A file.
    File,
    /// The variable.
    Variable,
    /// Nowhere: none was sent.
    #[default]
    Absent,
}

/// An authorization token that can be sent: visible ASCII and spaces, and not only spaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token(Secret);

impl Token {
    /// The token that the variable holds. Fails with [`Error::InvalidToken`].
    pub fn from_variable(value: &Secret) -> Result<Self, Error> {
        Self::check(value.expose().to_owned()).map_err(Error::InvalidToken)
    }

    /// The token in the file at `path`, whose content is given, or why there is none. One newline at
    /// its end is dropped. Fails with [`Error::InvalidTokenFile`].
    pub fn from_file(path: &str, content: Result<Vec<u8>, TokenError>) -> Result<Self, Error> {
        content
            .and_then(Self::parse_file)
            .map_err(|error| Error::InvalidTokenFile {
                path: path.to_owned(),
                error,
            })
    }

    /// The value of the `Authorization` header: the token verbatim, with no `Bearer` before it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn parse_file(mut content: Vec<u8>) -> Result<Self, TokenError> {
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
