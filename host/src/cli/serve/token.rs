//! The token of the callers. The server makes it at start, and writes it to a file for them, or takes the one that the
//! file has. It compares it in constant time.

use crate::cli::folder::{self, FolderError};
use crate::cli::place::place;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epicac::file;
use epicac_component::Token;
use epicac_component::limits::TOKEN_FILE_BYTES;
use epicac_component::secret::Secret;
use rustls::crypto::ring::default_provider;
use std::fs;
use std::io::{self, Read as _};
use std::ops::RangeInclusive;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use subtle::ConstantTimeEq as _;

/// The random bytes of a new token, and how many characters another one may have. A longer one leaves too little of the
/// head of a request to the rest of it.
const BYTES: usize = 32;
const CHARACTERS: RangeInclusive<usize> = 32..=4096;

/// What a caller has to send as `Authorization`. The AWS SDKs send the content of
/// `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` as it is, without `Bearer`.
pub(super) struct CallerToken(Secret);

impl CallerToken {
    /// A new one.
    pub(super) fn new() -> io::Result<Self> {
        let mut bytes = [0; BYTES];
        let filled = default_provider().secure_random.fill(&mut bytes);
        filled.map_err(|_| io::Error::other("the system gives no random numbers"))?;
        Ok(Self(Secret::new(URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The token that the file has. As with a new one, nobody else may control the folder or change the file, and nobody
    /// but this user, or also the members of its group, may read it.
    ///
    /// Fails with the reason for people.
    pub(super) fn existing(path: &Path, group: bool) -> Result<Self, String> {
        folder::check_of(path).map_err(|error| error.to_string())?;
        let file = file::open(path).map_err(|error| error.to_string())?;
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        if ![0, rustix::process::geteuid().as_raw()].contains(&metadata.uid()) {
            return Err(format!("it belongs to the user {}", metadata.uid()));
        }
        let others = if group { 0o037 } else { 0o077 };
        if metadata.mode() & others != 0 {
            let mode = metadata.mode() & 0o7777;
            return Err(format!("others may use it: its mode is {mode:04o}"));
        }
        let mut content = Vec::new();
        let read = file
            .take(TOKEN_FILE_BYTES as u64 + 1)
            .read_to_end(&mut content);
        read.map_err(|error| error.to_string())?;
        let token = Token::from_file(content).map_err(|error| error.to_string())?;
        match token.expose() {
            token if token.len() < *CHARACTERS.start() => {
                Err("it has too few characters".to_owned())
            }
            token if token.len() > *CHARACTERS.end() => {
                Err("it has too many characters".to_owned())
            }
            // HTTP takes no space at the end of a field's value as a part of it.
            token if token.trim_ascii() != token => {
                Err("it begins or ends with a space".to_owned())
            }
            token => Ok(Self(Secret::new(token))),
        }
    }

    /// Whether this is what a caller sent.
    pub(super) fn is(&self, sent: &[u8]) -> bool {
        self.0.expose().as_bytes().ct_eq(sent).into()
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Writes it to a file that takes its place in one step. This user alone can read it, or also the members of the
    /// group that the folder gives to the file. Nobody else may control the folder.
    pub(super) fn write(&self, path: &Path, group: bool) -> Result<(), FolderError> {
        let mode = if group { 0o640 } else { 0o600 };
        folder::check_of(path)?;
        Ok(place(path, self.expose().as_bytes(), mode).map(drop)?)
    }
}

/// Whether two paths lead to one file, or to the place of one that is not there yet.
pub(super) fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).ok().map(|it| (it.dev(), it.ino()));
    let folder = |path: &Path| {
        let absolute = std::path::absolute(path).ok();
        absolute.and_then(|path| identity(path.parent()?))
    };
    match (identity(one), identity(other)) {
        (None, None) => {
            let name = one.file_name();
            name.is_some() && name == other.file_name() && folder(one) == folder(other)
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::paths::names;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = CallerToken::new().unwrap();
        let sent = token.expose().as_bytes();
        assert_eq!(sent.len(), 43);
        assert!(token.is(sent));
        assert!(!token.is(&sent[1..]) && !token.is(b"") && !token.is(&[sent, b" "].concat()));
        assert!(!CallerToken::new().unwrap().is(sent));
    }

    #[test]
    fn the_file_is_this_users_or_its_groups_and_replaces_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        for (group, mode) in [(false, 0o600), (true, 0o640)] {
            let token = CallerToken::new().unwrap();
            token.write(&path, group).unwrap();
            let metadata = fs::metadata(&path).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o7777, mode);
            assert!(token.is(&fs::read(&path).unwrap()));
        }
        assert_eq!(names(folder.path()), ["token"]);
    }

    #[test]
    fn what_cannot_be_written_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::create_dir(&path).unwrap();
        assert!(CallerToken::new().unwrap().write(&path, false).is_err());
        assert_eq!(names(folder.path()), ["token"]);
    }
}
