//! The token of the callers. The server makes it at start, writes it to a file for them, and compares it in constant
//! time.

use crate::cli::folder::{self, FolderError};
use crate::cli::place::place;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use epicac_component::secret::Secret;
use rustls::crypto::ring::default_provider;
use std::io;
use std::path::Path;
use subtle::ConstantTimeEq as _;

/// The token's random bytes.
const BYTES: usize = 32;

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

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::paths::names;
    use std::fs;
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
