//! Where in the file system the token is, now and after it was rotated.
//!
//! A rule of Landlock is for a folder, not for a name that leads to it. So the folder that really holds the token needs a
//! rule, and still needs one when the token is read again. The kubelet rotates a token by a link that it sets to a new
//! folder:
//!
//! ```text
//! serviceaccount/token -> ..data/token
//! serviceaccount/..data -> ..2026_01_02
//! serviceaccount/..2026_01_02/token
//! ```
//!
//! So one rule covers the folder that holds the first name beginning with two dots. Only the kubelet uses such names.
//! Another rule covers the folder of each link that the token's own name leads to. One case remains: a link to a *folder*
//! that is not the kubelet's and changes during a run. That run cannot read the token. The next one can.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

/// How many links are followed at most. The kernel follows 40, in all parts of a path together.
const LINKS: usize = 8;

/// The places of the file at `path`. `read_link` gives the target of a link, and `may_be_root` says whether a path may lead
/// to the root folder. A place is a folder below which files may be read. For a file directly in the root folder the place
/// is the file alone, because everything is below that folder.
pub(super) fn places(
    path: &Path,
    read_link: impl Fn(&Path) -> Option<PathBuf>,
    may_be_root: impl Fn(&Path) -> bool,
) -> Vec<PathBuf> {
    let mut places = Vec::new();
    let mut path = path.to_owned();
    for _ in 0..=LINKS {
        let folder = folder(&path);
        let place = if may_be_root(&folder) {
            path.clone()
        } else {
            folder
        };
        if !places.contains(&place) {
            places.push(place);
        }
        let Some(target) = read_link(&path) else {
            break;
        };
        // An absolute target replaces the whole path.
        path = path.parent().unwrap_or(Path::new("")).join(target);
    }
    places
}

fn folder(path: &Path) -> PathBuf {
    let mut folder = PathBuf::new();
    for step in path.parent().into_iter().flat_map(Path::components) {
        match step {
            Component::Normal(name) if is_of_the_kubelet(name) => break,
            step => folder.push(step),
        }
    }
    if folder.as_os_str().is_empty() {
        return ".".into();
    }
    folder
}

fn is_of_the_kubelet(name: &OsStr) -> bool {
    name.as_bytes().starts_with(b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of `path` in a file system with these links, in which `/v/..` and `/` are the root folder.
    fn of(path: &str, links: &[(&str, &str)]) -> Vec<PathBuf> {
        let read_link = |path: &Path| {
            let mut links = links.iter();
            let (_, target) = links.find(|(link, _)| Path::new(link) == path)?;
            Some(target.into())
        };
        let is_root = |folder: &Path| ["/", "/v/.."].map(Path::new).contains(&folder);
        places(Path::new(path), read_link, is_root)
    }

    #[test]
    fn a_file_is_in_its_folder() {
        for (path, folder) in [
            ("/var/run/token", "/var/run"),
            ("/var/run/token/", "/var/run"),
            ("here/token", "here"),
            ("token", "."),
            ("./token", "."),
            ("../token", ".."),
        ] {
            assert_eq!(of(path, &[]), [Path::new(folder)], "{path}");
        }
    }

    #[test]
    fn a_projected_volume_is_one_place_however_it_is_named() {
        let links = [("/v/token", "..data/token"), ("/v/..data", "..2026_01_02")];
        for path in ["/v/token", "/v/..data/token", "/v/..2026_01_02/token"] {
            assert_eq!(of(path, &links), [Path::new("/v")], "{path}");
        }
        let links = [("token", "..data/token")];
        assert_eq!(of("token", &links), [Path::new(".")]);
    }

    #[test]
    fn a_link_leads_to_a_place_more() {
        let links = [("/a/token", "/b/c/token"), ("/b/c/token", "../d/token")];
        let expected = ["/a", "/b/c", "/b/c/../d"].map(Path::new);
        assert_eq!(of("/a/token", &links), expected);
    }

    #[test]
    fn in_the_root_folder_it_is_the_file_alone() {
        for path in ["/token", "/v/../token"] {
            assert_eq!(of(path, &[]), [Path::new(path)]);
        }
        let links = [("/token", "/v/..data/token")];
        let expected = ["/token", "/v"].map(Path::new);
        assert_eq!(of("/token", &links), expected);
    }

    #[test]
    fn links_in_a_circle_have_an_end() {
        let links = [("/a/token", "/b/token"), ("/b/token", "/a/token")];
        assert_eq!(of("/a/token", &links), ["/a", "/b"].map(Path::new));
    }
}
