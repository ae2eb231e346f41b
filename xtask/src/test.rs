//! `cargo xtask test`: every test, after all of its set-up.

use std::fs;
use std::io::{self, BufRead as _, BufReader, IsTerminal as _};
use std::process::{Command, Stdio};
use std::thread;

use crate::architecture::ARCHITECTURES;
use crate::gate::{self, Outcome};
use crate::setup::{self, Part};
use crate::steps::Steps;
use crate::workspace::{Workspace, in_ci};
use crate::{Result, package, process, product, reproducible, sbom};

/// A group of tests that can be run by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What a change needs while it is made: the core, the host's library, and the behaviour. Not one of [`ALL`](Self::ALL),
    /// which have it.
    Quick,
    /// The core, the host's library, the chores, and the guests that try to get out.
    Unit,
    /// The whole binary and the component, against the stand-in agent.
    Behaviour,
    /// The static binary in an empty root.
    Flow,
    /// The real SDKs, by the native host and by `wasmtime run`.
    Sdks,
    /// Other runtimes, other components, and docs/embedding.md.
    Embedding,
    /// The component's bytes.
    Reproducible,
    /// What a cold run costs and does, against committed figures.
    Gate,
    /// The image in a container engine, deploy/ on a node of Kubernetes, the workflows, the crates that are published,
    /// completions, and every snippet of the documentation.
    Adopt,
}

impl Group {
    pub const ALL: [(&str, Self); 8] = [
        ("unit", Self::Unit),
        ("behaviour", Self::Behaviour),
        ("flow", Self::Flow),
        ("sdks", Self::Sdks),
        ("embedding", Self::Embedding),
        ("reproducible", Self::Reproducible),
        ("gate", Self::Gate),
        ("adopt", Self::Adopt),
    ];
}

/// Runs the groups; what they need is set up and built before the first.
pub fn run(workspace: &Workspace, groups: &[Group]) -> Result<()> {
    let mut steps = Steps::default();
    let mut counts = Counts::default();
    let outcome = run_steps(workspace, groups, &mut steps, &mut counts);
    steps.print_times();
    // The plain closing line, last: what a CI reads.
    println!(
        "\n{} passed, {} failed, {} skipped",
        counts.passed, counts.failed, counts.skipped
    );
    outcome
}

fn run_steps(
    workspace: &Workspace,
    groups: &[Group],
    steps: &mut Steps,
    counts: &mut Counts,
) -> Result<()> {
    let wants = |group| groups.contains(&group);
    let matrix = wants(Group::Sdks) || wants(Group::Embedding);
    let quick = wants(Group::Quick);
    let behaviour = wants(Group::Behaviour) || quick;
    let whole = behaviour || wants(Group::Flow) || matrix;

    steps.step("Set-up: Rust targets", || {
        setup::run(workspace, &[Part::Targets])
    })?;
    if whole || wants(Group::Gate) || wants(Group::Adopt) {
        steps.step("Set-up: programs of the system", || {
            setup::run(workspace, &[Part::Packages])
        })?;
    }
    // One list has the packages for Python first, because Go may come by them.
    let mut fetched = Vec::new();
    let mut built = Vec::new();
    if matrix || wants(Group::Flow) || wants(Group::Adopt) {
        fetched.push(Part::Venv);
    }
    if matrix || wants(Group::Adopt) {
        fetched.push(Part::Sdks);
    }
    if wants(Group::Adopt) {
        fetched.extend([Part::Judge, Part::Cluster]);
    }
    if matrix {
        built.push(Part::Wasmtime);
    }
    if wants(Group::Flow) {
        built.push(Part::Sbom);
    }
    if wants(Group::Embedding) {
        built.extend([Part::Wac, Part::Guest]);
    }
    if !fetched.is_empty() || !built.is_empty() {
        steps.step("Set-up: tools, SDKs, a cluster", || {
            setup::side_by_side(workspace, &[&fetched, &built])
        })?;
    }

    if wants(Group::Unit) || quick {
        // A call each: in one call they would get each other's features of what they depend on.
        for (title, package, in_quick) in [
            ("Tests of the chores", "xtask", false),
            ("Tests of the core", "epicac-component", true),
            ("Tests of the host's library", "epicac", true),
            ("Guests that try to get out", "epicac-guests", false),
        ] {
            if quick && !in_quick {
                continue;
            }
            steps.step(title, || {
                let mut cargo = workspace.cargo(["test", "--locked", "--no-fail-fast"]);
                counts.run(cargo.args(["--all-features", "--package", package]))
            })?;
        }
    }
    if wants(Group::Reproducible) {
        steps.step("Two folders, the same epicac.wasm", || {
            counts.count(reproducible::run(workspace))
        })?;
    }
    if whole {
        let wasm = steps.step("Build: epicac.wasm", || product::component(workspace))?;
        let host = steps.step("Build: epicac", || product::host(workspace))?;
        steps.step("The host holds this epicac.wasm", || {
            counts.count(product::check_embedded(&host, &wasm))
        })?;
    }
    if behaviour {
        steps.step("Tests of the behaviour", || {
            let mut cargo = workspace.cargo(["test", "--locked", "--no-fail-fast"]);
            counts.run(with_paths(
                workspace,
                cargo.args(["--package", "epicac-tests"]),
            ))
        })?;
    }
    if wants(Group::Flow) {
        steps.step("The bill of materials is CycloneDX", || {
            counts.count(sbom::check(workspace))
        })?;
    }
    if wants(Group::Flow) || wants(Group::Adopt) {
        static_hosts(workspace, steps)?;
    }
    if wants(Group::Flow) {
        steps.step("Tests of the real flow", || {
            counts.run(&mut whole_tests(workspace, "real_flow", "real-flow"))
        })?;
    }
    if wants(Group::Adopt) {
        steps.step("The published crate holds this epicac.wasm", || {
            counts.count(package::run(workspace))
        })?;
        steps.step("Man pages and completions", || {
            product::manual(workspace).map(drop)
        })?;
        steps.step("Tests of adoption", || {
            let mut cargo = workspace.cargo(["test", "--locked", "--no-fail-fast"]);
            counts.run(with_paths(
                workspace,
                cargo.args(["--package", "epicac-adopt"]),
            ))
        })?;
    }
    if wants(Group::Gate) {
        steps.step("The gate", || {
            let outcomes = gate::check(workspace)?;
            outcomes
                .iter()
                .for_each(|outcome| counts.add_check(outcome));
            gate::verdict(&outcomes)
        })?;
    }
    if matrix {
        clear_matrix(workspace)?;
    }
    // A cell that fails is no reason to leave the others out: the step is told at the end.
    let mut outcome = Ok(());
    if wants(Group::Sdks) {
        outcome = outcome.and(steps.step("The matrix of SDKs", || {
            let mut cargo = whole_tests(workspace, "sdks", "sdks");
            // They wait for credentials to expire more than they compute.
            counts.run(cargo.args(["--", "--test-threads", "6"]))
        }));
    }
    if wants(Group::Embedding) {
        outcome = outcome.and(steps.step("A host on Wasmtime alone", || {
            let mut cargo = workspace.cargo(["test", "--locked", "--no-fail-fast"]);
            counts.run(cargo.args(["--package", "epicac-embedding"]))
        }));
        outcome = outcome.and(steps.step("Runtimes, and docs/embedding.md", || {
            counts.run(&mut whole_tests(workspace, "embedding", "embedding"))
        }));
    }
    if wants(Group::Sdks) && wants(Group::Embedding) {
        outcome = outcome.and(steps.step("The tables of docs/matrix.md", || {
            let mut cargo = whole_tests(workspace, "tables", "sdks,embedding");
            counts.run(cargo.args(["--", "--nocapture"]))
        }));
    }
    outcome
}

/// One target of the tests that need the whole set-up.
fn whole_tests(workspace: &Workspace, target: &str, features: &str) -> Command {
    let mut cargo = workspace.cargo(["test", "--locked", "--no-fail-fast"]);
    cargo.args(["--package", "epicac-tests", "--features", features]);
    cargo.args(["--test", target]);
    with_paths(workspace, &mut cargo);
    cargo
}

/// Forgets the cells of the run before.
fn clear_matrix(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("matrix");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Builds the static binary of each processor. What cannot be built on somebody's own machine is said, and
/// the tests of it say that they are skipped.
fn static_hosts(workspace: &Workspace, steps: &mut Steps) -> Result<()> {
    for architecture in &ARCHITECTURES {
        let title = format!("Build: epicac, static ({})", architecture.target);
        steps.step(&title, || match architecture.require() {
            Err(why) if !in_ci() => {
                println!("  missing: {why}");
                Ok(())
            }
            required => {
                required.and_then(|()| product::static_host(workspace, architecture).map(drop))
            }
        })?;
    }
    Ok(())
}

/// Tells the tests where the things lie that they run.
fn with_paths<'a>(workspace: &Workspace, cargo: &'a mut Command) -> &'a mut Command {
    let target = &workspace.target;
    cargo.env("EPICAC", target.join("release/epicac"));
    cargo.env("EPICAC_WASM", target.join("epicac.wasm"));
    for architecture in &ARCHITECTURES {
        let host = product::static_host_path(workspace, architecture);
        if architecture.is_own() {
            cargo.env("EPICAC_STATIC", &host);
        }
        cargo.env(format!("EPICAC_{}", architecture.name.to_uppercase()), host);
    }
    cargo.env("EPICAC_VENV", workspace.venv());
    cargo.env("EPICAC_SDKS", setup::sdks::folder(workspace));
    cargo.env("EPICAC_GUEST", setup::sdks::guest_folder(workspace));
    cargo.env("EPICAC_TOOLS", workspace.tools());
    cargo.env("EPICAC_MATRIX", target.join("matrix"));
    cargo.env("EPICAC_MANUAL", target.join("manual"));
    cargo.env("EPICAC_JUDGE", workspace.judge());
    if let Some(wasmtime) = setup::wasmtime(workspace) {
        cargo.env("EPICAC_WASMTIME", wasmtime);
    }
    cargo
}

/// How many tests there were.
#[derive(Default)]
struct Counts {
    passed: u32,
    failed: u32,
    skipped: u32,
}

impl Counts {
    /// Runs `cargo test`, shows what it says while it says it, and counts.
    fn run(&mut self, cargo: &mut Command) -> Result<()> {
        let shown = process::shown(cargo);
        println!("  $ {shown}");
        if io::stderr().is_terminal() {
            cargo.env("CARGO_TERM_COLOR", "always");
        }
        let mut process = cargo
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start cargo: {error}"))?;
        let stdout = process.stdout.take().ok_or("cargo has no stdout")?;
        let stderr = process.stderr.take().ok_or("cargo has no stderr")?;
        thread::scope(|scope| {
            // Tests that are skipped say so on stderr, past the capture of their harness.
            let skipped = scope.spawn(|| {
                let mut skipped = 0;
                for line in BufReader::new(stderr).lines().map_while(io::Result::ok) {
                    eprintln!("{line}");
                    skipped += u32::from(line.starts_with("skipped: "));
                }
                skipped
            });
            for line in BufReader::new(stdout).lines().map_while(io::Result::ok) {
                println!("{line}");
                self.add(&line);
            }
            let skipped = skipped.join().unwrap_or_default();
            self.skipped += skipped;
            self.passed = self.passed.saturating_sub(skipped);
        });
        let status = process
            .wait()
            .map_err(|error| format!("cannot wait for cargo: {error}"))?;
        if status.success() {
            Ok(())
        } else {
            Err(format!("{shown} failed ({status})"))
        }
    }

    /// Counts a check that is no test of cargo's.
    fn count(&mut self, outcome: Result<()>) -> Result<()> {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(_) => self.failed += 1,
        }
        outcome
    }

    /// Shows and counts a check of the gate.
    fn add_check(&mut self, outcome: &Outcome) {
        outcome.print();
        match outcome {
            Outcome::Passed(_) => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Skipped(_) => self.skipped += 1,
        }
    }

    /// Adds a line `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some((_, numbers)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for part in numbers.split("; ") {
            match part
                .split_once(' ')
                .map(|(number, what)| (number.parse::<u32>(), what))
            {
                Some((Ok(number), "passed")) => self.passed += number,
                Some((Ok(number), "failed")) => self.failed += number,
                Some((Ok(number), "ignored")) => self.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_lines_of_cargo_test_are_summed() {
        let mut counts = Counts::default();
        counts.add("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s");
        counts
            .add("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        counts.add("test core::works ... ok");
        assert_eq!((counts.passed, counts.failed, counts.skipped), (15, 2, 1));
    }
}
