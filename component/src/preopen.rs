//! Which of the granted folders holds the token's file (`behaviour.md` §2).
//!
//! This module only compares names. The runtime keeps the component inside of the folder, even if links lead out of it.

use alloc::string::String;

/// The index of the folder that holds `path`, and the path below it. If several folders hold it, the innermost one is
/// taken.
pub fn holding<'a>(
    names: impl IntoIterator<Item = &'a str>,
    path: &str,
) -> Option<(usize, String)> {
    names
        .into_iter()
        .enumerate()
        .filter_map(|(index, name)| Some((index, below(name, path)?)))
        .min_by_key(|(_, rest)| rest.len())
        .map(|(index, rest)| (index, if rest.is_empty() { ".".into() } else { rest }))
}

/// The rest of `path` below the folder `name`, if the folder is one of its ancestors.
fn below(name: &str, path: &str) -> Option<String> {
    // A relative path can only be below a relative name, such as `.`.
    if name.starts_with('/') != path.starts_with('/') {
        return None;
    }
    let mut rest = components(path);
    for component in components(name) {
        if rest.next() != Some(component) {
            return None;
        }
    }
    let mut below = String::new();
    for component in rest {
        if !below.is_empty() {
            below.push('/');
        }
        below.push_str(component);
    }
    Some(below)
}

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter(|component| !matches!(*component, "" | "."))
}
