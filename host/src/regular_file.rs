//! Files that are named on the command line or by a variable, and read once before anything runs.

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Why a file cannot be read. Displays as `why (what to do)`.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileFlaw {
    /// The operating system does not let us.
    Io(io::Error),
    /// It is a folder, a FIFO, a device, or the like.
    NotRegular,
}

/// What the file holds, but of more than `most` bytes only one more. Nothing is waited for: a FIFO would
/// have us hang, and a device has no end.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>, FileFlaw> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file: File = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(descriptor) => descriptor.into(),
        // What opening a socket says.
        Err(Errno::NXIO) => return Err(FileFlaw::NotRegular),
        Err(errno) => return Err(FileFlaw::Io(errno.into())),
    };
    if !file.metadata().map_err(FileFlaw::Io)?.is_file() {
        return Err(FileFlaw::NotRegular);
    }
    let mut content = Vec::new();
    file.take(most as u64 + 1)
        .read_to_end(&mut content)
        .map_err(FileFlaw::Io)?;
    Ok(content)
}

impl FileFlaw {
    /// What to do, where `named` says how the file is named.
    pub(crate) fn remedy(&self, named: &'static str) -> &'static str {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                "make it readable for this user"
            }
            Self::Io(_) | Self::NotRegular => named,
        }
    }
}

impl fmt::Display for FileFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => match error.kind() {
                io::ErrorKind::NotFound => f.write_str("there is no such file"),
                io::ErrorKind::PermissionDenied => f.write_str("permission denied"),
                _ => error.fmt(f),
            },
            Self::NotRegular => f.write_str("it is not a regular file"),
        }
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
        for path in [folder.path(), &fifo, &socket, Path::new("/dev/zero")] {
            assert!(
                matches!(read(path, 100), Err(FileFlaw::NotRegular)),
                "{}",
                path.display()
            );
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        assert_eq!(read(file.path(), 100).unwrap().len(), 101);
    }
}
