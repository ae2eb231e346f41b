//! docs/troubleshooting.md has a section for each "what failed": the texts in the functions `what` of host and component.

#![allow(clippy::unwrap_used, reason = "a test says so by panicking")]

use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::{fs, path::Path};

/// What no `what` says: a flaw of an aws-config, the parser of arguments, the allocator.
const OTHERS: [&str; 3] = [
    "invalid aws-config",
    "invalid value '…' for '…'",
    "out of memory",
];

#[test]
fn the_page_has_a_section_for_each_failure() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut failures = BTreeSet::from(OTHERS.map(str::to_owned));
    for sources in ["host/src", "component/src"] {
        read(&root.join(sources), &mut failures);
    }
    let page = fs::read_to_string(root.join("docs/troubleshooting.md")).unwrap();
    let headings = page.lines().filter(|line| line.starts_with("##"));
    let quoted = headings.flat_map(|line| line.split('`').skip(1).step_by(2));
    let quoted: BTreeSet<_> = quoted.map(str::to_owned).collect();
    assert!(failures.len() > 40, "{failures:#?}");
    let differ: Vec<_> = failures.symmetric_difference(&quoted).collect();
    assert!(differ.is_empty(), "on one side only: {differ:#?}");
}

/// What the files below this folder say that failed.
fn read(folder: &Path, failures: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, failures);
        } else if path.extension().is_some_and(|it| it == "rs") {
            let code = fs::read_to_string(&path).unwrap();
            find(code.parse().unwrap(), failures);
        }
    }
}

/// The texts in each function `what` of these tokens.
fn find(tokens: TokenStream, failures: &mut BTreeSet<String>) {
    let mut is_what = false;
    let mut before = String::new();
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            match is_what {
                true => texts(group.stream(), failures),
                false => find(group.stream(), failures),
            }
            // The arguments come before the body.
            is_what &= group.delimiter() != proc_macro2::Delimiter::Brace;
        }
        let text = token.to_string();
        is_what |= before == "fn" && text == "what";
        // A declaration has no body.
        is_what &= text != ";";
        before = text;
    }
}

fn texts(tokens: TokenStream, failures: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts(group.stream(), failures),
            TokenTree::Literal(text) => {
                let text = text.to_string();
                let text = text.trim_matches('"').replace("{status}", "…");
                failures.insert(text);
            }
            _ => {}
        }
    }
}
