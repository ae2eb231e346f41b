//! Reads the aws-config of this process, and the surroundings that its check depends on.

use crate::cli::aws_config::{Presence, Surroundings, credentials_profiles};
use crate::cli::doctor::finding::Finding;
use crate::cli::error::VerbError;
use epicac::file::{self, FileError};
use rustix::fs::{Access, AtFlags, CWD};
use std::env;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Room for more than a thousand profiles.
const MAX_BYTES: usize = 256 << 10;

/// The config file of this process, as an SDK finds it, and whether a variable names it: there may well be none where it
/// is by default.
pub(in crate::cli) fn located() -> Option<(PathBuf, bool)> {
    file("AWS_CONFIG_FILE", ".aws/config")
}

fn file(variable: &str, below_home: &str) -> Option<(PathBuf, bool)> {
    let named = set(variable).map(|path| (path.into(), true));
    named.or_else(|| Some((Path::new(&set("HOME")?).join(below_home), false)))
}

/// What the file at `path` holds.
pub(in crate::cli) fn bytes(path: &Path) -> Result<Vec<u8>, VerbError> {
    let shown = file::shown(path);
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

/// The profile that Python and the AWS CLI take instead, as with them the older name comes first.
pub(in crate::cli) fn profile_of_python() -> Option<Finding> {
    let older = set(OLDER)?;
    match set("AWS_PROFILE") {
        None => Some(Finding::OnlyPython(older)),
        Some(newer) => (newer != older).then_some(Finding::PythonFirst(older)),
    }
}

/// What this process's variables and files say around an aws-config.
pub(in crate::cli) fn surroundings() -> Surroundings {
    let credentials = file("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")
        .and_then(|(path, _)| bytes(&path).ok());
    let credentials = credentials.unwrap_or_default();
    Surroundings {
        profile: ["AWS_PROFILE", OLDER]
            .into_iter()
            .find_map(|variable| Some((variable, set(variable)?))),
        credentials: credentials_profiles(&String::from_utf8_lossy(&credentials)),
        region: set("AWS_REGION").is_some() || set("AWS_DEFAULT_REGION").is_some(),
        endpoint_url: env::vars_os().any(|(name, value)| {
            let name = name.to_string_lossy();
            let is_of_a_store =
                name.starts_with("AWS_ENDPOINT_URL") && name != "AWS_ENDPOINT_URL_STS";
            is_of_a_store && !value.is_empty()
        }),
        look,
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
