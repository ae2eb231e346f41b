//! The four variables that configure AWS's container credentials.

use alloc::string::String;

use crate::secret::Secret;

/// The path of the endpoint on ECS's fixed address. Wins over [`FULL_URI`].
pub const RELATIVE_URI: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
/// The whole URI of the endpoint: what EKS Pod Identity sets.
pub const FULL_URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
/// The path of the file with the authorization token. Wins over [`TOKEN`].
pub const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// The authorization token itself.
pub const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

/// The values of the four variables. An empty one counts as unset (`behaviour.md` §1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// The value of [`RELATIVE_URI`].
    pub relative_uri: Option<String>,
    /// The value of [`FULL_URI`].
    pub full_uri: Option<String>,
    /// The value of [`TOKEN_FILE`].
    pub token_file: Option<String>,
    /// The value of [`TOKEN`].
    pub token: Option<Secret>,
}

impl Environment {
    /// Picks the four variables out of `variables` and drops all others. If a name comes twice, the first one counts, as
    /// for getenv(3).
    pub fn from_variables<N: AsRef<str>>(variables: impl IntoIterator<Item = (N, String)>) -> Self {
        let (mut relative_uri, mut full_uri, mut token_file, mut token) = (None, None, None, None);
        for (name, value) in variables {
            let slot = match name.as_ref() {
                RELATIVE_URI => &mut relative_uri,
                FULL_URI => &mut full_uri,
                TOKEN_FILE => &mut token_file,
                TOKEN => &mut token,
                _ => continue,
            };
            slot.get_or_insert(value);
        }
        let set = |value: &String| !value.is_empty();
        Self {
            relative_uri: relative_uri.filter(set),
            full_uri: full_uri.filter(set),
            token_file: token_file.filter(set),
            token: token.filter(set).map(Secret::new),
        }
    }
}
