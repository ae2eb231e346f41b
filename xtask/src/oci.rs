//! The component as it lies in a container registry: an OCI archive in the form that `wkg` and the runtimes pull.
//!
//! It is made here, and not by `wkg`: then the job of a release that may write to the registry compiles nothing, and the
//! digest that it signs is known before anything is pushed.
//! The form: <https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::workspace::Workspace;
use crate::{Result, file, process};

/// The version of the workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes the layout of an image with the component as its one layer, and gives the folder. The same commit gives the same
/// bytes.
pub fn layout(workspace: &Workspace, wasm: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("oci");
    file::remove(&folder)?;
    let layer = blob(&folder, wasm, "application/wasm")?;

    let world = file::read(&workspace.root.join("wit/world.wit"))?;
    let config = json!({
        "created": "1970-01-01T00:00:00Z",
        "author": null,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [format!("sha256:{}", file::sha256(wasm)?)],
        "component": {
            "exports": interfaces(&world, "export"),
            "imports": interfaces(&world, "import"),
            "target": null,
        },
    });
    let config = json_blob(&folder, &config, "application/vnd.wasm.config.v0+json")?;

    let manifest_type = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": manifest_type,
        "config": config,
        "layers": [layer],
        "annotations": annotations(workspace),
    });
    let manifest = json_blob(&folder, &manifest, manifest_type)?;
    let index = json!({ "schemaVersion": 2, "manifests": [manifest] });
    file::write(&folder.join("index.json"), &index.to_string())?;
    file::write(
        &folder.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )?;
    Ok(folder)
}

/// What a registry shows of it. A copy of the sources without Git has no revision.
fn annotations(workspace: &Workspace) -> Value {
    let mut git = process::command("git");
    git.current_dir(&workspace.root).args(["rev-parse", "HEAD"]);
    let revision = process::capture(&mut git).ok();
    let annotations = [
        ("licenses", Some("Apache-2.0".to_owned())),
        ("revision", revision),
        (
            "source",
            Some("https://github.com/epicac/epicac".to_owned()),
        ),
        ("title", Some("epicac.wasm".to_owned())),
        ("version", Some(VERSION.to_owned())),
    ];
    let annotations = annotations.into_iter().filter_map(|(name, value)| {
        Some((format!("org.opencontainers.image.{name}"), value?.into()))
    });
    Value::Object(annotations.collect())
}

/// The names of the interfaces that the world imports or exports.
fn interfaces(world: &str, direction: &str) -> Vec<String> {
    let lines = world.lines().map(str::trim);
    let names = lines.filter_map(|line| {
        let name = line.strip_prefix(direction)?.strip_prefix(' ')?;
        name.strip_suffix(';')
    });
    names
        .map(|name| match name.contains(':') {
            true => name.to_owned(),
            // One of the world's own package.
            false => format!("epicac:credentials/{name}@{VERSION}"),
        })
        .collect()
}

/// Copies a file to the place that its digest names, and gives what refers to it.
fn blob(folder: &Path, from: &Path, media_type: &str) -> Result<Value> {
    let digest = file::sha256(from)?;
    file::copy(from, &folder.join("blobs/sha256").join(&digest))?;
    Ok(json!({
        "mediaType": media_type,
        "digest": format!("sha256:{digest}"),
        "size": file::size(from)?,
    }))
}

fn json_blob(folder: &Path, document: &Value, media_type: &str) -> Result<Value> {
    let unnamed = folder.with_extension("json");
    file::write(&unnamed, &document.to_string())?;
    blob(folder, &unnamed, media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worlds_interfaces_are_named_with_package_and_version() {
        let world = include_str!("../../wit/world.wit");
        let exports = interfaces(world, "export");
        assert!(exports.contains(&"wasi:cli/run@0.2.0".to_owned()));
        assert!(exports.contains(&format!("epicac:credentials/provider@{VERSION}")));
        let imports = interfaces(world, "import");
        assert!(imports.contains(&"wasi:http/types@0.2.0".to_owned()));
        let named = world.contains(&format!("package epicac:credentials@{VERSION};"));
        assert!(named, "the package has the version of the workspace");
    }

    /// Whoever pushes or pulls it follows these references.
    #[test]
    fn every_part_is_where_its_digest_says() {
        let folder = std::env::temp_dir().join(format!("epicac-oci-{}", std::process::id()));
        let workspace = Workspace {
            root: Workspace::locate().unwrap().root,
            target: folder.clone(),
        };
        let wasm = folder.join("epicac.wasm");
        file::write(&wasm, "a component").unwrap();
        let layout = layout(&workspace, &wasm).unwrap();
        let read = |reference: &Value| {
            let (_, digest) = reference["digest"]
                .as_str()
                .unwrap()
                .split_once(':')
                .unwrap();
            let blob = layout.join("blobs/sha256").join(digest);
            assert_eq!(file::sha256(&blob).unwrap(), digest);
            assert_eq!(
                file::size(&blob).unwrap(),
                reference["size"].as_u64().unwrap()
            );
            file::read(&blob).unwrap()
        };
        let parsed = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        let index = parsed(file::read(&layout.join("index.json")).unwrap());
        let manifest = parsed(read(&index["manifests"][0]));
        let layer = &manifest["layers"][0];
        assert_eq!(read(layer), "a component");
        let config = parsed(read(&manifest["config"]));
        assert_eq!(config["layerDigests"][0], layer["digest"]);
        file::remove(&folder).unwrap();
    }
}
