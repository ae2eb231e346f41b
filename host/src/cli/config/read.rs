//! Reads the aws-config of this process, and the surroundings that its check depends on.

use crate::cli::aws_config::{Presence, Surroundings, credentials_profiles};
use crate::cli::sentences::VerbError;
use epicac::file::{self, FileError};
use rustix::fs::{Access, AtFlags, CWD};
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Room for more than a thousand profiles.
const MAX_BYTES: usize = 256 << 10;

/// An aws-config, and who says that it is there.
pub(in crate::cli) struct Source {
    pub(in crate::cli) path: PathBuf,
    /// Whether a variable names it; there may well be none where it is by default.
    pub(in crate::cli) is_named: bool,
}

/// The config file of this process, as an SDK finds it.
pub(in crate::cli) fn located() -> Option<Source> {
    file("AWS_CONFIG_FILE", ".aws/config")
}

fn file(variable: &str, below_home: &str) -> Option<Source> {
    let source = |path, is_named| Source { path, is_named };
    let named = set(variable).map(|path| source(path.into(), true));
    let home = || Some(source(Path::new(&set("HOME")?).join(below_home), false));
    named.or_else(home)
}

/// What the file at `path` holds.
pub(in crate::cli) fn bytes(path: &Path) -> Result<Vec<u8>, VerbError> {
    let shown = path.to_string_lossy().into_owned();
    match file::read(path, MAX_BYTES) {
        Ok(bytes) if bytes.len() <= MAX_BYTES => Ok(bytes),
        Ok(_) => Err(VerbError::TooLarge(shown)),
        Err(FileError::Io(error)) if error.kind() == ErrorKind::NotFound => {
            Err(VerbError::NoFile(shown))
        }
        Err(FileError::Directory) => Err(VerbError::Folder(shown)),
        Err(error) => Err(VerbError::Unreadable(shown, error.to_string())),
    }
}

/// Python's older name of `AWS_PROFILE`, which Go knows, too.
const OLDER: &str = "AWS_DEFAULT_PROFILE";

/// The profile that Python and the AWS CLI take instead, as with them the older name comes first; and whether it is
/// the only one that is named.
pub(in crate::cli) fn profile_of_python() -> Option<(String, bool)> {
    let newer = set("AWS_PROFILE");
    let older = set(OLDER).filter(|older| newer.as_ref() != Some(older))?;
    Some((older, newer.is_none()))
}

/// What this process's variables and files say around an aws-config.
pub(in crate::cli) fn surroundings() -> Surroundings<'static> {
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")
        .and_then(|source| bytes(&source.path).ok());
    let credentials = credentials.unwrap_or_default();
    Surroundings {
        profile: set("AWS_PROFILE").or_else(|| set(OLDER)),
        credentials: credentials_profiles(&String::from_utf8_lossy(&credentials)),
        region: set("AWS_REGION").is_some() || set("AWS_DEFAULT_REGION").is_some(),
        look: &look,
    }
}

/// The value of a variable, unless it is empty.
fn set(name: &str) -> Option<String> {
    let value = env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

/// Looks for a program as a shell does.
fn look(program: &str) -> Presence {
    if program.contains('/') {
        return presence(Path::new(program));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| presence(&folder.join(program)));
    found.max().unwrap_or(Presence::Missing)
}

fn presence(path: &Path) -> Presence {
    let is_executable =
        || rustix::fs::accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS).is_ok();
    match path.metadata() {
        Err(_) => Presence::Missing,
        Ok(metadata) if metadata.is_file() && is_executable() => Presence::Program,
        Ok(_) => Presence::NotExecutable,
    }
}
