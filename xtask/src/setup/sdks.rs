//! The applications of tests/sdks with their SDKs, and what embeds the component: everything that is
//! fetched from a registry is pinned by a lock file beside its source, and built below the target folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::{cargo_install, quickly_built, succeeds};
use crate::workspace::{Workspace, in_ci};
use crate::{Result, process, product};

/// The version of `wac`, which plugs components together.
const WAC: &str = "0.12.0";
/// The version of wasm-tools, which validates them and compares them with a world.
const WASM_TOOLS: &str = "1.263.0";

/// Where the applications lie.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("sdks")
}

/// Where `epicac-guest` is built.
pub fn guest_folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("guest")
}

/// Each application. On a developer's machine a language that is not there is named and left out.
pub fn applications(workspace: &Workspace) -> Result<()> {
    for application in [javascript, go, java, rust] {
        match application(workspace) {
            Err(why) if !in_ci() => println!("  missing: {why}"),
            outcome => outcome?,
        }
    }
    Ok(())
}

/// The SDK for JavaScript, and jco; npm puts both beside the application.
fn javascript(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "javascript");
    let installed = to.join("installed.json");
    let lock = from.join("package-lock.json");
    for file in [
        "package.json",
        "package-lock.json",
        ".npmrc",
        "application.mjs",
    ] {
        product::copy(&from.join(file), &to.join(file))?;
    }
    if same(&lock, &installed) {
        println!("  {}: there", to.display());
        return Ok(());
    }
    let mut npm = process::command("npm");
    npm.current_dir(&to)
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(&mut npm)?;
    // Written last: an installation that was broken off is made anew.
    product::copy(&lock, &installed)
}

fn go(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "go");
    let mut go = super::go(workspace)?;
    // One static file, as programs in Go mostly are in images that hold nothing else.
    go.current_dir(from)
        .env("CGO_ENABLED", "0")
        .args(["build", "-trimpath", "-o"])
        .arg(to.join("application"));
    process::run(&mut go)
}

/// Maven fetches the SDK, and javac, which is all that it would run, is run by itself.
fn java(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "java");
    let (pom, installed) = (from.join("pom.xml"), to.join("installed.xml"));
    if !same(&pom, &installed) {
        let mut maven = process::command("mvn");
        maven
            .args(["--quiet", "--batch-mode", "--file"])
            .arg(&pom)
            .args(["dependency:copy-dependencies", "-DincludeScope=runtime"])
            .arg(format!("-DoutputDirectory={}", to.join("jars").display()));
        process::run(&mut maven)?;
        product::copy(&pom, &installed)?;
    }
    let mut javac = process::command("javac");
    javac.arg("-d").arg(&to).arg("-cp");
    javac
        .arg(to.join("jars/*"))
        .arg(from.join("Application.java"));
    process::run(&mut javac)
}

fn rust(workspace: &Workspace) -> Result<()> {
    let (from, to) = places(workspace, "rust");
    let mut cargo = workspace.cargo(["build", "--locked", "--manifest-path"]);
    cargo
        .arg(from.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(to);
    process::run(&mut cargo)
}

/// The examples of `epicac-guest`, as components, and what runs one of them in wasmCloud's runtime.
pub fn guest(workspace: &Workspace) -> Result<()> {
    let examples = ["--examples", "--target", super::WASM_TARGET];
    for (manifest, options) in [
        ("guest/Cargo.toml", &examples[..]),
        ("tests/wash/Cargo.toml", &[]),
    ] {
        let mut cargo = workspace.cargo(["build", "--locked"]);
        cargo
            .args(options)
            .arg("--manifest-path")
            .arg(workspace.root.join(manifest))
            .arg("--target-dir")
            .arg(guest_folder(workspace));
        process::run(&mut cargo)?;
    }
    Ok(())
}

/// `wac` and `wasm-tools`, as those type them who read docs/embedding.md.
pub fn component_tools(workspace: &Workspace) -> Result<()> {
    for (name, package, version, features) in [
        ("wac", "wac-cli", WAC, "wit"),
        ("wasm-tools", "wasm-tools", WASM_TOOLS, "validate,component"),
    ] {
        let file = workspace.tools().join("bin").join(name);
        if succeeds(&file, &["--version"]) {
            println!("  {}: there", file.display());
            continue;
        }
        // They run for a second: what counts is how fast they are built.
        let mut install = cargo_install(workspace, package, version);
        install.args(["--no-default-features", "--features", features]);
        process::run(quickly_built(&mut install, "0"))?;
    }
    Ok(())
}

fn places(workspace: &Workspace, language: &str) -> (PathBuf, PathBuf) {
    (
        workspace.root.join("tests/sdks").join(language),
        folder(workspace).join(language),
    )
}

fn same(one: &Path, other: &Path) -> bool {
    let (one, other) = (fs::read(one), fs::read(other));
    matches!((one, other), (Ok(one), Ok(other)) if one == other)
}
