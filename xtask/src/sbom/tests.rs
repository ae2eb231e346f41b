//! The bill of materials of this very workspace.

use super::*;

fn this() -> (Value, Vec<(Crate, String)>) {
    let workspace = Workspace::locate().unwrap();
    let sums = format!("{}  epicac.wasm\n", "0".repeat(64));
    let lock = fs::read_to_string(workspace.root.join("Cargo.lock")).unwrap();
    let bom = generate(
        &workspace,
        crate::architecture::Architecture::own().unwrap().target,
        &sums,
    )
    .unwrap();
    (bom, checksums(&lock))
}

fn components(bom: &Value) -> &Vec<Value> {
    bom["components"].as_array().unwrap()
}

#[test]
fn every_crate_is_one_of_the_lock_file_with_its_checksum() {
    let (bom, locked) = this();
    let crates = components(&bom).iter().filter(|it| it["type"] == "library");
    let mut seen = 0;
    for it in crates {
        let own = it["name"].as_str().unwrap().starts_with("epicac");
        let found = locked
            .iter()
            .find(|(locked, _)| it["name"] == *locked.name && it["version"] == *locked.version);
        let content = found.map(|(_, sum)| sum.as_str());
        assert_eq!(it["hashes"][0]["content"].as_str(), content, "{it}");
        assert_ne!(own, content.is_some(), "{it}");
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn what_is_in_the_program_is_told_from_what_builds_it() {
    let (bom, _) = this();
    let scope = |name: &str| {
        let mut components = components(&bom).iter();
        let found = components.find(|it| it["name"] == name);
        found
            .and_then(|it| it["scope"].as_str())
            .unwrap_or("none")
            .to_owned()
    };
    for name in [
        "tokio",
        "wasmtime",
        "seccompiler",
        "epicac-component",
        "landlock",
        "rlsf",
    ] {
        assert_eq!(scope(name), "required", "{name}");
    }
    for name in ["cranelift-codegen", "syn", "clap_derive", "wit-parser"] {
        assert_eq!(scope(name), "excluded", "{name}");
    }
    for name in ["proptest", "aws-config", "epicac-tests", "xtask"] {
        assert_eq!(scope(name), "none", "{name}");
    }
}

#[test]
fn every_reference_is_to_something_that_is_listed_once() {
    let (bom, _) = this();
    let mut known: Vec<&Value> = components(&bom).iter().map(|it| &it["bom-ref"]).collect();
    known.push(&bom["metadata"]["component"]["bom-ref"]);
    for (at, it) in known.iter().enumerate() {
        assert!(it.is_string() && !known[at + 1..].contains(it), "{it}");
    }
    for it in bom["dependencies"].as_array().unwrap() {
        assert!(known.contains(&&it["ref"]), "{it}");
        for needed in it["dependsOn"].as_array().unwrap() {
            assert!(known.contains(&needed), "{needed}");
        }
    }
}

#[test]
fn it_names_no_place_on_this_machine() {
    let (bom, _) = this();
    let workspace = Workspace::locate().unwrap();
    assert!(!bom.to_string().contains(&*workspace.root.to_string_lossy()));
    assert_eq!(bom["bomFormat"], "CycloneDX");
    assert_eq!(components(&bom)[0]["name"], "epicac.wasm");
}

#[test]
fn the_spelling_of_a_licence_is_that_of_spdx() {
    let tree = Tree::parse(
        "0a v1.0.0 (/some/where)|MIT/Apache-2.0\n1b v2.0.0+c|Apache-2.0 / MIT\n1m v3.0.0 (proc-macro)|MIT\n2n v4.0.0|MIT\n",
        "0a v1.0.0 (/some/where)|MIT\n1b v2.0.0+c|MIT\n1m v3.0.0 (proc-macro)|MIT\n2n v4.0.0|MIT\n",
    )
    .unwrap();
    let crates: Vec<_> = tree.crates().collect();
    let [a, b, ..] = crates.as_slice() else {
        panic!("{crates:?}");
    };
    assert_eq!(tree.licence(a), Some("MIT OR Apache-2.0"));
    assert_eq!(tree.licence(b), Some("Apache-2.0 OR MIT"));
    assert_eq!(b.purl(), "pkg:cargo/b@2.0.0%2Bc");
    assert_eq!(
        tree.shipped(),
        &BTreeSet::from([(*a).clone(), (*b).clone()])
    );
}
