//! Writes a file completely or not at all: it is written under another name in the same folder, and then renamed in
//! one step.

use super::folder;
use epicac::file;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Writes `bytes` to a file at `path` with this mode, and replaces an older file. If that fails, the older file stays, and
/// no other is left. Returns false if an equal file of this user with this mode is there already.
pub(super) fn place(path: &Path, bytes: &[u8], mode: u32) -> io::Result<bool> {
    if is_there(path, bytes, mode) {
        return Ok(false);
    }
    // A device, a FIFO or a socket has users that a file in its place would cut off; so would one in the place of
    // /dev/stdout, a link.
    if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return Err(io::Error::other("it is there and is not a regular file"));
    }
    let mut options = OpenOptions::new();
    // Nobody else may open the file before it is complete. On an error it is removed.
    options.write(true).create_new(true).mode(0o600);
    let folder = path.parent().unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new()
        .prefix(".epicac-")
        .make_in(folder, |path| options.open(path));
    let mut beside = beside?;
    let file = beside.as_file_mut();
    file.write_all(bytes)?;
    // The umask may have taken something away.
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()?;
    beside.persist(path)?;
    folder::sync(path.parent())?;
    Ok(true)
}

/// Whether an equal file is there, to which nobody else can write later. It is no link, it belongs to this user, and it has
/// this mode and one name. In a folder with the sticky bit, another user can make a file of the same content, or a hard
/// link to one.
fn is_there(path: &Path, bytes: &[u8], mode: u32) -> bool {
    let Ok(file) = file::open_no_link(path) else {
        return false;
    };
    let is_ours = file.metadata().is_ok_and(|metadata| {
        metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.nlink() == 1
            && metadata.mode() & 0o7777 == mode
    });
    let mut content = Vec::new();
    let mut file = file.take(bytes.len() as u64 + 1);
    is_ours && file.read_to_end(&mut content).is_ok() && content == bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::paths::names;
    use epicac_tests::require::skipped;

    #[test]
    fn a_file_is_put_there_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("epicac");
        let bytes = vec![7; 200_000];
        assert!(place(&path, &bytes, 0o755).unwrap());
        assert!(!place(&path, &bytes, 0o755).unwrap());
        assert_eq!(fs::read(&path).unwrap(), bytes);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o755);
        assert_eq!(names(folder.path()), ["epicac"]);
    }

    #[test]
    fn what_is_not_quite_it_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("epicac");
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, b"same").unwrap();
        fs::set_permissions(&elsewhere, Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert!(place(&path, b"same", 0o755).unwrap());
        assert!(fs::symlink_metadata(&path).unwrap().is_file());
        for (bytes, mode) in [(&b"sane"[..], 0o755), (b"longer", 0o755), (b"same", 0o644)] {
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            assert!(place(&path, b"same", 0o755).unwrap());
            assert_eq!(fs::read(&path).unwrap(), b"same");
        }
        assert_eq!(names(folder.path()), ["elsewhere", "epicac"]);
    }

    /// Its owner could write to it later.
    #[test]
    fn a_file_of_somebody_else_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("epicac");
        let inode = || fs::metadata(&path).unwrap().ino();
        assert!(place(&path, b"same", 0o755).unwrap());

        let other = folder.path().join("other");
        fs::hard_link(&path, &other).unwrap();
        assert!(place(&path, b"same", 0o755).unwrap());
        assert_ne!(inode(), fs::metadata(&other).unwrap().ino());

        if !rustix::process::geteuid().is_root() {
            return skipped("only root can give a file to somebody else");
        }
        std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
        let before = inode();
        assert!(place(&path, b"same", 0o755).unwrap());
        assert_ne!(inode(), before);
        assert_eq!(fs::metadata(&path).unwrap().uid(), 0);
    }

    /// Opening a FIFO waits for a writer, and /dev/null serves every process.
    #[test]
    fn a_fifo_or_a_device_stays_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (fifo, link) = (folder.path().join("fifo"), folder.path().join("link"));
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, 0o755.into(), 0).unwrap();
        std::os::unix::fs::symlink("/dev/null", &link).unwrap();
        for path in [&fifo, &link] {
            assert!(place(path, b"", 0o755).is_err());
            assert!(!fs::metadata(path).unwrap().is_file());
        }
        assert_eq!(names(folder.path()), ["fifo", "link"]);
    }

    #[test]
    fn what_cannot_be_put_there_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("epicac");
        fs::create_dir(&path).unwrap();
        let error = place(&path, b"x", 0o755).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        assert_eq!(names(folder.path()), ["epicac"]);
    }
}
