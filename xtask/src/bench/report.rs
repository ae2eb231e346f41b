//! What the runs say: medians, ratios, and the table of them.

use std::fmt::Write as _;

use super::Built;
use super::chart::{self, Bar};
use super::machine::{self, first_line, mebibytes};
use super::peers::{EPICAC, FLOOR, Peer};
use crate::harness::{Run, at, sorted};
use crate::workspace::Workspace;
use crate::{Result, process};

/// The figures of one peer: medians, and the 95th percentile of the time.
pub struct Row {
    name: String,
    microseconds: f64,
    slow_microseconds: f64,
    peak_kib: u64,
    faults: u64,
    /// By callgrind, of the programs that are compared with each other by it.
    instructions: Option<u64>,
}

/// Sums up the runs of each peer; fails when one that should print credentials did not.
pub fn rows(peers: &[Peer], runs: &[Run], counts: &[Option<u64>]) -> Result<Vec<Row>> {
    let row = |(index, peer): (usize, &Peer)| {
        let own: Vec<&Run> = runs.iter().filter(|run| run.command == index).collect();
        if let Some(run) = own.iter().find(|run| peer.prints != (run.bytes > 100)) {
            return Err(format!("{} printed {} bytes", peer.name, run.bytes));
        }
        let times = sorted(own.iter().map(|run| run.microseconds));
        Ok(Row {
            name: peer.name.clone(),
            microseconds: at(&times, 0.5)?,
            slow_microseconds: at(&times, 0.95)?,
            peak_kib: at(&sorted(own.iter().map(|run| run.peak_kib)), 0.5)?,
            faults: at(&sorted(own.iter().map(|run| run.faults)), 0.5)?,
            instructions: counts.get(index).copied().flatten(),
        })
    };
    peers.iter().enumerate().map(row).collect()
}

/// All that is written down.
pub struct Report {
    pub rows: Vec<Row>,
    pub skipped: Vec<(&'static str, String)>,
    pub sizes: Vec<(String, u64)>,
    pub about: Vec<(&'static str, String)>,
}

impl Report {
    fn lines(&self) -> Vec<[String; 8]> {
        let of = |name: &str| {
            self.rows
                .iter()
                .find(|row| row.name == name)
                .map_or(f64::NAN, |row| row.microseconds)
        };
        let (floor, epicac) = (of(FLOOR), of(EPICAC));
        let head = [
            "",
            "time, median",
            "time, 95 %",
            "× floor",
            "× epicac",
            "peak memory",
            "page faults",
            "instructions",
        ];
        let row = |row: &Row| {
            [
                row.name.clone(),
                format!("{:.2} ms", row.microseconds / 1e3),
                format!("{:.2} ms", row.slow_microseconds / 1e3),
                format!("{:.2}", row.microseconds / floor),
                format!("{:.2}", row.microseconds / epicac),
                mebibytes(row.peak_kib),
                row.faults.to_string(),
                row.instructions.map_or_else(
                    || "–".to_owned(),
                    |count| format!("{:.2} M", millions(count)),
                ),
            ]
        };
        [head.map(str::to_owned)]
            .into_iter()
            .chain(self.rows.iter().map(row))
            .collect()
    }

    /// The table for people at a terminal.
    pub fn terminal(&self) -> String {
        let mut text = String::new();
        for [name, rest @ ..] in self.lines() {
            let name = name.replace(['*', '`', '\\'], "");
            let _ = write!(text, "{name:<40}");
            for cell in rest {
                let _ = write!(text, " {cell:>13}");
            }
            text.push('\n');
        }
        text.push('\n');
        for (name, bytes) in &self.sizes {
            let _ = writeln!(text, "{bytes:>10} bytes  {name}");
        }
        for (name, why) in &self.skipped {
            let _ = writeln!(text, "skipped: {name}: {why}");
        }
        text
    }

    /// The file in docs/.
    pub fn markdown(&self) -> String {
        let mut text = "\
# What a cold start costs

An SDK runs the credential process whenever a program starts, so a cold start is what epicac is built
for. `cargo xtask bench` writes this page: every program is started in turn, round after round, by a small
static C program (`xtask/bench/measure.c`), with the stand-in agent on the loopback address. Time runs
from the start of the process until it has ended and its output is read. *The floor* is a C program that
does the same GET and prints the same document, checking nothing (`xtask/bench/floor.c`). Instructions are
what callgrind counts in user space.

![Bars of the time that each takes](performance.svg)

"
        .to_owned();
        for (index, cells) in self.lines().iter().enumerate() {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if index == 0 {
                text.push_str("|---|--:|--:|--:|--:|--:|--:|--:|\n");
            }
        }
        for (name, why) in &self.skipped {
            let _ = writeln!(text, "\nNot measured: {name}: {why}.");
        }
        text.push_str("\n## How large it is\n\n| file | bytes |\n|---|--:|\n");
        for (name, bytes) in &self.sizes {
            let _ = writeln!(text, "| {name} | {bytes} |");
        }
        text.push_str(&machine::table(&self.about));
        text
    }

    /// The picture in docs/.
    pub fn svg(&self) -> String {
        let bar = |row: &Row| Bar {
            name: row.name.replace(['*', '`', '\\'], ""),
            milliseconds: row.microseconds / 1e3,
            ours: row.name == EPICAC,
        };
        chart::svg(
            "Credentials from a cold start, median",
            self.rows.iter().map(bar).collect(),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "no count is so large")]
fn millions(count: u64) -> f64 {
    count as f64 / 1e6
}

/// The machine and the versions.
pub fn about(workspace: &Workspace, built: &Built, runs: u32) -> Vec<(&'static str, String)> {
    let python = workspace.venv().join("bin/python").display().to_string();
    let botocore =
        "import botocore, sys; print(botocore.__version__, 'on Python', sys.version.split()[0])";
    let botocore = process::capture(process::command(python).args(["-c", botocore]));
    let wasmtime = built.wasmtime.as_ref().map_or_else(
        || "none".to_owned(),
        |file| first_line(&file.display().to_string(), "--version"),
    );
    let curl = first_line("curl", "--version");
    let mut about = machine::about();
    about.extend([
        ("rounds", runs.to_string()),
        ("wasmtime CLI", wasmtime),
        (
            "curl",
            curl.split(" (").next().unwrap_or_default().to_owned(),
        ),
        ("jq", first_line("jq", "--version")),
        ("botocore", botocore.unwrap_or_else(|_| "none".to_owned())),
        ("valgrind", first_line("valgrind", "--version")),
    ]);
    about
}
