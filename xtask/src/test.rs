//! `cargo xtask test`: the tests, after all of their set-up.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _};
use std::process::{Command, Stdio};
use std::thread;

use crate::architecture::ARCHITECTURES;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{Result, file, gate, package, process, product, reproducible, sbom, setup};

/// The groups that can be run by themselves, and the parts of the set-up that each needs.
const GROUPS: [(&str, &str); 9] = [
    // What a change needs while it is made. Other groups have these tests, too.
    ("quick", "targets packages"),
    ("unit", "targets"),
    ("behaviour", "targets packages"),
    ("flow", "targets packages venv sbom"),
    ("sdks", "targets packages venv sdks wasmtime"),
    ("embedding", "targets packages venv sdks wasmtime wac guest"),
    ("reproducible", "targets"),
    ("gate", "targets packages"),
    ("adopt", "targets packages venv sdks judge cluster"),
];

/// The names of all groups.
pub fn groups() -> Vec<&'static str> {
    GROUPS.map(|(name, _)| name).to_vec()
}

/// The groups that run what is released.
const WHOLE: &str = "quick behaviour flow sdks embedding";
/// The groups that fill the tables of docs/matrix.md, and what writes them after both.
const MATRIX: [&str; 3] = ["sdks", "embedding", "tables"];

type Check = fn(&Workspace) -> Result<()>;

/// What is built during the set-up, and the groups that need it. Its links take minutes on one processor, while the others
/// are free.
const BUILDS: [(&str, Check); 3] = [
    (WHOLE, |workspace| product::component(workspace).map(drop)),
    (WHOLE, |workspace| product::host(workspace).map(drop)),
    ("flow adopt", |workspace| {
        product::static_hosts(workspace).map(drop)
    }),
];

type Work = fn(&mut Run) -> Result<()>;

/// The steps in their order: a title, the groups that it belongs to, and what it does.
///
/// Each call of cargo tests one package: in one call they would get each other's features of what they depend on.
const STEPS: [(&str, &str, Work); 19] = [
    ("Tests of the chores", "unit", |run| run.tests("xtask")),
    ("Tests of the pages' tables", "unit", |run| {
        run.tests("epicac-page")
    }),
    ("Tests of the core", "unit quick", |run| {
        run.tests("epicac-component")
    }),
    ("Tests of the host's library", "unit quick", |run| {
        run.tests("epicac --all-features")
    }),
    ("Guests that try to get out", "unit", |run| {
        run.tests("epicac-guests")
    }),
    ("Two folders, the same epicac.wasm", "reproducible", |run| {
        run.check(reproducible::run)
    }),
    ("The host holds epicac.wasm", WHOLE, |run| {
        run.check(product::check_host)
    }),
    ("Tests of the behaviour", "behaviour", |run| {
        run.tests("epicac-tests")
    }),
    // They wait more than they compute. One whose time is measured can fail so: CI runs fewer at once.
    ("Tests of the behaviour, many at once", "quick", |run| {
        run.tests("epicac-tests -- --test-threads=8")
    }),
    ("The bills of materials are CycloneDX", "flow", |run| {
        run.check(sbom::check)
    }),
    ("Tests of the real flow", "flow", |run| {
        run.tests("epicac-tests --features=set-up --test=real_flow")
    }),
    ("The published crate holds epicac.wasm", "adopt", |run| {
        run.check(|workspace| package::run(workspace).map(drop))
    }),
    ("Man pages and completions", "adopt", |run| {
        product::manual(run.workspace).map(drop)
    }),
    ("Tests of adoption", "adopt", |run| {
        run.tests("epicac-adopt")
    }),
    ("The gate", "gate", |run| {
        let outcomes = gate::check(run.workspace)?;
        run.passed += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        run.failed += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        run.skipped += usize::from(outcomes.is_empty());
        outcomes.into_iter().collect()
    }),
    ("The matrix of SDKs", "sdks", |run| {
        // They wait for credentials to expire more than they compute.
        run.tests("epicac-tests --features=set-up --test=sdks -- --test-threads=6")
    }),
    ("A host on Wasmtime alone", "embedding", |run| {
        run.tests("epicac-embedding")
    }),
    ("Runtimes, and docs/embedding.md", "embedding", |run| {
        run.tests("epicac-tests --features=set-up --test=embedding")
    }),
    ("The tables of docs/matrix.md", "tables", |run| {
        run.tests("epicac-tests --features=set-up --test=tables -- --nocapture")
    }),
];

/// Runs the groups.
pub fn run(workspace: &Workspace, groups: &[&str]) -> Result<()> {
    let mut groups = groups.to_vec();
    // These two run what `quick` runs.
    if groups.contains(&"unit") && groups.contains(&"behaviour") {
        groups.retain(|group| *group != "quick");
    }
    if groups.contains(&"sdks") && groups.contains(&"embedding") {
        groups.push("tables");
    }
    let mut run = Run {
        workspace,
        passed: 0,
        failed: 0,
        skipped: 0,
    };
    let mut steps = Steps::default();
    let outcome = run.steps(&groups, &mut steps);
    steps.print_times();
    // A CI reads this line.
    println!(
        "\n{} passed, {} failed, {} skipped",
        run.passed, run.failed, run.skipped
    );
    outcome
}

struct Run<'a> {
    workspace: &'a Workspace,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Run<'_> {
    fn steps(&mut self, groups: &[&str], steps: &mut Steps) -> Result<()> {
        let workspace = self.workspace;
        let wants = |groups_of_it: &str| groups_of_it.split(' ').any(|it| groups.contains(&it));
        let wanted = GROUPS.iter().filter(|(name, _)| wants(name));
        let parts: Vec<&str> = wanted.flat_map(|(_, parts)| parts.split(' ')).collect();
        steps.step("Set-up, and what is released", || {
            setup::run_beside(workspace, &parts, || {
                let mut builds = BUILDS.iter().filter(|(groups, _)| wants(groups));
                builds.try_for_each(|(_, build)| build(workspace))
            })
        })?;
        if MATRIX.iter().any(|group| groups.contains(group)) {
            // The cells of the run before.
            file::remove(&self.workspace.target.join("matrix"))?;
        }
        let mut outcome = Ok(());
        for (title, belongs_to, work) in STEPS {
            if !wants(belongs_to) {
                continue;
            }
            let done = steps.step(title, || work(self));
            if MATRIX.contains(&belongs_to) {
                // A cell that fails is no reason to leave the others out.
                outcome = outcome.and(done);
            } else {
                done?;
            }
        }
        outcome
    }

    /// Runs `cargo test --package …`, shows what it prints, and counts.
    fn tests(&mut self, package: &str) -> Result<()> {
        let options = ["test", "--locked", "--no-fail-fast", "--package"];
        let mut cargo = self.workspace.cargo(options);
        cargo.args(package.split(' '));
        set_paths(self.workspace, &mut cargo);
        let shown = process::shown(&cargo);
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
        // A test that is skipped says so on stderr, which its harness does not capture.
        let skipped = thread::spawn(move || {
            let lines = BufReader::new(stderr).lines().map_while(io::Result::ok);
            let shown = lines.inspect(|line| eprintln!("{line}"));
            shown.filter(|line| line.starts_with("skipped: ")).count()
        });
        for line in BufReader::new(stdout).lines().map_while(io::Result::ok) {
            println!("{line}");
            let [passed, failed, ignored] = counts(&line);
            self.passed += passed;
            self.failed += failed;
            self.skipped += ignored;
        }
        let skipped = skipped.join().unwrap_or_default();
        self.skipped += skipped;
        self.passed = self.passed.saturating_sub(skipped);
        match process.wait() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{shown} failed ({status})")),
            Err(error) => Err(format!("cannot wait for cargo: {error}")),
        }
    }

    /// Does and counts a check that is no test of cargo's.
    fn check(&mut self, check: Check) -> Result<()> {
        let outcome = check(self.workspace);
        match outcome {
            Ok(()) => self.passed += 1,
            Err(_) => self.failed += 1,
        }
        outcome
    }
}

/// What was passed, failed and ignored, in a line `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn counts(line: &str) -> [usize; 3] {
    let numbers = line
        .strip_prefix("test result: ")
        .and_then(|rest| rest.split_once(". "))
        .map_or("", |(_, numbers)| numbers);
    ["passed", "failed", "ignored"].map(|what| {
        let mut parts = numbers.split("; ").filter_map(|part| part.split_once(' '));
        let number = parts.find(|(_, name)| *name == what);
        number
            .and_then(|(number, _)| number.parse().ok())
            .unwrap_or(0)
    })
}

/// Tells the tests where the things lie that they run.
fn set_paths(workspace: &Workspace, cargo: &mut Command) {
    for (name, path) in [
        ("EPICAC", "release/epicac"),
        ("EPICAC_WASM", "epicac.wasm"),
        ("EPICAC_MATRIX", "matrix"),
        ("EPICAC_MANUAL", "manual"),
        ("EPICAC_VENV", "venv"),
        ("EPICAC_SDKS", "sdks"),
        ("EPICAC_GUEST", "guest"),
        ("EPICAC_JUDGE", "judge"),
    ] {
        cargo.env(name, workspace.target.join(path));
    }
    for architecture in &ARCHITECTURES {
        let name = format!("EPICAC_{}", architecture.name.to_uppercase());
        cargo.env(name, product::static_host_path(workspace, architecture));
    }
    cargo.env("EPICAC_TOOLS", workspace.tools());
    if let Some(wasmtime) = setup::wasmtime(workspace) {
        cargo.env("EPICAC_WASMTIME", wasmtime);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_result_lines_of_cargo_test_are_counted() {
        let line = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(counts(line), [12, 0, 1]);
        let line = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counts(line), [3, 2, 0]);
        assert_eq!(counts("test core::works ... ok"), [0; 3]);
    }

    #[test]
    fn each_group_has_a_step_and_each_part_of_its_set_up_is_known() {
        for (group, parts) in GROUPS {
            assert!(
                STEPS
                    .iter()
                    .any(|(_, groups, _)| groups.split(' ').any(|it| it == group))
            );
            assert!(parts.split(' ').all(|part| setup::parts().contains(&part)));
        }
    }
}
