//! The file of the program that runs.

use epicac::file::{self, FileError};
use std::env;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// The content of the program's file. The kernel names the file, even if it was renamed. Without /proc, the path by
/// which the program was called names it.
pub(super) fn bytes() -> io::Result<Vec<u8>> {
    match read(Path::new("/proc/self/exe")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => called(),
        read => read,
    }
}

fn called() -> io::Result<Vec<u8>> {
    let missing = || io::Error::from(io::ErrorKind::NotFound);
    let name = env::args_os().next().ok_or_else(missing)?;
    let path = find(&name, env::var_os("PATH").as_deref()).ok_or_else(missing)?;
    let bytes = read(&path)?;
    // A caller can start a program under any name. Only a file with the same component is this program.
    if holds(&bytes, epicac::WASM_SHA256.as_bytes()) {
        Ok(bytes)
    } else {
        Err(missing())
    }
}

/// More than any build of this program has.
const MAX_BYTES: usize = 512 << 20;

fn read(path: &Path) -> io::Result<Vec<u8>> {
    match file::read(path, MAX_BYTES) {
        Ok(bytes) if bytes.len() > MAX_BYTES => Err(io::ErrorKind::FileTooLarge.into()),
        Ok(bytes) => Ok(bytes),
        Err(FileError::Io(error)) => Err(error),
        Err(flaw) => Err(io::Error::other(flaw.to_string())),
    }
}

/// Where the program of this name is, as a shell finds it.
fn find(name: &OsStr, path: Option<&OsStr>) -> Option<PathBuf> {
    if name.as_bytes().contains(&b'/') {
        return Some(name.into());
    }
    env::split_paths(path?)
        .map(|folder| folder.join(Path::new(name)))
        .find(|file| file.is_file())
}

fn holds(bytes: &[u8], digest: &[u8]) -> bool {
    bytes.windows(digest.len()).any(|window| window == digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_program_is_found_as_a_shell_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("epicac");
        fs::write(&file, b"").unwrap();
        let path = env::join_paths([Path::new("/nowhere"), folder.path()]).unwrap();
        let found = |name: &str| find(name.as_ref(), Some(&path));
        assert_eq!(found("epicac"), Some(file));
        assert_eq!(found("other"), None);
        assert_eq!(found("/x/epicac"), Some("/x/epicac".into()));
        assert_eq!(find("epicac".as_ref(), None), None);
    }

    #[test]
    fn only_what_holds_the_component_is_the_program() {
        assert!(holds(b"xx abc xx", b"abc"));
        assert!(!holds(b"xx ab", b"abc"));
    }
}
