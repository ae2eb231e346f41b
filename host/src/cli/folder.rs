//! The folders into which a program or a token is put. Only root and this user can replace what is in them.
//!
//! All steps of the path count: the owner of a folder or of a link can let the rest of the path lead elsewhere.

use std::fs::{self, DirBuilder, File, Metadata, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The mode of a folder that is made.
const MODE: u32 = 0o755;

/// Why nothing is put into a folder.
#[derive(Debug, Error)]
pub(super) enum FolderError {
    /// The folder cannot be made or examined.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A step of the path belongs to another user.
    #[error("{} belongs to the user {}", .0.display(), .1)]
    Owner(PathBuf, u32),
    /// Other users can replace what is in a folder of the path.
    #[error("other users may write to {}, which has no sticky bit", .0.display())]
    Writable(PathBuf),
}

/// Makes sure that the folder is there, and that nobody but root and this user can replace what is in it. The folder that
/// it is in has to exist. A new folder has the mode 0755, whatever the umask is.
///
/// Here everybody may write to a volume. The `emptyDir` of a pod is root's and has the mode 0777, and only the containers
/// that mount it are its users.
pub(super) fn make(path: &Path) -> Result<(), FolderError> {
    let path = std::path::absolute(path)?;
    if !path.exists() {
        check_with(path.parent().unwrap_or(&path), is_mounted)?;
        match DirBuilder::new().mode(MODE).create(&path) {
            // The umask may have taken something away.
            Ok(()) => fs::set_permissions(&path, Permissions::from_mode(MODE))?,
            // Another process was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.into()),
        }
        sync(path.parent())?;
    }
    check_with(&path, is_mounted)
}

/// Accepts the folder of `file` if nobody but root and this user can replace what is in it.
///
/// # Errors
///
/// A step of the path belongs to another user, or others may write to it. With the sticky bit they may: they can then
/// replace only what is their own. An error of the system counts as well.
pub(super) fn check_of(file: &Path) -> Result<(), FolderError> {
    let file = std::path::absolute(file)?;
    check_with(file.parent().unwrap_or(&file), |_| Ok(false))
}

/// A name is lost in a crash until its folder is written.
pub(super) fn sync(folder: Option<&Path>) -> io::Result<()> {
    let folder = folder.filter(|path| !path.as_os_str().is_empty());
    let synced = File::open(folder.unwrap_or(Path::new("."))).and_then(|file| file.sync_all());
    synced.or_else(|error| match error.kind() {
        // A file system that has no such thing, or a folder that can be written but not listed.
        io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied => Ok(()),
        _ => Err(error),
    })
}

fn check_with(path: &Path, is_exempt: fn(&Path) -> io::Result<bool>) -> Result<(), FolderError> {
    // A circle of links ends here.
    if !fs::metadata(path)?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::NotADirectory).into());
    }
    check_steps(path, is_exempt)
}

fn check_steps(path: &Path, is_exempt: fn(&Path) -> io::Result<bool>) -> Result<(), FolderError> {
    let us = [0, rustix::process::geteuid().as_raw()];
    let mut step = PathBuf::new();
    for name in path.components() {
        step.push(name);
        let metadata = fs::symlink_metadata(&step)?;
        if !us.contains(&metadata.uid()) {
            return Err(FolderError::Owner(step, metadata.uid()));
        }
        if metadata.is_symlink() {
            let target = fs::read_link(&step)?;
            check_steps(&step.parent().unwrap_or(&step).join(target), is_exempt)?;
        } else if others_replace(&metadata) && !is_exempt(&step)? {
            return Err(FolderError::Writable(step));
        }
    }
    Ok(())
}

/// Whether users other than the owner can replace what is in this folder. A group with the number of the owner counts as
/// the owner's own: `root`, and the private group of a user.
fn others_replace(folder: &Metadata) -> bool {
    let mode = folder.mode();
    let writable = if folder.gid() == folder.uid() {
        0o002
    } else {
        0o022
    };
    mode & writable != 0 && mode & 0o1000 == 0
}

/// Whether something is mounted at this very path.
#[cfg(target_os = "linux")]
pub(super) fn is_mounted(path: &Path) -> io::Result<bool> {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    let found = statx(CWD, path, AtFlags::empty(), StatxFlags::empty())?;
    Ok(found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_mounted(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::require::skipped;
    use std::os::unix::fs::{chown, symlink};
    use tempfile::TempDir;

    const OTHER: u32 = 1234;

    fn check(folder: &Path) -> Result<(), FolderError> {
        check_of(&folder.join("token"))
    }

    /// A folder of this user, with a folder in it.
    fn folder(name: &str, mode: u32) -> (TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
        (root, folder)
    }

    #[test]
    fn others_may_not_write_without_the_sticky_bit() {
        for (mode, is_accepted) in [
            (0o700, true),
            (0o755, true),
            (0o2750, true),
            (0o1777, true),
            (0o3777, true),
            (0o777, false),
            (0o2777, false),
            (0o702, false),
        ] {
            let (_root, folder) = folder("folder", mode);
            assert_eq!(check(&folder).is_ok(), is_accepted, "{mode:o}");
            // A folder above counts as much.
            let below = folder.join("below");
            let made = make(&below);
            assert_eq!(made.is_ok(), is_accepted, "below {mode:o}");
            assert_eq!(below.exists(), is_accepted, "below {mode:o}");
        }
    }

    #[test]
    fn a_group_may_not_write_unless_it_is_the_owners() {
        if !rustix::process::geteuid().is_root() {
            return skipped("only root can give a folder to a group");
        }
        for (mode, group, is_accepted) in [
            (0o775, 0, true),
            (0o775, OTHER, false),
            (0o2770, OTHER, false),
            (0o3770, OTHER, true),
            (0o2750, OTHER, true),
        ] {
            let (_root, folder) = folder("folder", 0o700);
            chown(&folder, None, Some(group)).unwrap();
            fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
            assert_eq!(check(&folder).is_ok(), is_accepted, "{mode:o} {group}");
        }
    }

    #[test]
    fn no_step_of_the_path_belongs_to_another_user() {
        if !rustix::process::geteuid().is_root() {
            return skipped("only root can give a folder to somebody else");
        }
        let is_refused = |path: &Path, step: &Path| {
            let Err(FolderError::Owner(found, OTHER)) = check(path) else {
                panic!("{} is accepted", path.display());
            };
            assert_eq!(found, step);
        };
        let (root, theirs) = folder("theirs", 0o755);
        let ours = theirs.join("ours");
        fs::create_dir(&ours).unwrap();
        chown(&theirs, Some(OTHER), None).unwrap();
        is_refused(&theirs, &theirs);
        is_refused(&ours, &theirs);

        // A link of another user, and our own link to a folder of another user.
        let [good, link, again] = ["good", "link", "again"].map(|name| root.path().join(name));
        fs::create_dir(&good).unwrap();
        symlink("good", &link).unwrap();
        symlink("theirs/ours", &again).unwrap();
        check(&link).unwrap();
        std::os::unix::fs::lchown(&link, Some(OTHER), None).unwrap();
        for path in [&link, &link.join(""), &link.join("../good")] {
            is_refused(path, &link);
        }
        is_refused(&again, &theirs);
    }

    #[test]
    fn what_is_no_folder_is_an_error() {
        let (root, folder) = folder("folder", 0o755);
        let file = root.path().join("file");
        fs::write(&file, b"").unwrap();
        let circle = root.path().join("circle");
        symlink("circle", &circle).unwrap();
        for path in [file, circle, folder.join("a/b"), folder.join("nothing/..")] {
            assert!(matches!(check(&path), Err(FolderError::Io(_))), "{path:?}");
            assert!(matches!(make(&path), Err(FolderError::Io(_))), "{path:?}");
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    }
}
