//! `epicac install DIR` copies this program into a folder, and writes an aws-config beside it. It is made for an init
//! container whose image holds only epicac.

use super::config::generate::Roles;
use super::error::VerbError;
use super::folder::{self, FolderError};
use super::place::place;
use super::words::program_path;
use epicac::file::{self, FileError};
use epicac_component::Message;
use std::env;
use std::io::{self, ErrorKind};
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

/// No build of this program is larger.
const MAX_BYTES: usize = 512 << 20;

/// Installs the files, and says of each whether it was there already.
pub(super) fn run(arguments: Arguments) -> Result<String, Message> {
    let Arguments {
        folder,
        config,
        mut roles,
    } = arguments;
    // What can fail before a file is touched comes first.
    let text = if config || roles.are_given() {
        if roles.path.is_none() {
            roles.path = Some(installed(&folder)?);
        }
        Some(roles.aws_config(false)?)
    } else {
        None
    };
    let program = program().map_err(|error| VerbError::NoProgram(error.to_string()))?;

    folder::make(&folder).map_err(|error| match error {
        FolderError::Io(error) => not_placed(&folder, &error),
        error => VerbError::Untrusted(file::shown(&folder), error.to_string()),
    })?;
    let mut answer = put(&folder.join(PROGRAM), &program, 0o755)?;
    if let Some(text) = text {
        answer += &put(&folder.join(CONFIG), text.as_bytes(), 0o644)?;
    }
    Ok(answer)
}

/// The path of the program in this folder, as it is written into an aws-config.
fn installed(folder: &Path) -> Result<String, VerbError> {
    let path =
        std::path::absolute(folder.join(PROGRAM)).map_err(|error| not_placed(folder, &error))?;
    program_path(&path.to_string_lossy()).map_err(|_| VerbError::OddPath)
}

fn put(path: &Path, bytes: &[u8], mode: u32) -> Result<String, VerbError> {
    let placed = place(path, bytes, mode);
    let outcome = match placed.map_err(|error| not_placed(path, &error))? {
        true => "installed",
        false => "is there already",
    };
    Ok(format!("{}: {outcome}\n", file::shown(path)))
}

/// The error of a file that was not written. An older file stays.
fn not_placed(path: &Path, error: &io::Error) -> VerbError {
    let path = file::shown(path);
    match error.kind() {
        ErrorKind::ReadOnlyFilesystem => VerbError::ReadOnly(path),
        ErrorKind::PermissionDenied => VerbError::Denied(path),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            VerbError::Full(path)
        }
        ErrorKind::NotFound => VerbError::NoFolder(path),
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => VerbError::FileInTheWay(path),
        ErrorKind::IsADirectory | ErrorKind::DirectoryNotEmpty => VerbError::FolderInTheWay(path),
        _ => VerbError::NotWritten(path, error.to_string()),
    }
}

/// The content of the program's file. The kernel names the file, even if it was renamed. Without /proc, the path by
/// which the program was called names it.
fn program() -> io::Result<Vec<u8>> {
    match read(Path::new("/proc/self/exe")) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let bytes = read(Path::new(&env::args_os().next().unwrap_or_default()))?;
            // A caller can start a program under any name. Only a file with the same component is this program.
            let digest = epicac::WASM_SHA256.as_bytes();
            let is_this = bytes.windows(digest.len()).any(|window| window == digest);
            is_this.then_some(bytes).ok_or(error)
        }
        read => read,
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    match file::read(path, MAX_BYTES) {
        Ok(bytes) => Ok(bytes),
        Err(FileError::Io(error)) => Err(io::Error::new(error.kind(), error)),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}
