//! `cargo xtask gate`: compares what a cold run costs and does with committed figures. It measures no
//! times, so its result is the same on every machine.

mod figures;
mod trace;

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::agent::Agent;
use crate::architecture::Architecture;
use crate::harness;
use crate::workspace::{Workspace, in_ci};
use crate::{Result, file, process, product, setup, stat};
use figures::{FIGURES, FILE};

/// The runs under callgrind, of which the lowest count is taken: a run that had to wait for the endpoint
/// polled more often.
const COUNTED_RUNS: u32 = 3;
/// The number of runs whose page faults are counted. The median is used.
const FAULTING_RUNS: u32 = 21;

/// Sets up and checks.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, &["targets", "gate"])?;
    check(workspace)?.into_iter().collect()
}

/// Writes the figures down as the ones to hold from now on.
pub fn bless(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, &["targets", "gate"])?;
    let measured = Cold::build(workspace)?.figures()?;
    let mut committed = committed(workspace)?;
    figures::bless(&mut committed, Architecture::own()?.name, measured);
    file::write(&workspace.root.join(FILE), &format!("{committed:#}\n"))
}

/// Every check of the gate: shows it, and tells what became of it. There is none where a tool is missing on somebody's
/// own machine.
pub fn check(workspace: &Workspace) -> Result<Vec<Result<()>>> {
    for tool in ["valgrind", "strace"] {
        if process::find(tool).is_none() {
            let why = format!("the gate: {tool} is not installed");
            if in_ci() {
                return Err(why);
            }
            println!("  skipped: {why}");
            return Ok(Vec::new());
        }
    }
    let cold = Cold::build(workspace)?;
    let committed = committed(workspace)?;
    let architecture = Architecture::own()?.name;
    let mut outcomes = Vec::new();
    for (figure, measured) in FIGURES.iter().zip(cold.figures()?) {
        let committed = figure.committed(&committed, architecture);
        outcomes.push(figure.compare(committed, measured));
    }
    outcomes.extend(cold.system_calls()?);
    for outcome in &outcomes {
        match outcome {
            Ok(what) => println!("  passed: {what}"),
            Err(what) => println!("  FAILED: {what}"),
        }
    }
    let closed = |_| "the gate is closed".to_owned();
    let told = |outcome: Result<String>| outcome.map(drop).map_err(closed);
    Ok(outcomes.into_iter().map(told).collect())
}

fn committed(workspace: &Workspace) -> Result<Value> {
    let text = file::read(&workspace.root.join(FILE))?;
    serde_json::from_str(&text).map_err(|error| format!("{FILE}: {error}"))
}

/// Everything for cold runs that differ in nothing but the agent's port.
struct Cold {
    host: PathBuf,
    wasm: PathBuf,
    folder: PathBuf,
    agent: Agent,
}

impl Cold {
    fn build(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target.join("gate");
        let agent = product::agent_of_tests(workspace)?;
        Ok(Self {
            host: product::static_host(workspace, Architecture::own()?)?,
            wasm: product::component(workspace)?,
            agent: Agent::start(&agent, &folder, &[])?,
            folder,
        })
    }

    /// The values of [`FIGURES`].
    fn figures(&self) -> Result<[u64; 4]> {
        Ok([
            self.instructions()?,
            self.page_faults()?,
            file::size(&self.host)?,
            file::size(&self.wasm)?,
        ])
    }

    /// By callgrind, which leaves its profile in the folder.
    fn instructions(&self) -> Result<u64> {
        let mut lowest = u64::MAX;
        for _ in 0..COUNTED_RUNS {
            let log = self.folder.join("callgrind.log");
            let mut valgrind = harness::within("valgrind", &self.command());
            for (option, file) in [
                ("log", log.clone()),
                ("callgrind-out", self.folder.join("callgrind.out")),
            ] {
                valgrind.arg(format!("--{option}-file={}", file.display()));
            }
            process::capture(valgrind.arg("--tool=callgrind").arg(&self.host))?;
            let said = file::read(&log)?;
            let count = figures::collected(&said);
            lowest = lowest.min(count.ok_or_else(|| format!("callgrind says: {said}"))?);
        }
        Ok(lowest)
    }

    fn page_faults(&self) -> Result<u64> {
        let mut counts = Vec::new();
        for _ in 0..FAULTING_RUNS {
            let before = faults_of_children()?;
            harness::run(&mut self.command())?;
            counts.push(faults_of_children()? - before);
        }
        counts.sort_unstable();
        harness::at(&counts, 50)
    }

    /// What a run asks of the kernel; strace leaves the whole trace in the folder.
    fn system_calls(&self) -> Result<Vec<Result<String>>> {
        let kept = self.folder.join("strace.out");
        let mut command = harness::within("strace", &self.command());
        command.args(["-f", "-e", trace::CALLS, "-o"]).arg(&kept);
        process::capture(command.arg(&self.host))?;
        trace::check(&file::read(&kept)?)
    }

    /// A cold run.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.host);
        command.env_clear().envs(self.agent.environment());
        command
    }
}

/// The page faults of all processes that this one has waited for: `cminflt` and `cmajflt`.
fn faults_of_children() -> Result<u64> {
    stat::sum("self", &[11, 13])
}
