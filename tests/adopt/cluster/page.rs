//! What deploy/kubernetes/README.md prints of a pod.

use std::path::Path;

use epicac_adopt::markdown;
use serde_json::Value;

use crate::server::Cluster;

/// The pod.
pub fn pod(cluster: &Cluster) -> Value {
    cluster.read(&containing("\nkind: Pod\n"))
}

/// The mount of a container for an image without a shell.
pub fn mount_at(cluster: &Cluster, path: &str) -> Value {
    let mounts = containing(&format!(
        "volumeMounts:\n  - name: epicac\n    mountPath: {path}\n"
    ));
    let mounts = mounts.replace('\n', "\n      ");
    let pod = cluster.read(&format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n    - name: a\n      {mounts}"
    ));
    pod["spec"]["containers"][0]["volumeMounts"][0].clone()
}

/// The one block with a text.
pub fn containing(text: &str) -> String {
    let blocks = markdown::blocks(Path::new("deploy/kubernetes/README.md"));
    let mut blocks = blocks.into_iter().filter(|it| it.text.contains(text));
    let block = blocks.next().expect("the page has it");
    assert!(blocks.next().is_none(), "twice: {text}");
    block.text
}
