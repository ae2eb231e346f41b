//! No file imports upward, and no files import each other in a circle. An import is any path to another file, by its
//! longest beginning that is a file, except in a module `tests`.

#![allow(clippy::unwrap_used, reason = "a test says so by panicking")]

use proc_macro2::{Spacing, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::{fs, mem, path::Path};

/// The rooms of the host (src/lib.rs). A room imports those behind it.
const ROOMS: &str = "cli, policy, sandbox wall, grants, error, route denial, limits file allocator";

/// The modules of the component, in the same order: those of one step stand together.
const MODULES: &str = "shell, attempts, error, sts, response process request, sentences, token preopen endpoint, \
    document credentials transport environment, message, printable, timestamp secret limits";

#[test]
fn imports_run_down_the_rooms_of_the_host() {
    let upward = upward("src", ROOMS);
    assert!(upward.is_empty(), "upward: {upward:#?}");
}

#[test]
fn imports_run_down_the_modules_of_the_component() {
    let mut upward = upward("../component/src", MODULES);
    // The shell names the core's types as embedders do, by the root.
    upward.retain(|(from, to)| !(from.starts_with("shell") && to.is_empty()));
    assert!(upward.is_empty(), "upward: {upward:#?}");
}

/// The imports of a room above. A module that is in no room imports whatever it likes, and only such a one imports it.
fn upward(sources: &str, rooms: &str) -> BTreeSet<(String, String)> {
    let floor = |module: &str| {
        let room = module.split("::").next();
        let mut floors = rooms.split(", ");
        floors.position(|floor| floor.split(' ').any(|name| Some(name) == room))
    };
    let mut imports = imports(sources);
    assert!(imports.len() > 100, "{} imports", imports.len());
    imports.retain(|(from, to)| floor(from).is_some() && floor(from) > floor(to));
    imports
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for sources in ["src", "../component/src"] {
        let (mut circles, mut count) = (imports(sources), usize::MAX);
        // What imports nothing that is left, and what nothing left imports, is in no circle.
        while circles.len() < count {
            count = circles.len();
            let (from, to): (BTreeSet<_>, BTreeSet<_>) = circles.iter().cloned().unzip();
            circles.retain(|(a, b)| to.contains(a) && from.contains(b));
        }
        assert!(circles.is_empty(), "{circles:#?}");
    }
}

/// Which file imports which other one.
fn imports(sources: &str) -> BTreeSet<(String, String)> {
    let mut files = BTreeMap::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join(sources);
    read(&sources, "", &mut files);
    let file = |path: String| {
        let mut path = path.as_str();
        while !files.contains_key(path) {
            path = up(path);
        }
        path.to_owned()
    };
    let edges = files.iter().flat_map(|(here, paths)| {
        let paths = paths
            .iter()
            .filter(|path| path.trim_end_matches(':').contains("::"));
        let targets = paths.map(|path| file(absolute(here, path)));
        targets.map(move |target| (here.clone(), target))
    });
    edges.filter(|(from, to)| from != to).collect()
}

/// The paths in each file below this folder, by its module.
fn read(folder: &Path, module: &str, files: &mut BTreeMap<String, Vec<String>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.file_stem().unwrap().to_str().unwrap() {
            "tests" | "main" => {}
            name if path.is_dir() => read(&path, &absolute(module, name), files),
            name => {
                let code = fs::read_to_string(&path).unwrap();
                // A visibility is no import.
                let code = code.replace("(in crate::", "(in ");
                let paths = files.entry(match name {
                    "mod" | "lib" => module.to_owned(),
                    name => absolute(module, name),
                });
                find(code.parse().unwrap(), "", paths.or_default());
            }
        }
    }
}

/// Finds the paths in these tokens, each behind `start`: a list in braces goes on with the path before it.
fn find(tokens: TokenStream, start: &str, paths: &mut Vec<String>) {
    let mut path = start.to_owned();
    for token in tokens {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == ':' && mark.spacing() == Spacing::Joint => {
                path.push(':');
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' && path.ends_with(':') => {
                path.push(':')
            }
            TokenTree::Ident(name) if path.is_empty() || path.ends_with("::") => {
                path.push_str(&name.to_string());
            }
            TokenTree::Group(group) if path.ends_with("::") => find(group.stream(), &path, paths),
            TokenTree::Group(_) if path == "tests" => {}
            other => {
                paths.push(mem::replace(&mut path, start.to_owned()));
                match other {
                    TokenTree::Ident(name) => path.push_str(&name.to_string()),
                    TokenTree::Group(group) => find(group.stream(), "", paths),
                    _ => {}
                }
            }
        }
    }
    paths.push(path);
}

/// The path from the root, as it is meant in this module.
fn absolute(here: &str, path: &str) -> String {
    match path.split_once("::") {
        Some(("crate", path)) => path.to_owned(),
        Some(("super", path)) => absolute(up(here), path),
        _ if here.is_empty() => path.to_owned(),
        _ => format!("{here}::{path}"),
    }
}

fn up(module: &str) -> &str {
    module.rsplit_once("::").unwrap_or_default().0
}
