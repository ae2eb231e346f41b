//! What SECURITY.md claims is shown by tests that exist.

use std::fs;
use std::path::Path;

/// The tests that a line names, as [`name`](file).
fn named(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split("[`").skip(1).filter_map(|link| {
        let (name, rest) = link.split_once("`](")?;
        let (file, _) = rest.split_once(')')?;
        Some((name, file))
    })
}

/// Whether a source has a test of this name: a function, or a guest that is contained.
fn has(source: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let guest = [format!("{name}: says("), format!("{name}: lets_out(")];
    let mut before = "";
    for line in source.lines().map(str::trim) {
        let is_guest = guest.iter().any(|guest| line.starts_with(guest));
        if is_guest || (before == "#[test]" && line.starts_with(&function)) {
            return true;
        }
        before = line;
    }
    false
}

#[test]
fn every_claim_names_tests_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let mut claims = 0;
    let mut in_claims = false;
    for line in text.lines() {
        if !line.starts_with('|') {
            in_claims = false;
        } else if line == "| it cannot | shown by |" {
            in_claims = true;
        } else if in_claims && !line.starts_with("|---") {
            assert!(named(line).count() > 0, "a claim without a test: {line}");
            for (name, file) in named(line) {
                let source = fs::read_to_string(root.join(file)).expect(file);
                assert!(has(&source, name), "{file} has no test {name}");
            }
            claims += 1;
        }
    }
    assert!(claims > 25, "{claims}");
}

#[test]
fn a_test_is_told_from_what_is_none() {
    let source = "#[test]\nfn one() {}\nfn two() {}\n    three: says(X);\n";
    let found = ["one", "two", "three", "on"].map(|name| has(source, name));
    assert_eq!(found, [true, false, true, false]);
}
