//! `cargo xtask setup`: what the chores need beside rustup and a C compiler, one row for each thing.

pub mod kernels;
mod packages;
mod sources;

use std::path::{Path, PathBuf};
use std::thread;

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::steps::{Steps, Took};
use crate::workspace::{Workspace, in_ci};
use crate::{Result, process};

/// The component's target.
pub const WASM_TARGET: &str = "wasm32-wasip2";
/// The version of the wasmtime CLI: that of the runtime that the host embeds.
const WASMTIME: &str = "48.0.8";

/// The name of a part, and what installs something of it. It does nothing when that is there already.
type Row = (&'static str, fn(&Workspace) -> Result<()>);

/// All programs of the system, as one part.
const PACKAGES: &str = "packages";

/// The other rows need these.
const FIRST: &[Row] = &[
    ("targets", |_| {
        targets(&[WASM_TARGET, Architecture::own()?.target])
    }),
    ("processors", |_| {
        targets(&ARCHITECTURES.map(|architecture| architecture.target))
    }),
];
/// These wait for servers most of the time. Python is the first, because its packages may have to bring Go.
const FETCHED: &[Row] = &[
    ("venv", sources::venv),
    ("sdks", sources::javascript),
    ("sdks", sources::go),
    // The program whose start is measured.
    ("bench", sources::go),
    ("sdks", sources::java),
    ("sdks", sources::rust),
    ("cluster", sources::cluster),
    ("cluster", sources::containers),
    ("cluster", sources::helm),
    ("kernels", kernels::fetch),
    ("nfpm", sources::nfpm),
];
/// These compile meanwhile.
const BUILT: &[Row] = &[
    ("wasmtime", wasmtime_cli),
    ("wac", |workspace| {
        tool(workspace, "wac-cli@0.12.0", "wit", &[])
    }),
    ("wac", |workspace| {
        tool(workspace, "wasm-tools@1.263.0", "validate,component", &[])
    }),
    ("guest", sources::guest),
    ("guest", sources::wash),
    ("sbom", |workspace| {
        tool(workspace, "cargo-cyclonedx@0.5.9", "", &[])
    }),
    ("mutants", |workspace| {
        tool(workspace, "cargo-mutants@27.1.0", "", &[])
    }),
    // Only .ci/run uses it.
    ("deny", |workspace| {
        tool(workspace, "cargo-deny@0.20.2", "", &[])
    }),
];

/// The names of all parts.
pub fn parts() -> Vec<&'static str> {
    let rows = FIRST.iter().chain(FETCHED).chain(BUILT);
    let named = rows.map(|(name, _)| *name).chain(packages::parts());
    let mut names = Vec::new();
    for name in [PACKAGES].into_iter().chain(named) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Installs the parts with these names.
///
/// On a developer's machine a thing that cannot be installed is named and left out, and the tests that need it say that
/// they are skipped. In CI that is a failure.
pub fn run(workspace: &Workspace, parts: &[&str]) -> Result<()> {
    run_beside(workspace, parts, Done::default).outcome()
}

/// The same as a chore, with the times of all parts at the end.
pub fn chore(workspace: &Workspace, parts: &[&str]) -> Result<()> {
    let mut steps = Steps::default();
    let done = run_beside(workspace, parts, Done::default);
    steps.add(done.took.clone());
    steps.print_times();
    done.outcome()
}

/// The same, and meanwhile something else that needs only the targets and the programs of the system.
pub fn run_beside(workspace: &Workspace, parts: &[&str], other: impl FnOnce() -> Done) -> Done {
    let every: Vec<&str> = packages::parts().collect();
    let is_every = parts.contains(&PACKAGES);
    let programs = if is_every { &every } else { parts };
    let mut done = Done::default();
    done.part("programs of the system", || packages::install(programs));
    done.rows(workspace, parts, FIRST);
    thread::scope(|scope| {
        let lists = [FETCHED, BUILT].map(|rows| {
            scope.spawn(|| {
                let mut done = Done::default();
                done.rows(workspace, parts, rows);
                done
            })
        });
        done.add(other());
        for list in lists {
            match list.join() {
                Ok(list) => done.add(list),
                Err(_) => done.failures.push("a set-up panicked".to_owned()),
            }
        }
    });
    done
}

/// What was set up or built, and why something could not be. One part that fails does not hide the others.
#[derive(Default)]
pub struct Done {
    pub took: Vec<Took>,
    pub failures: Vec<String>,
}

impl Done {
    /// Installs a part.
    fn part(&mut self, name: &str, install: impl FnOnce() -> Result<()>) {
        let title = format!("Set-up: {name}");
        let (outcome, took) = Took::measure(&title, install);
        let Err(why) = outcome else {
            self.took.push(took);
            return;
        };
        println!("  {title}: missing: {why}");
        self.took.push(took.with(": missing"));
        if in_ci() {
            self.failures.push(format!("{title}: {why}"));
        }
    }

    fn rows(&mut self, workspace: &Workspace, parts: &[&str], rows: &[Row]) {
        for (name, install) in rows.iter().filter(|(name, _)| parts.contains(name)) {
            self.part(name, || install(workspace));
        }
    }

    /// Builds something, without which nothing can be tested: a failure on every machine.
    pub fn build(&mut self, title: &str, build: impl FnOnce() -> Result<()>) {
        let (outcome, took) = Took::measure(title, build);
        if let Err(why) = outcome {
            println!("  {title}: FAILED: {why}");
            self.failures.push(format!("{title}: {why}"));
        }
        self.took.push(took);
    }

    fn add(&mut self, other: Self) {
        self.took.extend(other.took);
        self.failures.extend(other.failures);
    }

    fn outcome(self) -> Result<()> {
        if self.failures.is_empty() {
            return Ok(());
        }
        Err(self.failures.join("; "))
    }
}

/// Adds the Rust targets that the toolchain does not have.
pub fn targets(wanted: &[&str]) -> Result<()> {
    for target in wanted {
        let mut rustc = process::command("rustc");
        rustc.args(["--print", "target-libdir", "--target", target]);
        if !Path::new(&process::capture(&mut rustc)?).is_dir() {
            process::run(process::command("rustup").args(["target", "add", target]))?;
        }
    }
    Ok(())
}

/// The wasmtime CLI of exactly our version, when it is there.
pub fn wasmtime(workspace: &Workspace) -> Option<PathBuf> {
    let own = workspace.tools().join("bin/wasmtime");
    let mut found = [Some(own), process::find("wasmtime")].into_iter().flatten();
    found.find(|file| {
        let said = process::capture(process::command(file).arg("--version"));
        said.is_ok_and(|said| said.split_whitespace().nth(1) == Some(WASMTIME))
    })
}

fn wasmtime_cli(workspace: &Workspace) -> Result<()> {
    if wasmtime(workspace).is_some() {
        return Ok(());
    }
    // What `run` and `serve` need for a WASI 0.2 component with HTTP. In this version `serve` cannot be compiled without
    // `component-model-async`.
    let features = "run,serve,compile,cranelift,component-model,component-model-async,wasi-http,cache,config,parallel-compilation";
    let package = format!("wasmtime-cli@{WASMTIME}");
    // These compile components, which takes too long without any optimization.
    let compilers = ["cranelift-codegen", "regalloc2"];
    tool(workspace, &package, features, &compilers)
}

/// Installs a program from its crate, with these features, or else with the default ones. Cargo does nothing when this
/// version is there.
///
/// Tests run it only for a moment, so its build is as short as it can be: nothing but the `busy` crates is optimized.
fn tool(workspace: &Workspace, package: &str, features: &str, busy: &[&str]) -> Result<()> {
    let mut cargo = workspace.cargo(["install", package, "--locked", "--quiet", "--root"]);
    cargo.arg(workspace.tools());
    if !features.is_empty() {
        cargo.args(["--no-default-features", "--features", features]);
    }
    for name in busy {
        cargo.arg(format!(
            "--config=profile.release.package.{name}.opt-level=1"
        ));
    }
    cargo
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        // The tools share what they depend on, and above all the macros.
        .env("CARGO_TARGET_DIR", workspace.target.join("install"));
    process::run(&mut cargo)
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
