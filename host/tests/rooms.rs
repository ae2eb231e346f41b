//! No file imports upward, and no files import each other in a circle. An import is a path that begins with `crate`,
//! `super` or a module of the file's own, above the file's tests. What a file passes on by `pub use` is not its own
//! import: who takes it from there imports the file that it comes from.

#![allow(clippy::unwrap_used, reason = "a test says so by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms of the host (src/lib.rs). A room imports those of the lines below it.
const ROOMS: [&str; 8] = [
    "main",
    "cli",
    "policy",
    "sandbox wall",
    "grants",
    "error",
    "route",
    "limits denial file",
];

#[test]
fn imports_run_down_the_rooms_of_the_host() {
    let room = |module: &str| module.split("::").next().unwrap().to_owned();
    let floor = |room: &String| {
        ROOMS
            .iter()
            .position(|it| it.split(' ').any(|it| it == room))
    };
    let mut upward = imports();
    assert!(upward.len() > 100, "{} imports", upward.len());
    upward.retain(|(from, to)| {
        let (from, to) = (room(from), room(to));
        from != to && floor(&from) >= floor(&to)
    });
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let (mut circles, mut count) = (imports(), usize::MAX);
    // What imports nothing that is left, and what nothing left imports, is in no circle.
    while circles.len() < count {
        count = circles.len();
        let (from, to): (BTreeSet<_>, BTreeSet<_>) = circles.iter().cloned().unzip();
        circles.retain(|(a, b)| to.contains(a) && from.contains(b));
    }
    assert!(circles.is_empty(), "{circles:#?}");
}

/// Which module imports which other one.
fn imports() -> BTreeSet<(String, String)> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut paths, mut faces) = (BTreeMap::new(), Vec::new(), BTreeMap::new());
    read(&sources, "", &mut files);
    for (module, code) in &files {
        let here = module.trim_start_matches("main");
        for statement in code.split_inclusive([';', '{']) {
            let face = statement.contains("pub use ") || statement.contains(") use ");
            for path in statement.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)) {
                let (first, rest) = path.split_once("::").unwrap_or_default();
                let path = match first {
                    "crate" => rest.to_owned(),
                    "super" => {
                        let (mut base, mut rest) = (up(here), rest);
                        while let Some(further) = rest.strip_prefix("super::") {
                            (base, rest) = (up(base), further);
                        }
                        join(base, rest)
                    }
                    own if !own.is_empty() && files.contains_key(&join(here, own)) => {
                        join(here, path)
                    }
                    _ => continue,
                };
                match path.rsplit("::").next() {
                    Some(name) if face => drop(faces.insert(join(here, name), path)),
                    _ => paths.push((module.clone(), path)),
                }
            }
        }
    }
    let home = |path: String| {
        let mut path = path;
        while !files.contains_key(&path) || faces.contains_key(&path) {
            path = faces
                .get(&path)
                .map_or_else(|| up(&path), String::as_str)
                .to_owned();
        }
        path
    };
    let imports = paths.into_iter().map(|(from, to)| (from, home(to)));
    imports.filter(|(from, to)| from != to).collect()
}

fn join(module: &str, path: &str) -> String {
    [module, "::", path].concat().trim_matches(':').to_owned()
}

fn up(module: &str) -> &str {
    module.rsplit_once("::").unwrap_or_default().0
}

/// The code of each file below this folder, by its module, with a path of its own for each import in braces.
fn read(folder: &Path, module: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.is_dir() {
            read(&path, &join(module, name), files);
        } else if name != "tests" {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
            let code = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            let mut code = code
                .collect::<Vec<_>>()
                .join(" ")
                .replace("in crate::", "in ");
            while let Some((before, rest)) = code.rsplit_once("::{") {
                let (inside, after) = rest.split_once('}').unwrap();
                let inside = inside.trim().trim_end_matches(',');
                let (start, prefix) = before.rsplit_once([' ', '(', '{', ',']).unwrap();
                let each = inside
                    .split(',')
                    .map(|it| format!(" {prefix}::{}", it.trim()));
                code = format!("{start}{}{after}", each.collect::<Vec<_>>().join(","));
            }
            let name = if ["mod", "lib"].contains(&name) {
                ""
            } else {
                name
            };
            files.insert(join(module, name), code);
        }
    }
}
