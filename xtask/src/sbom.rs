//! The bill of materials of a release, in CycloneDX's JSON: every crate that is in the program or builds it,
//! with its version, licence and the checksum of Cargo.lock, and the files of the release with theirs.
//!
//! Cargo itself says what depends on what, for the features and targets that are built. Nothing in it
//! changes from one day or machine to another, so the same commit gives the same file.

mod tree;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::setup::WASM_TARGET;
use crate::workspace::Workspace;
use crate::{Result, process};
use tree::{Crate, Tree};

/// The name of the file in `dist/`.
pub const FILE: &str = "epicac.cdx.json";

/// Writes the bill of materials of the files in `sums`, lines as `sha256sum` prints them, into `dist`, and
/// gives its own such line.
pub fn write(workspace: &Workspace, dist: &Path, target: &str, sums: &str) -> Result<String> {
    let file = dist.join(FILE);
    let bom = serde_json::to_string_pretty(&generate(workspace, target, sums)?)
        .map_err(|error| error.to_string())?;
    fs::write(&file, bom + "\n")
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    Ok(format!("{}  {FILE}\n", crate::product::sha256(&file)?))
}

/// Has the bill of materials checked against the JSON Schema of CycloneDX, by a library that holds it.
pub fn check(workspace: &Workspace, target: &str) -> Result<()> {
    const VALIDATE: &str = "\
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
flaw = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
sys.exit(str(flaw) if flaw else 0)
";
    write(workspace, &workspace.target, target, "")?;
    let mut python = process::command(workspace.venv().join("bin/python"));
    python
        .args(["-c", VALIDATE])
        .arg(workspace.target.join(FILE));
    let valid = process::capture(&mut python).map(drop);
    valid.map_err(|_| format!("{FILE} is not what the schema of CycloneDX 1.6 allows"))
}

fn generate(workspace: &Workspace, target: &str, sums: &str) -> Result<Value> {
    let lock = workspace.root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock)
        .map_err(|error| format!("cannot read {}: {error}", lock.display()))?;
    let host = Tree::of(workspace, "epicac", target)?;
    let component = Tree::of(workspace, "epicac-component", WASM_TARGET)?;
    bill(&host, &component, &checksums(&lock), sums)
}

/// The checksums of Cargo.lock, with name and version. A crate of this workspace has none.
fn checksums(lock: &str) -> Vec<(Crate, String)> {
    let packages = lock.split("[[package]]").skip(1);
    let field = |package: &str, name: &str| {
        let mut lines = package.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
        Some(value.trim_matches('"').to_owned())
    };
    packages
        .filter_map(|package| {
            let (name, version) = (field(package, "name")?, field(package, "version")?);
            Some((Crate { name, version }, field(package, "checksum")?))
        })
        .collect()
}

/// The document.
fn bill(host: &Tree, component: &Tree, checksums: &[(Crate, String)], sums: &str) -> Result<Value> {
    // The component is in the host, as bytes, and so are the crates that it was made of.
    let shipped: BTreeSet<&Crate> = host.shipped().union(component.shipped()).collect();
    let mut all: Vec<&Crate> = host.crates().chain(component.crates()).collect();
    all.sort();
    all.dedup();

    let mut components = files(sums)?;
    for it in all.iter().filter(|it| **it != host.root()) {
        let licence = host.licence(it).or_else(|| component.licence(it));
        let licence = licence.ok_or_else(|| format!("{} has no licence", it.name))?;
        let mut entry = json!({
            "type": "library",
            "bom-ref": it.purl(),
            "name": it.name,
            "version": it.version,
            "scope": if shipped.contains(it) { "required" } else { "excluded" },
            "licenses": [{ "expression": licence }],
            "purl": it.purl(),
        });
        let sum = checksums.iter().find(|(locked, _)| locked == *it);
        if let (Some((_, sum)), Value::Object(entry)) = (sum, &mut entry) {
            let hashes = json!([{ "alg": "SHA-256", "content": sum }]);
            entry.insert("hashes".to_owned(), hashes);
        }
        components.push(entry);
    }

    let dependencies: Vec<Value> = all
        .iter()
        .map(|it| {
            let needed: BTreeSet<String> = host
                .needs(it)
                .chain(component.needs(it))
                .map(Crate::purl)
                .collect();
            json!({ "ref": it.purl(), "dependsOn": needed })
        })
        .collect();
    let root = host.root();
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root.purl(),
                "name": root.name,
                "version": root.version,
                "licenses": [{ "expression": "Apache-2.0" }],
                "purl": root.purl(),
            },
        },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// The files of the release.
fn files(sums: &str) -> Result<Vec<Value>> {
    let entry = |line: &str| {
        let (digest, name) = line
            .split_once("  ")
            .ok_or_else(|| format!("`{line}` is not what sha256sum prints"))?;
        Ok(json!({
            "type": "file",
            "bom-ref": format!("file:{name}"),
            "name": name,
            "hashes": [{ "alg": "SHA-256", "content": digest }],
        }))
    };
    sums.lines().map(entry).collect()
}

#[cfg(test)]
mod tests;
