//! The bills of materials of a release, in CycloneDX's JSON, by cargo-cyclonedx: one of the static program, with what
//! builds it, and one of the component. The digests of the files themselves are in SHA256SUMS.

use std::path::PathBuf;

use crate::architecture::Architecture;
use crate::reproducible::Copy;
use crate::setup::{self, WASM_TARGET};
use crate::workspace::Workspace;
use crate::{Result, file, process};

/// The name of each in `dist/`, the folder of the crate that it is about, and the target if it is not this machine's.
const BILLS: [(&str, &str, Option<&str>); 2] = [
    ("epicac.cdx.json", "host", None),
    ("epicac.wasm.cdx.json", "component", Some(WASM_TARGET)),
];

/// Writes the bills of materials into `target/sbom`, and gives the files with their names.
///
/// The tool writes into the folder of each member of a workspace, so it gets a copy of the sources. The same commit
/// gives the same files: they hold no random number, no path of this machine, and no other date than that
/// of the epoch.
pub fn generate(workspace: &Workspace) -> Result<Vec<(String, PathBuf)>> {
    setup::run(workspace, &["sbom"])?;
    let copy = Copy::of(workspace)?;
    let own = Architecture::own()?.target;
    let mut files = Vec::new();
    for (name, package, target) in BILLS {
        let mut cyclonedx = process::command(workspace.tools().join("bin/cargo-cyclonedx"));
        cyclonedx
            .current_dir(copy.folder.join(package))
            .env("SOURCE_DATE_EPOCH", "0")
            .args(["cyclonedx", "--format", "json", "--spec-version", "1.5"])
            .args(["--override-filename", "bill", "--quiet"])
            .args(["--target", target.unwrap_or(own)]);
        process::run(&mut cyclonedx)?;
        let written = copy.folder.join(package).join("bill.json");
        let bill = file::read(&written)?.replace(&copy.folder.display().to_string(), "");
        let kept = workspace.target.join("sbom").join(name);
        file::write(&kept, &bill)?;
        files.push((name.to_owned(), kept));
    }
    Ok(files)
}

/// Checks the bills of materials: by the JSON Schema of CycloneDX, which a library for Python holds, and that each
/// names crates with their checksums.
pub fn check(workspace: &Workspace) -> Result<()> {
    const VALIDATE: &str = "\
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
bill = open(sys.argv[1]).read()
flaw = JsonStrictValidator(SchemaVersion.V1_5).validate_str(bill)
crates = [it for it in json.loads(bill)['components'] if it.get('hashes')]
if flaw or not crates:
    sys.exit(str(flaw or 'no crate has a checksum'))
";
    for (name, file) in generate(workspace)? {
        let mut python = process::command(workspace.target.join("venv").join("bin/python"));
        python.args(["-c", VALIDATE]).arg(&file);
        process::capture(&mut python)
            .map_err(|_| format!("{name} is no bill of materials by CycloneDX 1.5"))?;
    }
    Ok(())
}
