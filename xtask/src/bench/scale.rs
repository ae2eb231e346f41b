//! `cargo xtask bench --scale`: many runs at once.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Instant;

use super::machine;
use super::serve::Server;
use crate::agent::Agent;
use crate::architecture::Architecture;
use crate::harness::{self, at, sorted};
use crate::workspace::Workspace;
use crate::{Result, file, product, setup};

/// Far above what this machine can ask for.
const UNLIMITED: [&str; 2] = ["--requests-per-second", "1000000"];
/// An agent that answers fewer at once than ask.
const LIMITED: [&str; 4] = ["--requests-per-second", "10", "--burst", "15"];

/// How many runs, how many of them at once, and the agent's options. The last row has a table of its own.
const CROWDS: [(u32, u32, &[&str]); 5] = [
    (200, 1, &UNLIMITED),
    (500, 10, &UNLIMITED),
    (1_000, 100, &UNLIMITED),
    (1_000, 1_000, &UNLIMITED),
    (40, 40, &LIMITED),
];

/// How many requests to `epicac serve`, and how many of them at once.
const CALLERS: [(u32, u32); 2] = [(1_000, 1), (1_000, 100)];

/// Measures, prints, and writes `docs/scale.md`.
pub fn run(workspace: &Workspace) -> Result<()> {
    setup::run(workspace, &["targets", "bench"])?;
    let folder = workspace.target.join("bench");
    let host = product::static_host(workspace, Architecture::own()?)?;
    let agent = product::agent(workspace, true)?;

    let mut crowds = Vec::new();
    for (runs, at_once, options) in CROWDS {
        let (agent, log) = logging(&agent, &folder, options)?;
        let (times, seconds) = keep_going((runs, at_once), || {
            let mut command = Command::new(&host);
            let run = harness::run(command.env_clear().envs(agent.environment())).ok()?;
            // A run that prints no document has failed, whatever its status says.
            (run.bytes > 100).then_some(run.microseconds / 1e3)
        });
        crowds.push(Crowd::new((runs, at_once), &times, seconds, &log, None)?);
    }
    let mut served = Vec::new();
    for callers in CALLERS {
        let (agent, log) = logging(&agent, &folder, &["--sts", "127.0.0.1:0"])?;
        let server = Server::start(&host, &agent, &folder)?;
        let (times, seconds) = keep_going(callers, || server.ask().ok());
        let memory = Some(server.peak_mib()?);
        served.push(Crowd::new(callers, &times, seconds, &log, memory)?);
    }
    super::write(workspace, "scale.md", &page(&crowds, &served))?;
    match crowds.iter().chain(&served).map(|row| row.failed).sum() {
        0 => Ok(()),
        failed => Err(format!("{failed} runs failed")),
    }
}

/// What many runs at once took.
struct Crowd {
    at_once: u32,
    runs: u32,
    failed: u32,
    requests: usize,
    seconds: f64,
    /// The median and the 99th percentile of the runs that succeeded, in ms.
    half: f64,
    slow: f64,
    /// The memory of the server that was asked, in MiB.
    memory: Option<f64>,
}

/// An agent with these options, and the log of its requests.
fn logging(agent: &Path, folder: &Path, options: &[&str]) -> Result<(Agent, PathBuf)> {
    let log = folder.join("requests.log");
    file::write(&log, "")?;
    let log_name = log.display().to_string();
    let agent = Agent::start(agent, folder, &[options, &["--log", &log_name]].concat())?;
    Ok((agent, log))
}

/// Does it so often, and so many at once. Gives the times of those that succeeded, in their order, and the seconds of
/// all.
fn keep_going(
    (runs, at_once): (u32, u32),
    one: impl Fn() -> Option<f64> + Sync,
) -> (Vec<f64>, f64) {
    let started = AtomicU32::new(0);
    let some = || {
        let mut done = Vec::new();
        while started.fetch_add(1, Ordering::Relaxed) < runs {
            done.push(one());
        }
        done
    };
    let start = Instant::now();
    let done: Vec<Option<f64>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(some)).collect();
        let joined = threads.into_iter().flat_map(thread::ScopedJoinHandle::join);
        joined.flatten().collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    (sorted(done.into_iter().flatten()), seconds)
}

impl Crowd {
    /// Prints the row, too.
    fn new(
        (runs, at_once): (u32, u32),
        times: &[f64],
        seconds: f64,
        log: &Path,
        memory: Option<f64>,
    ) -> Result<Self> {
        let row = Self {
            at_once,
            runs,
            failed: runs - u32::try_from(times.len()).unwrap_or(runs),
            requests: file::read(log)?.lines().count(),
            seconds,
            half: at(times, 50)?,
            slow: at(times, 99)?,
            memory,
        };
        println!("{}", row.markdown());
        Ok(row)
    }

    fn markdown(&self) -> String {
        let memory = self.memory.map(|mib| format!(" {mib:.1} MiB |"));
        format!(
            "| {} | {} | {} | {} | {:.0} | {:.1} ms | {:.1} ms |{}",
            self.at_once,
            self.runs,
            self.failed,
            self.requests,
            f64::from(self.runs) / self.seconds,
            self.half,
            self.slow,
            memory.unwrap_or_default(),
        )
    }
}

fn page(crowds: &[Crowd], served: &[Crowd]) -> String {
    const COLUMNS: &str = "\
| at once | runs | failed | requests | runs a second | median | 99 % |
|--:|--:|--:|--:|--:|--:|--:|
";
    let mut text = format!(
        "\
# Many at once

`cargo xtask bench --scale` writes this page. It keeps so many runs of the static binary going at a time until all have
ended. The stand-in agent is on the loopback address and on the same processors. The time is that of one run, from its
start until it has ended.

## An agent that answers every request

As many requests as runs means that no run had to try again.

{COLUMNS}"
    );
    let rows = |rows: &[Crowd]| {
        rows.iter()
            .map(|row| row.markdown() + "\n")
            .collect::<String>()
    };
    let (unlimited, limited) = crowds.split_at(crowds.len().saturating_sub(1));
    text.push_str(&rows(unlimited));
    let _ = write!(
        text,
        "
## An agent with a limit

The agent answers 15 requests at once and then 10 a second, and the rest with status 429. epicac waits and tries again.

{COLUMNS}{}",
        rows(limited)
    );
    text.push_str(
        "
## Requests to one `epicac serve`

The server assumes a role, and each caller opens a connection of its own. One request to the agent means one AssumeRole
for all callers. The first callers wait for it. The memory is the most that the server had.

| at once | requests | failed | to the agent | requests a second | median | 99 % | memory |
|--:|--:|--:|--:|--:|--:|--:|--:|
",
    );
    text.push_str(&rows(served));
    text.push_str(&machine::table(&machine::about()));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_is_a_line_of_the_page() {
        let row = |failed| Crowd {
            at_once: 10,
            runs: 500,
            failed,
            requests: 501,
            seconds: 2.0,
            half: 7.61,
            slow: 12.6,
            memory: (failed == 4).then_some(6.04),
        };
        let text = page(&[row(0), row(3)], &[row(4)]);
        for (failed, memory) in [(0, ""), (3, ""), (4, " 6.0 MiB |")] {
            let begin = format!("\n| 10 | 500 | {failed} | 501 | 250 | 7.6 ms | 12.6 ms |");
            assert!(text.contains(&format!("{begin}{memory}\n")), "{text}");
        }
    }
}
