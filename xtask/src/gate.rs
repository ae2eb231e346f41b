//! `cargo xtask gate`: what a cold run costs and does, held against committed figures. Nothing here is a
//! time, so that it says the same on every machine.

mod endpoint;
mod figures;
mod trace;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::architecture::Architecture;
use crate::harness;
use crate::setup::{self, Part};
use crate::workspace::{Workspace, in_ci};
use crate::{Result, process, product};
use figures::{FIGURES, FILE, Figure};
use serde_json::Value;

/// The runs under callgrind, of which the lowest count is taken: a run that had to wait for the endpoint
/// polled more often.
const COUNTED_RUNS: u32 = 3;
/// The number of runs whose page faults are counted. The median is used.
const FAULTING_RUNS: u32 = 21;
/// What the gate runs other programs for.
const TOOLS: [&str; 2] = ["valgrind", "strace"];
/// How many lines of each list `--why` shows.
const SHOWN: usize = 60;

/// What to do with the figures.
#[derive(Clone, Copy)]
pub enum Mode {
    Check,
    /// Write them down as the ones to hold from now on.
    Bless,
    /// Show what they are made of.
    Why,
}

/// What became of one check.
pub enum Outcome {
    Passed(String),
    Failed(String),
    /// Only on somebody's own machine.
    Skipped(String),
}

/// Builds what is measured, and does what the mode says.
pub fn run(workspace: &Workspace, mode: Mode) -> Result<()> {
    setup::run(workspace, &[Part::Targets, Part::Packages])?;
    match mode {
        Mode::Why => return why(workspace),
        Mode::Bless => bless(workspace)?,
        Mode::Check => {}
    }
    let outcomes = check(workspace)?;
    outcomes.iter().for_each(Outcome::print);
    verdict(&outcomes)
}

/// Fails when one of the checks did.
pub fn verdict(outcomes: &[Outcome]) -> Result<()> {
    let failed = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Failed(_)))
        .count();
    if failed == 0 {
        Ok(())
    } else {
        Err(format!("the gate is closed: {failed} of its checks failed"))
    }
}

impl Outcome {
    pub fn print(&self) {
        match self {
            Self::Passed(what) => println!("  passed: {what}"),
            Self::Failed(what) => println!("  FAILED: {what}"),
            Self::Skipped(what) => println!("  skipped: {what}"),
        }
    }

    fn of(result: Result<String>) -> Self {
        result.map_or_else(Self::Failed, Self::Passed)
    }
}

/// Every check of the gate.
pub fn check(workspace: &Workspace) -> Result<Vec<Outcome>> {
    let missing: Vec<&str> = TOOLS
        .into_iter()
        .filter(|tool| process::find(tool).is_none())
        .collect();
    if !missing.is_empty() {
        let why = format!("the gate: {} is not installed", missing.join(", "));
        return if in_ci() {
            Err(why)
        } else {
            Ok(vec![Outcome::Skipped(why)])
        };
    }
    let cold = Cold::build(workspace)?;
    let committed = committed(workspace)?;
    let architecture = Architecture::own()?.name;
    let mut outcomes = Vec::new();
    for (figure, measured) in cold.figures()? {
        let committed = figure.committed(&committed, architecture);
        outcomes.push(Outcome::of(figure.compare(committed, measured)));
    }
    outcomes.extend(cold.system_calls()?);
    Ok(outcomes)
}

fn bless(workspace: &Workspace) -> Result<()> {
    let measured = Cold::build(workspace)?.figures()?;
    let mut committed = committed(workspace)?;
    figures::bless(&mut committed, Architecture::own()?.name, &measured);
    let file = workspace.root.join(FILE);
    fs::write(&file, format!("{committed:#}\n"))
        .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    println!("  written: {FILE}");
    Ok(())
}

fn committed(workspace: &Workspace) -> Result<Value> {
    let text = fs::read_to_string(workspace.root.join(FILE))
        .map_err(|error| format!("cannot read {FILE}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{FILE}: {error}"))
}

/// Shows which functions a cold run spends its instructions in, and the largest symbols, from a binary that differs from
/// the shipped one only in that it still has its names.
fn why(workspace: &Workspace) -> Result<()> {
    let mut cold = Cold::build(workspace)?;
    let named = cold.folder.join("epicac-with-names");
    product::static_variant(workspace, &["-Cstrip=none"], &named)?;
    cold.host.clone_from(&named);
    println!(
        "\n  {} instructions",
        figures::grouped(cold.instructions()?)
    );
    let mut nm = process::command("nm");
    nm.args([
        "--demangle",
        "--print-size",
        "--size-sort",
        "--reverse-sort",
    ]);
    let mut annotate = process::command("callgrind_annotate");
    for command in [annotate.arg(cold.profile()), nm.arg(named)] {
        println!("\n  $ {}", process::shown(command));
        let output = process::capture(command)?;
        output
            .lines()
            .take(SHOWN)
            .for_each(|line| println!("{line}"));
    }
    Ok(())
}

/// Everything for cold runs that differ in nothing: no environment but two variables, a token and an
/// endpoint that are always the same.
struct Cold {
    host: PathBuf,
    wasm: PathBuf,
    folder: PathBuf,
    token_file: PathBuf,
    /// Where its credentials are.
    uri: String,
}

impl Cold {
    fn build(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("gate");
        fs::create_dir_all(&folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let token_file = folder.join("token");
        fs::write(&token_file, endpoint::token())
            .map_err(|error| format!("cannot write {}: {error}", token_file.display()))?;
        Ok(Self {
            host: product::static_host(workspace, Architecture::own()?)?,
            wasm: product::component(workspace)?,
            folder,
            token_file,
            uri: format!("http://{}/v1/credentials", endpoint::start()?),
        })
    }

    fn figures(&self) -> Result<Vec<(&'static Figure, u64)>> {
        let measured = |figure: &'static Figure| {
            let value = match figure.key {
                "instructions" => self.instructions(),
                "page_faults" => self.page_faults(),
                "binary_bytes" => product::size(&self.host),
                "component_bytes" => product::size(&self.wasm),
                key => Err(format!("nothing measures {key}")),
            };
            value.map(|value| (figure, value))
        };
        FIGURES.iter().map(measured).collect()
    }

    fn profile(&self) -> PathBuf {
        self.folder.join("callgrind.out")
    }

    fn instructions(&self) -> Result<u64> {
        let counts: Result<Vec<u64>> = (0..COUNTED_RUNS)
            .map(|_| harness::instructions(&self.command(), &self.profile()))
            .collect();
        counts?.into_iter().min().ok_or_else(|| "no run".to_owned())
    }

    fn page_faults(&self) -> Result<u64> {
        let mut command = self.command();
        let counts: Result<Vec<u64>> = (0..FAULTING_RUNS)
            .map(|_| harness::page_faults(&mut command))
            .collect();
        let mut counts = counts?;
        counts.sort_unstable();
        harness::at(&counts, 50)
    }

    /// Whether a run asks for executable memory, or starts a thread.
    fn system_calls(&self) -> Result<[Outcome; 2]> {
        let file = self.folder.join("strace.out");
        let mut command = harness::within("strace", &self.command());
        command.args(["-f", "-e", trace::CALLS, "-o"]).arg(&file);
        process::capture(command.arg(&self.host))?;
        let trace = fs::read_to_string(&file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let none = |what: &str, is_meant| match trace::lines_where(&trace, is_meant)?.as_slice() {
            [] => Ok(format!("a cold run {what}")),
            lines => Err(format!(
                "a cold run {what}: not so\n    {}\n  why: strace -f -k -e {} target/…/epicac; the whole trace is {}",
                lines.join("\n    "),
                trace::CALLS,
                file.display()
            )),
        };
        Ok([
            Outcome::of(none(
                "never asks for executable memory",
                trace::asks_for_executable_memory,
            )),
            Outcome::of(none("has one thread", trace::starts_a_thread)),
        ])
    }

    /// A cold run.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.host);
        command
            .env_clear()
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &self.uri)
            .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &self.token_file);
        command
    }
}
