//! What a cluster of one node is made of, beside Debian's containerd: tests/adopt/cluster/tools pins the sources.

use std::fs;
use std::path::Path;

use crate::workspace::Workspace;
use crate::{Result, process};

/// Programs, and the package of each.
const PROGRAMS: [(&str, &str); 4] = [
    ("etcd", "go.etcd.io/etcd/server/v3"),
    ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
    ("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
    ("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
];
/// Where the programs of Kubernetes keep their version.
const VERSION: &str = "k8s.io/component-base/version";

/// Builds the programs that are missing or were built of other sources; it takes some minutes.
pub fn build(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("tests/adopt/cluster/tools");
    let folder = workspace.tools().join("bin");
    let pinned = sources.join("go.mod");
    let manifest = fs::read_to_string(&pinned)
        .map_err(|error| format!("cannot read {}: {error}", pinned.display()))?;
    let built = folder.join("cluster.mod");
    let same = fs::read_to_string(&built).is_ok_and(|built| built == manifest);
    if same && PROGRAMS.iter().all(|(name, _)| folder.join(name).is_file()) {
        println!("  {}: etcd and Kubernetes are there", folder.display());
        return Ok(());
    }
    for (name, package) in PROGRAMS {
        let mut go = super::go(workspace)?;
        go.current_dir(&sources)
            .env("CGO_ENABLED", "0")
            .args(["build", "-trimpath", "-ldflags", &linker_flags(&manifest)?])
            .arg("-o")
            .arg(folder.join(name))
            .arg(package);
        process::run(&mut go)?;
    }
    write(&built, &manifest)
}

/// A server and a client without a version refuse each other.
fn linker_flags(manifest: &str) -> Result<String> {
    let version = manifest
        .lines()
        .find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"))
        .ok_or("tests/adopt/cluster/tools/go.mod names no Kubernetes")?;
    let mut numbers = version.split('.');
    let (major, minor) = (numbers.next(), numbers.next());
    let (Some(major), Some(minor)) = (major, minor) else {
        return Err(format!("Kubernetes has the version `{version}`"));
    };
    Ok(format!(
        "-s -w -X {VERSION}.gitVersion=v{version} -X {VERSION}.gitMajor={major} -X {VERSION}.gitMinor={minor}"
    ))
}

/// Written last: a build that was broken off is made anew.
fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).map_err(|error| format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_are_told_the_version_that_is_pinned() {
        let manifest = include_str!("../../../tests/adopt/cluster/tools/go.mod");
        let flags = linker_flags(manifest).unwrap();
        assert!(flags.contains(".gitMinor=3"), "{flags}");
    }
}
