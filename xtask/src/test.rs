//! `cargo xtask test`: the tests, after all of their set-up.

use std::io::{self, BufRead as _, BufReader, IsTerminal as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use crate::architecture::{ARCHITECTURES, Architecture};
use crate::setup::Done;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{Result, file, gate, package, packages, process, product, reproducible, sbom, setup};

/// Groups that can be run by themselves, and the parts of the set-up that each needs.
type Groups = [(&'static str, &'static str)];

/// The groups of `cargo xtask test`: the product by itself.
const PRODUCT: &Groups = &[
    // What a change needs while it is made. Other groups have these tests, too.
    ("quick", "targets network"),
    ("unit", "targets network"),
    ("guests", "targets"),
    ("behaviour", "targets network"),
    ("flow", "targets network"),
    ("reproducible", "targets"),
    ("gate", "targets gate"),
];

/// The groups of `cargo xtask test real`: the product with other people's software.
const REAL: &Groups = &[
    ("sdks", "targets network venv sdks wasmtime"),
    (
        "embedding",
        "targets network venv sdks wasmtime wac guest embedding",
    ),
    (
        "containers",
        "targets processors emulator network sdks containers",
    ),
    ("cluster", "targets network venv sdks containers cluster"),
    ("processors", "targets processors emulator network"),
    ("kernels", "targets processors kernels"),
    ("packages", "targets processors venv installers nfpm"),
    ("bills", "targets venv sbom"),
    ("documents", "targets venv shells"),
];

/// Which command: a set of groups.
#[derive(Clone, Copy)]
pub enum Suite {
    Product,
    Real,
}

impl Suite {
    const fn table(self) -> &'static Groups {
        match self {
            Self::Product => PRODUCT,
            Self::Real => REAL,
        }
    }

    /// The names of its groups.
    pub fn groups(self) -> Vec<&'static str> {
        self.table().iter().map(|(name, _)| *name).collect()
    }
}

/// The parts of the set-up for `cargo xtask test`.
#[cfg(test)]
pub fn product_parts() -> impl Iterator<Item = &'static str> {
    PRODUCT.iter().flat_map(|(_, parts)| parts.split(' '))
}

/// The groups that run what is released.
const WHOLE: &str = "quick behaviour flow gate sdks embedding containers cluster processors kernels packages documents";
/// The groups that fill the tables of docs/matrix.md, and what writes them after both.
const MATRIX: [&str; 3] = ["sdks", "embedding", "tables"];

type Check = fn(&Workspace) -> Result<()>;

/// What is built during the set-up, and the groups that need it. Its links take minutes on one processor, while the others
/// are free.
const BUILDS: &[(&str, &str, Check)] = &[
    ("epicac.wasm", WHOLE, |workspace| {
        product::component(workspace).map(drop)
    }),
    ("epicac, static", WHOLE, |workspace| {
        product::static_host(workspace, Architecture::own()?).map(drop)
    }),
    (
        "epicac, static, of each processor",
        "containers processors kernels packages",
        |workspace| product::static_hosts(workspace).map(drop),
    ),
    (
        "Tests of each processor",
        "kernels",
        setup::kernels::programs,
    ),
];

type Work = fn(&mut Run) -> Result<()>;

/// The steps in their order: a title, the groups that it belongs to, and what it does.
///
/// Each call of cargo selects the whole workspace with all features, and then some of its targets. So every crate, Wasmtime
/// above all, is built once, and with the features with which the lints check it.
const STEPS: &[(&str, &str, Work)] = &[
    (
        "Tests of the chores, the core, and the host's library",
        "unit quick",
        |run| run.units(),
    ),
    ("Examples in the documentation of crates", "unit", |run| {
        run.tests("--doc")
    }),
    ("What differs in a build with glibc", "unit", |run| {
        run.with_glibc()
    }),
    ("Guests that try to get out", "guests", |run| {
        run.tests("--test=contained --test=wall")
    }),
    ("Two folders, the same epicac.wasm", "reproducible", |run| {
        run.check(reproducible::run)
    }),
    (
        "The published crate holds epicac.wasm",
        "reproducible",
        |run| run.check(|workspace| package::run(workspace).map(drop)),
    ),
    ("The static host holds epicac.wasm", WHOLE, |run| {
        run.check(product::check_host)
    }),
    ("Tests of the behaviour", "behaviour", |run| {
        run.tests("--test=behaviour")
    }),
    // They wait more than they compute. One whose time is measured can fail so: CI runs fewer at once.
    ("Tests of the behaviour, many at once", "quick", |run| {
        run.tests("--test=behaviour -- --test-threads=8")
    }),
    ("Links of the documentation", "behaviour", |run| {
        run.tests("--test=adopt -- every_link")
    }),
    ("Tests of the flow", "flow", |run| {
        run.tests("--test=real_flow -- --skip=aarch64")
    }),
    ("The gate", "gate", |run| {
        let outcomes = gate::check(run.workspace)?;
        run.passed += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        run.failed += outcomes.iter().filter(|outcome| outcome.is_err()).count();
        run.skipped += usize::from(outcomes.is_empty());
        outcomes.into_iter().collect()
    }),
    ("The bills of materials are CycloneDX", "bills", |run| {
        run.check(sbom::check)
    }),
    ("Tests of the flow on aarch64", "processors", |run| {
        run.tests("--test=real_flow -- aarch64")
    }),
    ("Packages, the same twice", "packages", |run| {
        run.check(packages::check)
    }),
    ("Packages, installed and removed", "packages", |run| {
        run.tests("--test=packages")
    }),
    ("Kernels in qemu", "kernels", |run| {
        run.tests("--test=kernels -- --nocapture")
    }),
    ("Man pages and completions", "documents", |run| {
        product::manual(run.workspace).map(drop)
    }),
    (
        "Workflows, modules, shells, and the documentation",
        "documents",
        |run| run.tests("--test=adopt -- --skip=engine:: --skip=every_link"),
    ),
    ("Images in a container engine", "containers", |run| {
        run.tests("--test=adopt -- engine::")
    }),
    ("A node of Kubernetes", "cluster", |run| {
        run.tests("--test=cluster")
    }),
    ("The matrix of SDKs", "sdks", |run| {
        // They wait for credentials to expire more than they compute.
        run.tests("--test=sdks -- --test-threads=6")
    }),
    ("A host on Wasmtime alone", "embedding", |run| {
        run.tests("--test=embedded")
    }),
    ("Runtimes, and docs/embedding.md", "embedding", |run| {
        run.tests("--test=embedding")
    }),
    ("The tables of docs/matrix.md", "tables", |run| {
        run.tests("--test=tables -- --nocapture")
    }),
];

/// The tests of the behaviour that also run on a build with glibc, which resolves names, allocates and starts in its own
/// way. Everything else runs on the static program.
const WITH_GLIBC: &str =
    "localhost wall:: a_name_that_cannot_be_resolved search_domains want_of_memory memory_is_flat";

/// Runs the groups of a suite; all of them if none is named.
pub fn run(workspace: &Workspace, suite: Suite, groups: &[&str]) -> Result<()> {
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
    let failures = run.steps(suite, &groups, &mut steps)?;
    steps.print_times();
    for failure in &failures {
        println!("FAILED: {failure}");
    }
    // A CI reads this line.
    println!(
        "\n{} passed, {} failed, {} skipped",
        run.passed, run.failed, run.skipped
    );
    match failures.len() {
        0 => Ok(()),
        count => Err(format!("{count} steps failed: they are listed above")),
    }
}

struct Run<'a> {
    workspace: &'a Workspace,
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Run<'_> {
    /// Sets up and runs all steps, and gives those that failed: one does not hide the others.
    fn steps(&mut self, suite: Suite, groups: &[&str], steps: &mut Steps) -> Result<Vec<String>> {
        let workspace = self.workspace;
        let wants = |groups_of_it: &str| groups_of_it.split(' ').any(|it| groups.contains(&it));
        let wanted = suite.table().iter().filter(|(name, _)| wants(name));
        let parts: Vec<&str> = wanted.flat_map(|(_, parts)| parts.split(' ')).collect();
        println!("\n== Set-up, and what is released");
        let done = setup::run_beside(workspace, &parts, || {
            let mut done = Done::default();
            for (title, groups, build) in BUILDS {
                if wants(groups) {
                    done.build(title, || build(workspace));
                }
            }
            done
        });
        steps.add(done.took);
        let mut failures = done.failures;
        if MATRIX.iter().any(|group| groups.contains(group)) {
            // The cells of the run before.
            file::remove(&workspace.target.join("matrix"))?;
        }
        for (title, belongs_to, work) in STEPS {
            if !wants(belongs_to) {
                continue;
            }
            if let Err(why) = steps.step(title, || work(self)) {
                println!("FAILED: {why}");
                failures.push(format!("{title}: {why}"));
            }
        }
        Ok(failures)
    }

    /// The tests of libraries and programs, and those that lie beside the core and the host.
    fn units(&mut self) -> Result<()> {
        let mut targets = "--lib --bin=epicac --bin=xtask".to_owned();
        for package in ["component", "host"] {
            for name in file::names(&self.workspace.root.join(package).join("tests"))? {
                if let Some(name) = name.strip_suffix(".rs") {
                    targets.push_str(&format!(" --test={name}"));
                }
            }
        }
        self.tests(&targets)
    }

    /// The tests of the behaviour whose outcome depends on the C library, on a program without optimizations: the tests of
    /// the host's library build it.
    fn with_glibc(&mut self) -> Result<()> {
        let mut cargo = self.workspace.cargo_test();
        process::run(cargo.args(["--no-run", "--test=rooms"]))?;
        let program = self.workspace.target.join("debug/epicac");
        let tests = format!("--test=behaviour -- {WITH_GLIBC}");
        self.tests_of(&tests, Some(program))
    }

    /// Runs these targets of the workspace by `cargo test`, shows what it prints, and counts.
    fn tests(&mut self, targets: &str) -> Result<()> {
        self.tests_of(targets, None)
    }

    /// The same of another program than the static one.
    fn tests_of(&mut self, targets: &str, program: Option<PathBuf>) -> Result<()> {
        let mut cargo = self.workspace.cargo_test();
        cargo.arg("--no-fail-fast").args(targets.split(' '));
        set_paths(self.workspace, &mut cargo)?;
        if let Some(program) = program {
            cargo.env("EPICAC", program);
        }
        let shown = process::shown(&cargo);
        println!("  $ {shown}");
        if io::stderr().is_terminal() {
            cargo.env("CARGO_TERM_COLOR", "always");
        }
        let mut process = process::start(cargo.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
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
        match process::wait(&mut process)? {
            status if status.success() => Ok(()),
            status => Err(format!("{shown} failed ({status})")),
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
fn set_paths(workspace: &Workspace, cargo: &mut Command) -> Result<()> {
    for (name, path) in [
        ("EPICAC_WASM", "epicac.wasm"),
        ("EPICAC_MATRIX", "matrix"),
        ("EPICAC_MANUAL", "manual"),
        ("EPICAC_VENV", "venv"),
        ("EPICAC_SDKS", "sdks"),
        ("EPICAC_GUEST", "guest"),
        ("EPICAC_KERNELS", "kernels"),
        ("EPICAC_PACKAGES", "packages"),
    ] {
        cargo.env(name, workspace.target.join(path));
    }
    for architecture in &ARCHITECTURES {
        let name = format!("EPICAC_{}", architecture.name.to_uppercase());
        cargo.env(name, product::static_host_path(workspace, architecture));
    }
    let own = Architecture::own()?;
    cargo.env("EPICAC", product::static_host_path(workspace, own));
    cargo.env("EPICAC_TOOLS", workspace.tools());
    if let Some(wasmtime) = setup::wasmtime(workspace) {
        cargo.env("EPICAC_WASMTIME", wasmtime);
    }
    Ok(())
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
        let is_of = |group: &str, groups: &str| groups.split(' ').any(|it| it == group);
        for (group, parts) in PRODUCT.iter().chain(REAL) {
            assert!(STEPS.iter().any(|(_, groups, _)| is_of(group, groups)));
            let unknown = parts.split(' ').find(|part| !setup::parts().contains(part));
            assert_eq!(unknown, None, "{group}");
        }
    }

    #[test]
    fn each_step_and_each_build_belongs_to_known_groups() {
        let known = [
            Suite::Product.groups(),
            Suite::Real.groups(),
            vec!["tables"],
        ]
        .concat();
        let steps = STEPS.iter().map(|(_, groups, _)| *groups);
        for groups in steps.chain(BUILDS.iter().map(|(_, groups, _)| *groups)) {
            let unknown = groups.split(' ').find(|group| !known.contains(group));
            assert_eq!(unknown, None);
        }
    }
}
