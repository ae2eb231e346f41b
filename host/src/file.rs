//! Reads the regular files that users name. Opening never waits, and reading stops at a limit.

pub use crate::error::FileError;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

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
