//! `cargo xtask bench --scale`: many runs at once, and many calls of the library in one process.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::machine::{self, mebibytes};
use crate::agent::Agent;
use crate::architecture::Architecture;
use crate::harness::{self, at, sorted};
use crate::setup::{self, Part};
use crate::workspace::Workspace;
use crate::{Result, process, product};

/// How many runs, and how many of them at once.
const CROWDS: [(u32, u32); 4] = [(200, 1), (500, 10), (1_000, 100), (1_000, 1_000)];
/// How often the library is called, each way.
const CALLS: u32 = 10_000;
/// Far above what this machine can ask for: the real agent's limit is for one pod.
const RATE: [&str; 2] = ["--requests-per-second", "1000000"];

/// Measures, prints, and writes `docs/scale.md`.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, &[Part::Targets, Part::Packages])?;
    let folder = workspace.target.join("bench");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let crowd = harness::compiled(workspace, "crowd", &folder)?;
    let host = product::static_host(workspace, Architecture::own()?)?;
    let in_process = product::in_process(workspace)?;
    let agent = product::agent(workspace)?;

    let mut rows = Vec::new();
    for (runs, at_once) in CROWDS {
        let agent = Counting::start(&agent, &folder, &[])?;
        let mut command = process::command(&crowd);
        command.args([runs.to_string(), at_once.to_string()]);
        let output = process::capture(command.arg(&host).envs(agent.agent.environment()))?;
        let row = Crowd::parse(&output, at_once, agent.requests()?)?;
        println!("{}", row.markdown());
        rows.push(row);
    }
    let mut calls = Vec::new();
    for way in &WAYS {
        let agent = Counting::start(&agent, &folder, way.agent)?;
        let mut command = process::command(&in_process);
        command.args([way.mode, &CALLS.to_string()]);
        let output = process::capture(command.envs(agent.agent.environment()))?;
        let row = Calls::parse(&output, way.title, agent.requests()?)?;
        println!("{}", row.markdown());
        calls.push(row);
    }
    super::write(workspace, "scale.md", &page(&rows, &calls))?;
    if rows.iter().any(|row| row.failed > 0) || calls.iter().any(|row| row.failed > 0.0) {
        return Err("some of them failed".to_owned());
    }
    Ok(())
}

/// A way to call the library, and what the agent is told for it.
struct Way {
    title: &'static str,
    mode: &'static str,
    agent: &'static [&'static str],
}

const WAYS: [Way; 3] = [
    Way {
        title: "cached: one provider, credentials for hours",
        mode: "cached",
        agent: &[],
    },
    Way {
        title: "refreshed: one provider, credentials that expire within its five minutes",
        mode: "refreshed",
        agent: &["--expires-in", "290"],
    },
    Way {
        title: "fresh: a provider, and so an instance of the component, for each call",
        mode: "fresh",
        agent: &[],
    },
];

/// An agent that writes a line for each request.
struct Counting {
    agent: Agent,
    log: PathBuf,
}

impl Counting {
    fn start(program: &Path, folder: &Path, options: &[&str]) -> Result<Self> {
        let log = folder.join("requests.log");
        fs::write(&log, "").map_err(|error| format!("cannot write {}: {error}", log.display()))?;
        let name = log.display().to_string();
        let options = [&RATE, &["--log", &name], options].concat();
        Ok(Self {
            agent: Agent::start_with(program, folder, &options)?,
            log,
        })
    }

    fn requests(&self) -> Result<usize> {
        let log = fs::read_to_string(&self.log)
            .map_err(|error| format!("cannot read {}: {error}", self.log.display()))?;
        Ok(log.lines().count())
    }
}

/// What many runs at once took.
struct Crowd {
    at_once: u32,
    runs: usize,
    failed: usize,
    requests: usize,
    seconds: f64,
    /// The median and the 99th percentile of a run, in µs.
    half: f64,
    slow: f64,
    /// The most that one run had.
    peak_kib: u64,
}

impl Crowd {
    /// Reads what `crowd` prints.
    fn parse(output: &str, at_once: u32, requests: usize) -> Result<Self> {
        let unknown = || format!("`crowd` printed `{output}`");
        let (runs, all) = output.trim_end().rsplit_once('\n').ok_or_else(unknown)?;
        let all: f64 = all.parse().map_err(|_| unknown())?;
        let run = |line: &str| {
            let mut fields = line.split('\t');
            let failed = fields.next()? == "1";
            let microseconds: f64 = fields.next()?.parse().ok()?;
            let peak_kib: u64 = fields.next()?.parse().ok()?;
            let bytes: u64 = fields.next()?.parse().ok()?;
            // Who prints no document has failed, whatever its status says.
            Some((failed || bytes < 100, microseconds, peak_kib))
        };
        let runs: Option<Vec<_>> = runs.lines().map(run).collect();
        let runs = runs.ok_or_else(unknown)?;
        let times = sorted(runs.iter().map(|(_, microseconds, _)| *microseconds));
        Ok(Self {
            at_once,
            runs: runs.len(),
            failed: runs.iter().filter(|(failed, ..)| *failed).count(),
            requests,
            seconds: all / 1e6,
            half: at(&times, 0.5)?,
            slow: at(&times, 0.99)?,
            peak_kib: runs.iter().map(|(.., peak)| *peak).max().unwrap_or(0),
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "no count is so large")]
    fn markdown(&self) -> String {
        format!(
            "| {} | {} | {} | {} | {:.0} | {:.1} ms | {:.1} ms | {} |",
            self.at_once,
            self.runs,
            self.failed,
            self.requests,
            self.runs as f64 / self.seconds,
            self.half / 1e3,
            self.slow / 1e3,
            mebibytes(self.peak_kib)
        )
    }
}

/// What many calls in one process took.
struct Calls {
    title: &'static str,
    failed: f64,
    requests: usize,
    seconds: f64,
    half: f64,
    slow: f64,
    first_kib: f64,
    last_kib: f64,
}

impl Calls {
    /// Reads what `epicac-in-process` prints.
    fn parse(output: &str, title: &'static str, requests: usize) -> Result<Self> {
        let fields: Option<Vec<f64>> = output
            .split('\t')
            .map(|field| field.trim().parse().ok())
            .collect();
        let Some([failed, seconds, half, slow, first_kib, last_kib]) =
            fields.and_then(|fields| <[f64; 6]>::try_from(fields).ok())
        else {
            return Err(format!("`epicac-in-process` printed `{output}`"));
        };
        Ok(Self {
            title,
            failed,
            requests,
            seconds,
            half,
            slow,
            first_kib,
            last_kib,
        })
    }

    fn markdown(&self) -> String {
        format!(
            "| {} | {} | {} | {:.0} | {:.1} µs | {:.1} µs | {:.1} MiB | {:.1} MiB |",
            self.title,
            self.failed,
            self.requests,
            f64::from(CALLS) / self.seconds,
            self.half,
            self.slow,
            self.first_kib / 1024.0,
            self.last_kib / 1024.0
        )
    }
}

fn page(crowds: &[Crowd], calls: &[Calls]) -> String {
    let mut text = "\
# Many at once

`cargo xtask bench --scale` writes this page. The stand-in agent is on the loopback address and on the same
processors, and answers as many requests as come.

## Runs of the static binary

A small static C program (`xtask/bench/crowd.c`) keeps so many runs going at a time until all have ended. Time
is that of one run, from its start until it has ended; peak memory is the most that one of them had. As
many requests as runs means that nobody had to try again.

| at once | runs | failed | requests | runs a second | median | 99 % | peak memory of a run |
|--:|--:|--:|--:|--:|--:|--:|--:|
"
    .to_owned();
    for row in crowds {
        let _ = writeln!(text, "{}", row.markdown());
    }
    let _ = write!(
        text,
        "
## Calls of `get-credentials` in one process

{CALLS} calls one after the other, by a program with the library in it (`tests/in_process`). One call more comes
before those that are measured; peak memory is that of the whole program after it, and after the last one.

| calls | failed | requests | calls a second | median | 99 % | memory, first call | memory, last call |
|---|--:|--:|--:|--:|--:|--:|--:|
"
    );
    for row in calls {
        let _ = writeln!(text, "{}", row.markdown());
    }
    text.push_str(&machine::table(&machine::about()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_a_document_counts_as_failed() {
        let output = "0\t2000.0\t2100\t423\n1\t9000.0\t2100\t0\n0\t1000.0\t2200\t0\n12000.0\n";
        let row = Crowd::parse(output, 2, 3).unwrap();
        assert_eq!((row.runs, row.failed, row.peak_kib), (3, 2, 2200));
        assert!(
            row.markdown().contains("| 250 | 2.0 ms | 9.0 ms |"),
            "{}",
            row.markdown()
        );
        assert!(Crowd::parse("", 2, 3).is_err());
        assert!(Crowd::parse("0\t2000.0\n1.0\n", 2, 3).is_err());
    }

    #[test]
    fn calls_are_six_numbers() {
        let row = Calls::parse("0\t0.100\t9.5\t20.1\t4096\t5120", "cached", 1).unwrap();
        assert_eq!(
            row.markdown(),
            "| cached | 0 | 1 | 100000 | 9.5 µs | 20.1 µs | 4.0 MiB | 5.0 MiB |"
        );
        assert!(Calls::parse("0.100\t9.5", "cached", 1).is_err());
    }
}
