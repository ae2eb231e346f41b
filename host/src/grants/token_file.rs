//! The one file that the component may read: a wasi:filesystem of one folder that holds one name.
//!
//! A preopened folder of wasmtime-wasi would let the guest list the folder and read the token's
//! neighbours. Here the guest can open only this one name, and only to read (`Descriptor::open_at`). The
//! world has no function that lists a folder or writes a file.
//!
//! The system call itself is in `file.rs`.

use crate::denial::DeniedError;
use crate::file::{self, FileError};
use epicac_component::token::{Token, TokenError, TokenSourceError};
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use std::fs::File;
use std::path::{Component, Path, PathBuf};
use wasmtime_wasi::p2::bindings::filesystem::types::{DescriptorFlags, ErrorCode, OpenFlags};

/// The granted file, by the path that the environment names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFile {
    folder: String,
    name: PathBuf,
    path: PathBuf,
}

impl TokenFile {
    /// Grants the file at `path`, absolute or relative to the working directory.
    ///
    /// The operating system opens the file each time that the guest opens it. So symbolic links are followed wherever they
    /// lead, and a rotated token is seen (`behaviour.md` §2).
    pub fn new(path: &str) -> Self {
        let trimmed = path.trim_end_matches('/');
        let (folder, name) = match trimmed.rsplit_once('/') {
            Some(("", name)) => ("/", name),
            Some((folder, name)) => (folder, name),
            None if path.starts_with('/') => ("/", trimmed),
            None => (".", trimmed),
        };
        Self {
            folder: folder.to_owned(),
            name: name.into(),
            path: path.into(),
        }
    }

    /// The path of the folder, as the guest knows it.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// The token that the component would send now: the content of the file, by the component's rules.
    ///
    /// # Errors
    ///
    /// [`epicac_component::Error::Token`], with the reason.
    pub fn token(&self) -> Result<Token, epicac_component::Error> {
        let content = open(&self.path).and_then(|file| {
            let file = Descriptor::File(file);
            let (mut bytes, _) = file.read(READ_BYTES, 0)?;
            // One byte more shows that a file is too large.
            bytes.extend(file.read(1, READ_BYTES)?.0);
            Ok(bytes)
        });
        let token = content.map_err(error).and_then(Token::from_file);
        let of_file = |error| TokenSourceError::File {
            path: self.path.to_string_lossy().into_owned(),
            error,
        };
        token.map_err(|error| of_file(error).into())
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A file or folder that the guest has open.
pub(crate) enum Descriptor {
    /// The granted folder, in which one name exists.
    Folder(TokenFile),
    /// The granted file.
    File(File),
}

/// The most that one read gives, whatever the guest asks for.
const READ_BYTES: u64 = 64 << 10;

impl Descriptor {
    /// Opens `path` below this folder. Everything but reading the granted file is denied.
    pub(crate) fn open_at(
        &self,
        path: &str,
        open_flags: OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<Result<Self, ErrorCode>, DeniedError> {
        let Self::Folder(granted) = self else {
            return Ok(Err(ErrorCode::NotDirectory));
        };
        let to_read = open_flags == OpenFlags::empty() && flags == DescriptorFlags::READ;
        if !to_read || !steps(Path::new(path)).eq(steps(&granted.name)) {
            return Err(DeniedError::File);
        }
        Ok(open(&granted.path).map(Self::File))
    }

    /// Up to `length` bytes from `offset`, and whether they are the last.
    pub(crate) fn read(&self, length: u64, offset: u64) -> Result<(Vec<u8>, bool), ErrorCode> {
        let Self::File(file) = self else {
            return Err(ErrorCode::IsDirectory);
        };
        let length = usize::try_from(length.min(READ_BYTES)).map_err(|_| ErrorCode::Overflow)?;
        let mut bytes = Vec::with_capacity(length);
        let read = rustix::io::pread(file, spare_capacity(&mut bytes), offset)
            .map_err(|errno| code(&errno.into()))?;
        Ok((bytes, read == 0 && length != 0))
    }
}

/// The names that a path goes through.
fn steps(path: &Path) -> impl Iterator<Item = Component<'_>> {
    path.components().filter(|step| *step != Component::CurDir)
}

/// Opens the token, if it is a regular file.
fn open(path: &Path) -> Result<File, ErrorCode> {
    // Behind the wall, the folder above the granted one cannot be opened.
    if path.file_name().is_none() {
        return Err(ErrorCode::IsDirectory);
    }
    file::open(path).map_err(|error| match error {
        FileError::Io(error) => code(&error),
        FileError::Directory => ErrorCode::IsDirectory,
        // The error of reading a pipe at an offset.
        FileError::NotRegular => ErrorCode::InvalidSeek,
    })
}

fn code(error: &std::io::Error) -> ErrorCode {
    match Errno::from_io_error(error) {
        Some(Errno::NOENT) => ErrorCode::NoEntry,
        Some(Errno::ACCESS) => ErrorCode::Access,
        Some(Errno::PERM) => ErrorCode::NotPermitted,
        Some(Errno::NOTDIR) => ErrorCode::NotDirectory,
        Some(Errno::ISDIR) => ErrorCode::IsDirectory,
        Some(Errno::LOOP) => ErrorCode::Loop,
        Some(Errno::NAMETOOLONG) => ErrorCode::NameTooLong,
        _ => ErrorCode::Io,
    }
}

/// The error of the component for the same code.
fn error(code: ErrorCode) -> TokenError {
    match code {
        ErrorCode::NoEntry => TokenError::Missing,
        ErrorCode::Access | ErrorCode::NotPermitted => TokenError::Denied,
        ErrorCode::IsDirectory => TokenError::IsDirectory,
        ErrorCode::NotDirectory => TokenError::NotDirectory,
        ErrorCode::Loop => TokenError::Loop,
        _ => TokenError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::rows;

    fn folder(path: &str) -> Descriptor {
        Descriptor::Folder(TokenFile::new(path))
    }

    fn open_read(
        folder: &Descriptor,
        path: &str,
    ) -> Result<Result<Descriptor, ErrorCode>, DeniedError> {
        folder.open_at(path, OpenFlags::empty(), DescriptorFlags::READ)
    }

    /// Asserts the outcome of opening each path of the table below the folder of the granted file.
    #[track_caller]
    fn opens(granted: &str, table: &str) {
        for [path, expected] in rows(table) {
            let answer = match open_read(&folder(granted), path) {
                Ok(Ok(_)) => "opened",
                Ok(Err(code)) => code.name(),
                Err(_) => "denied",
            };
            assert_eq!(answer, expected, "{path}");
        }
    }

    #[test]
    fn a_path_is_split_into_folder_and_name() {
        for [path, folder] in rows(
            "
            /var/run/secrets/token | /var/run/secrets
            /token                 | /
            /                      | /
            token                  | .
            here/token             | here
            /var/run/              | /var",
        ) {
            assert_eq!(TokenFile::new(path).folder(), folder, "{path}");
        }
    }

    #[test]
    fn only_the_one_name_can_be_opened() {
        opens(
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
            "
            Cargo.toml    | opened
            ./Cargo.toml  | opened
            build.rs      | denied
            ..            | denied
            ../Cargo.toml | denied
            src/lib.rs    | denied
            .             | denied
                          | denied
            /etc/passwd   | denied
            Cargo.toml/.. | denied",
        );
    }

    #[test]
    fn nothing_is_created_or_written() {
        let granted = folder("/nowhere/token");
        for flags in [
            DescriptorFlags::WRITE,
            DescriptorFlags::READ | DescriptorFlags::WRITE,
            DescriptorFlags::empty(),
        ] {
            let opened = granted.open_at("token", OpenFlags::empty(), flags);
            assert!(matches!(opened, Err(DeniedError::File)), "{flags:?}");
        }
        let created = granted.open_at("token", OpenFlags::CREATE, DescriptorFlags::READ);
        assert!(matches!(created, Err(DeniedError::File)));
    }

    #[test]
    fn what_is_no_regular_file_is_refused_without_waiting() {
        opens("/dev/zero", "zero | invalid-seek");
        opens("/dev", "dev | is-directory");
        opens("/nowhere/x", "x | no-entry");
    }

    #[test]
    fn the_token_is_what_the_component_would_send() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        let token = |content: &str| {
            std::fs::write(path, content).unwrap();
            let token = TokenFile::new(path).token();
            token.map(|token| token.expose().to_owned())
        };
        assert_eq!(token("a-token\n").as_deref(), Ok("a-token"));
        let largest = "t".repeat(64 << 10);
        assert_eq!(token(&largest).as_deref(), Ok(&*largest));
        for (content, reason) in [
            ("", TokenError::Empty),
            ("a\tb", TokenError::Character),
            (&format!("{largest}t"), TokenError::TooLarge),
        ] {
            let error = token(content).unwrap_err().to_string();
            assert!(error.contains(&reason.to_string()), "{error}");
        }
        for (path, reason) in [
            ("/nowhere/token", TokenError::Missing),
            ("/dev", TokenError::IsDirectory),
            ("/dev/null/token", TokenError::NotDirectory),
            ("/dev/zero", TokenError::Unreadable),
        ] {
            let error = TokenFile::new(path).token().unwrap_err().to_string();
            assert!(error.contains(&reason.to_string()), "{error}");
        }
    }

    #[test]
    fn a_file_is_read_to_its_end() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/build.rs");
        let file = open_read(&folder(path), "build.rs").unwrap().unwrap();
        let (bytes, end) = file.read(1 << 40, 0).unwrap();
        assert_eq!(bytes, std::fs::read(path).unwrap());
        assert!(!end);
        let after = file.read(16, bytes.len() as u64).unwrap();
        assert_eq!(after, (Vec::new(), true));
    }
}
