//! Reads the regular files that users name. Opening never waits, and reading stops at a limit.

use epicac_component::printable::Line;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

/// Opens the regular file at `path` to read. A FIFO does not block, and a device, which may have no end, is
/// refused.
///
/// # Errors
///
/// The file cannot be opened, or is not a regular one.
pub fn open(path: &Path) -> Result<File, FileError> {
    open_with(path, OFlags::empty())
}

/// The same as [`open`], except that a symbolic link is an error.
///
/// # Errors
///
/// As those of [`open`], and `ELOOP` for a link.
pub fn open_no_link(path: &Path) -> Result<File, FileError> {
    open_with(path, OFlags::NOFOLLOW)
}

/// The content of the regular file at `path`. If the file has more than `most` bytes, these are its first `most` bytes and
/// one more, so that the caller sees that it is too large.
///
/// # Errors
///
/// As those of [`open`], and those of reading.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    let mut content = Vec::new();
    open(path)?
        .take(most as u64 + 1)
        .read_to_end(&mut content)
        .map_err(FileError::from)?;
    Ok(content)
}

/// A path for people: on one line, and at most 512 characters of it.
pub fn shown(path: &Path) -> String {
    Line(&path.to_string_lossy()).to_string()
}

fn open_with(path: &Path, more: OFlags) -> Result<File, FileError> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY | more;
    let file: File = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(descriptor) => descriptor.into(),
        // The error of opening a socket.
        Err(Errno::NXIO) => return Err(FileError::NotRegular),
        Err(errno) => return Err(io::Error::from(errno).into()),
    };
    let kind = file.metadata().map_err(FileError::from)?.file_type();
    if kind.is_dir() {
        Err(FileError::Directory)
    } else if kind.is_file() {
        Ok(file)
    } else {
        Err(FileError::NotRegular)
    }
}

/// Why a file cannot be read. Displays as the reason.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system does not let us.
    #[error("{}", said(.0))]
    Io(Arc<io::Error>),
    /// It is a folder.
    #[error("it is not a regular file")]
    Directory,
    /// It is a FIFO, a socket, a device, or the like.
    #[error("it is not a regular file")]
    NotRegular,
}

impl FileError {
    /// Whether this user may not read it.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == ErrorKind::PermissionDenied)
    }
}

/// Why the operating system does not let us, for people.
fn said(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_regular_file_is_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let [fifo, socket] = ["fifo", "socket"].map(|name| folder.path().join(name));
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, 0o600.into(), 0).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let refused = read(folder.path(), 100);
        assert!(matches!(refused, Err(FileError::Directory)));
        for path in [&fifo, &socket, Path::new("/dev/zero")] {
            let refused = read(path, 100);
            assert!(matches!(refused, Err(FileError::NotRegular)), "{path:?}");
        }
    }

    #[test]
    fn a_link_is_followed_or_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        std::fs::write(&file, "text").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(open(&link).is_ok() && open_no_link(&file).is_ok());
        assert!(matches!(open_no_link(&link), Err(FileError::Io(_))));
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        assert_eq!(read(file.path(), 100).unwrap().len(), 101);
    }
}
