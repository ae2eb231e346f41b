//! docs/guests.md lists the guests of the tests.

use crate::{file, http, import, limit, output, sts, trap};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const BEGIN: &str = "<!-- guests: written by EPICAC_BLESS=1 cargo test -p epicac-guests -->\n";
const END: &str = "<!-- end of guests -->";

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A guest: its source, and the sentence there that says what it tries.
struct Guest {
    source: PathBuf,
    tries: String,
}

/// The guests by name: each function with one sentence or more in the folder of the attacks, and each other program.
fn guests() -> BTreeMap<String, Guest> {
    let mut guests = BTreeMap::new();
    let programs = folder().join("programs");
    for source in files(&programs.join("attacks")) {
        let text = fs::read_to_string(&source).unwrap();
        let mut sentence = None;
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("/// ") {
                sentence = sentence.or(Some(line));
                continue;
            }
            let name = line
                .strip_prefix("fn ")
                .and_then(|line| line.split_once("() -> Outcome"));
            if let Some((name, _)) = name {
                let tries = sentence
                    .expect("an attack begins with what it tries")
                    .to_owned();
                let source = source.clone();
                guests.insert(name.to_owned(), Guest { source, tries });
            }
            sentence = None;
        }
    }
    for source in files(&programs) {
        let name = source.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&source).unwrap();
        let line = text.lines().next().unwrap();
        let line = line
            .strip_prefix("//! ")
            .or_else(|| line.strip_prefix(";; "));
        let tries = line.expect("a guest begins with what it tries").to_owned();
        if name != "build" {
            guests.insert(name, Guest { source, tries });
        }
    }
    guests
}

/// The sources in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_source = |path: &PathBuf| {
        path.extension()
            .is_some_and(|kind| kind == "rs" || kind == "wat")
    };
    paths.filter(is_source).collect()
}

fn table() -> String {
    let mut table = String::from("| guest | what it tries | what it gets |\n|---|---|---|\n");
    let guests = guests();
    for cases in [
        http::cases(),
        sts::cases(),
        file::cases(),
        import::cases(),
        limit::cases(),
        output::cases(),
        trap::cases(),
    ] {
        for (guest, case) in cases {
            let Guest { source, tries } = &guests[guest];
            let path = source.strip_prefix(folder()).unwrap().display();
            let gets = case.because.unwrap_or(case.says);
            writeln!(
                table,
                "| [{guest}](../tests/guests/{path}) | {tries} | {gets} |"
            )
            .unwrap();
        }
    }
    table
}

#[test]
fn every_guest_has_a_test() {
    let tested = [
        http::cases(),
        sts::cases(),
        file::cases(),
        import::cases(),
        limit::cases(),
        output::cases(),
        trap::cases(),
    ];
    let tested: BTreeSet<_> = tested
        .into_iter()
        .flatten()
        .map(|(name, _)| name.to_owned())
        .collect();
    let guests: BTreeSet<_> = guests().into_keys().collect();
    assert_eq!(tested, guests);
}

#[test]
fn the_page_lists_every_guest() {
    let path = folder().join("../../docs/guests.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the list");
    let (listed, after) = rest.split_once(END).expect("the list has an end");
    let expected = format!("\n{}\n", table());
    if listed != expected && env::var_os("EPICAC_BLESS").is_some() {
        fs::write(&path, [before, BEGIN, &expected, END, after].concat()).unwrap();
        return;
    }
    assert!(
        listed == expected,
        "docs/guests.md lists other guests: run this test with EPICAC_BLESS=1"
    );
}
