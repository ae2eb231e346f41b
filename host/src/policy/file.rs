//! A policy from a file.

use super::model::{MAX_BYTES, Policy};
use crate::error::Error;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Why the file of a policy cannot be read. Displays as `why (what to do)`.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileFlaw {
    /// The operating system does not let us.
    Io(io::Error),
    /// It is a folder, a FIFO, a device, or the like.
    NotRegular,
}

impl Policy {
    /// Reads the policy in the file at `path`.
    ///
    /// # Errors
    ///
    /// [`Error::PolicyFile`] when there is no such file, or it cannot be read; [`Error::InvalidPolicy`]
    /// when it does not hold a policy.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let content = content(path).map_err(|flaw| Error::PolicyFile {
            path: path.to_owned(),
            flaw,
        })?;
        Self::parse(&content).map_err(|flaw| Error::InvalidPolicy {
            path: path.to_owned(),
            flaw,
        })
    }
}

/// At most one byte more than a policy may have. Nothing is waited for: a FIFO would have us hang, and a
/// device has no end.
fn content(path: &Path) -> Result<Vec<u8>, FileFlaw> {
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
    file.take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut content)
        .map_err(FileFlaw::Io)?;
    Ok(content)
}

impl fmt::Display for FileFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => match error.kind() {
                io::ErrorKind::NotFound => f.write_str(
                    "there is no such file (make one with `epicac policy > FILE`, and review it)",
                ),
                io::ErrorKind::PermissionDenied => {
                    f.write_str("permission denied (make it readable for this user)")
                }
                _ => write!(f, "{error} (is this the path of a policy file?)"),
            },
            Self::NotRegular => {
                f.write_str("it is not a regular file (a policy is read from a file only)")
            }
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
                matches!(content(path), Err(FileFlaw::NotRegular)),
                "{}",
                path.display()
            );
        }
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(1 << 40).unwrap();
        assert_eq!(content(file.path()).unwrap().len(), MAX_BYTES + 1);
    }
}
