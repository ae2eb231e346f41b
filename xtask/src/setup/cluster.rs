//! What a cluster of one node is made of, and BuildKit: modules of Go below tests/adopt pin the sources.

use std::fs;
use std::path::Path;

use crate::workspace::Workspace;
use crate::{Result, process};

/// What one go.mod pins. containerd wants other versions of what Kubernetes is made of.
struct Module {
    name: &'static str,
    /// Below tests/adopt.
    folder: &'static str,
    /// Programs, and the package of each.
    programs: &'static [(&'static str, &'static str)],
}

const MODULES: [Module; 2] = [
    Module {
        name: "cluster",
        folder: "cluster/tools",
        programs: &[
            ("etcd", "go.etcd.io/etcd/server/v3"),
            ("kube-apiserver", "k8s.io/kubernetes/cmd/kube-apiserver"),
            ("kubectl", "k8s.io/kubernetes/cmd/kubectl"),
            ("kubelet", "k8s.io/kubernetes/cmd/kubelet"),
        ],
    },
    Module {
        name: "containers",
        folder: "containers",
        programs: &[
            (
                "containerd",
                "github.com/containerd/containerd/v2/cmd/containerd",
            ),
            (
                "containerd-shim-runc-v2",
                "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2",
            ),
            ("ctr", "github.com/containerd/containerd/v2/cmd/ctr"),
            ("buildkitd", "github.com/moby/buildkit/cmd/buildkitd"),
            ("buildctl", "github.com/moby/buildkit/cmd/buildctl"),
        ],
    },
];
/// Where the programs of Kubernetes keep their version.
const VERSION: &str = "k8s.io/component-base/version";

/// Builds the programs that are missing or were built of other sources; it takes some minutes.
pub fn build(workspace: &Workspace) -> Result<()> {
    MODULES
        .iter()
        .try_for_each(|module| module.build(workspace))
}

impl Module {
    fn build(&self, workspace: &Workspace) -> Result<()> {
        let sources = workspace.root.join("tests/adopt").join(self.folder);
        let folder = workspace.tools().join("bin");
        let pinned = sources.join("go.mod");
        let manifest = fs::read_to_string(&pinned)
            .map_err(|error| format!("cannot read {}: {error}", pinned.display()))?;
        let built = folder.join(self.name).with_extension("mod");
        let same = fs::read_to_string(&built).is_ok_and(|built| built == manifest);
        let mut programs = self.programs.iter();
        if same && programs.all(|(name, _)| folder.join(name).is_file()) {
            println!(
                "  {}: the programs of {} are there",
                folder.display(),
                self.folder
            );
            return Ok(());
        }
        for (name, package) in self.programs {
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
}

/// A server and a client of Kubernetes without a version refuse each other.
fn linker_flags(manifest: &str) -> Result<String> {
    // A comment may follow it.
    let kubernetes = manifest
        .lines()
        .filter_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v"))
        .find_map(|line| line.split_whitespace().next());
    let Some(version) = kubernetes else {
        return Ok("-s -w".to_owned());
    };
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
    fn the_programs_of_kubernetes_are_told_the_version_that_is_pinned() {
        let manifest = "require (\n\tk8s.io/kubernetes v1.36.3 // indirect\n)\n";
        assert_eq!(
            linker_flags(manifest).unwrap(),
            "-s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 \
             -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
        );
        let pinned = include_str!("../../../tests/adopt/cluster/tools/go.mod");
        assert!(linker_flags(pinned).unwrap().contains(".gitMinor=3"));
    }
}
