//! The contract: the built component imports and exports what its world in wit/ says, function by
//! function, and nothing more or less.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId, WorldItem, WorldKey};

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The component: the file that the variable `EPICAC_WASM` names, or else `target/epicac.wasm`.
fn component() -> Vec<u8> {
    let built = workspace().join("target/epicac.wasm");
    let path = env::var_os("EPICAC_WASM").map_or(built, PathBuf::from);
    fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask test behaviour` builds it, or name another one by the variable \
             EPICAC_WASM",
            path.display()
        )
    })
}

/// The world of the built component, and that of the source.
fn worlds() -> ((Resolve, WorldId), (Resolve, WorldId)) {
    let DecodedWasm::Component(built, built_world) = wit_component::decode(&component()).unwrap()
    else {
        panic!("it is a WIT package instead of a component");
    };
    let mut source = Resolve::default();
    let (package, _) = source.push_dir(workspace().join("wit")).unwrap();
    let source_world = source.select_world(&[package], Some("epicac")).unwrap();
    ((built, built_world), (source, source_world))
}

/// `package:name/interface@version` of each interface, and with ` function` behind it of each function.
fn items<'a>(
    resolve: &Resolve,
    items: impl IntoIterator<Item = (&'a WorldKey, &'a WorldItem)>,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, item) in items {
        let name = resolve.name_world_key(key);
        if let WorldItem::Interface { id, .. } = item {
            let functions = resolve.interfaces[*id].functions.keys();
            names.extend(functions.map(|function| format!("{name} {function}")));
        }
        names.insert(name);
    }
    names
}

fn same(what: &str, built: &BTreeSet<String>, source: &BTreeSet<String>) {
    let list = |difference: Vec<&String>| {
        difference
            .iter()
            .map(|name| format!("\n  {name}"))
            .collect::<String>()
    };
    let more = list(built.difference(source).collect());
    let less = list(source.difference(built).collect());
    assert!(
        built == source,
        "{what} of the component but not of wit/:{more}\n{what} of wit/ but not of the component:{less}"
    );
}

#[test]
fn the_component_imports_what_its_world_says_function_by_function() {
    let ((built, built_world), (source, source_world)) = worlds();
    let imports = |resolve: &Resolve, world| items(resolve, &resolve.worlds[world].imports);
    same(
        "imports",
        &imports(&built, built_world),
        &imports(&source, source_world),
    );
}

#[test]
fn the_component_exports_what_its_world_says_function_by_function() {
    let ((built, built_world), (source, source_world)) = worlds();
    let exports = |resolve: &Resolve, world| items(resolve, &resolve.worlds[world].exports);
    same(
        "exports",
        &exports(&built, built_world),
        &exports(&source, source_world),
    );
}
