//! `epicac install DIR` copies this program into a folder, and writes an aws-config beside it. It is made for an init
//! container whose image holds only epicac.

mod place;
mod program;

use super::config::generate::{Launch, Roles, RolesError};
use super::run::report;
use super::words::PROGRAM_PATH;
use epicac_component::printable::Line;
use place::{Placed, place};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What follows `epicac install`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The folder; it is made, if the folder that it is in exists
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Write DIR/aws-config, too; so does --profile, --region and --path
    #[arg(long)]
    config: bool,

    #[command(flatten)]
    roles: Roles,
}

/// The names of the files.
const PROGRAM: &str = "epicac";
const CONFIG: &str = "aws-config";

/// Why something is not installed. The old file is still there.
#[derive(Debug)]
pub(super) enum InstallError {
    /// The profiles do not go together.
    Roles(RolesError),
    /// The path of the program cannot stand in an aws-config.
    Path,
    /// This program cannot find its own file.
    Program(io::Error),
    /// The file cannot be put there.
    Place(PathBuf, io::Error),
    /// The answer could not be printed.
    Print(epicac::Error),
}

/// Installs what was asked for, and says of each file whether it was there already.
pub(super) fn run(arguments: &Arguments) -> Result<(), InstallError> {
    let Arguments {
        folder,
        config,
        roles,
    } = arguments;
    // First what can go wrong without a file.
    let text = (*config || roles.are_given())
        .then(|| aws_config(folder, roles))
        .transpose()?;
    let program = program::bytes().map_err(InstallError::Program)?;

    place::folder(folder).map_err(|error| InstallError::Place(folder.clone(), error))?;
    let mut said = put(&folder.join(PROGRAM), &program, 0o755)?;
    if let Some(text) = text {
        said += &put(&folder.join(CONFIG), text.as_bytes(), 0o644)?;
    }
    report(&said).map_err(InstallError::Print)
}

/// An aws-config that names the program where it is installed, or where the application will see it.
fn aws_config(folder: &Path, roles: &Roles) -> Result<String, InstallError> {
    let path = match &roles.path {
        Some(path) => path.clone(),
        None => {
            let path = std::path::absolute(folder.join(PROGRAM)).map_err(InstallError::Program)?;
            let path = path.to_string_lossy();
            PROGRAM_PATH(&path).map_err(|_| InstallError::Path)?
        }
    };
    let launch = Launch::native(Some(&path));
    roles.aws_config(&launch).map_err(InstallError::Roles)
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<String, InstallError> {
    let placed =
        place(path, bytes, mode).map_err(|error| InstallError::Place(path.to_owned(), error))?;
    let path = path.to_string_lossy();
    Ok(match placed {
        Placed::Installed => format!("{}: installed\n", Line(&path)),
        Placed::WasThere => format!("{}: is there already\n", Line(&path)),
    })
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Roles(flaw) => write!(f, "invalid profiles: {flaw}"),
            Self::Path => f.write_str(
                "invalid folder: its path would need quotation marks in an aws-config, which SDKs read in different ways (choose a plain path, or give --path as the application will see it)",
            ),
            Self::Program(error) => write!(
                f,
                "cannot read this program: {error} (run it by its absolute path)"
            ),
            Self::Place(path, error) => write!(
                f,
                "cannot install: {}: {error} ({})",
                Line(&path.to_string_lossy()),
                remedy(error.kind())
            ),
            Self::Print(error) => error.fmt(f),
        }
    }
}

fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::ReadOnlyFilesystem => {
            "mount a volume there that can be written, such as an emptyDir"
        }
        io::ErrorKind::PermissionDenied => {
            "let this user write there: see fsGroup and runAsUser of the pod"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room: epicac has about 4 MB, and while it is replaced it is there twice"
        }
        io::ErrorKind::NotFound => "mount the volume there, or make the folder that it is in",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => "name a folder, not a file",
        io::ErrorKind::IsADirectory | io::ErrorKind::DirectoryNotEmpty => {
            "a folder is in the way: remove it, or choose another one"
        }
        _ => "choose a folder that can be written",
    }
}

/// Errors of each kind, for the test of their sentences.
#[cfg(test)]
pub(super) fn examples() -> Vec<InstallError> {
    let place = |kind: io::ErrorKind| InstallError::Place("a\nb".into(), kind.into());
    vec![
        InstallError::Roles(RolesError::Base),
        InstallError::Path,
        InstallError::Program(io::ErrorKind::NotFound.into()),
        place(io::ErrorKind::ReadOnlyFilesystem),
        place(io::ErrorKind::PermissionDenied),
        place(io::ErrorKind::StorageFull),
        place(io::ErrorKind::NotFound),
        place(io::ErrorKind::NotADirectory),
        place(io::ErrorKind::IsADirectory),
        place(io::ErrorKind::Other),
        InstallError::Print(epicac::Error::Report(io::ErrorKind::BrokenPipe.into())),
    ]
}
