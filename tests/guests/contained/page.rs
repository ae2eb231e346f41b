//! docs/guests.md lists the guests of the tests.

use crate::{file, http, import, limit, output, sts, trap};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const BEGIN: &str = "<!-- guests: written by EPICAC_BLESS=1 cargo test -p epicac-guests -->\n";
const END: &str = "<!-- end of guests -->";

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The sources of the guests, by name.
fn sources() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder().join("programs")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut sources: Vec<_> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| kind == "rs" || kind == "wat")
        })
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| name != "build")
        .collect();
    sources.sort();
    sources
}

/// The first line of a source, which says what the guest tries.
fn tries(source: &Path) -> String {
    let text = fs::read_to_string(source).unwrap();
    let line = text.lines().next().unwrap();
    let line = line
        .strip_prefix("//! ")
        .or_else(|| line.strip_prefix(";; "));
    line.expect("a guest begins with what it tries").to_owned()
}

fn table() -> String {
    let mut table = String::from("| guest | what it tries | what it gets |\n|---|---|---|\n");
    let sources = sources();
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
            let (_, source) = sources.iter().find(|(name, _)| name == guest).unwrap();
            let path = source.strip_prefix(folder()).unwrap().display();
            let gets = case.because.unwrap_or(case.says);
            writeln!(
                table,
                "| [{guest}](../tests/guests/{path}) | {} | {gets} |",
                tries(source)
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
    let sources: BTreeSet<_> = sources().into_iter().map(|(name, _)| name).collect();
    assert_eq!(tested, sources);
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
