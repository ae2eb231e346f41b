//! What the runs say: medians, ratios, and the table of them.

use std::fmt::Write as _;
use std::{env, fs};

use super::Built;
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
}

/// Sums up the runs of each peer; fails when one that should print credentials did not.
pub fn rows(peers: &[Peer], runs: &[Run]) -> Result<Vec<Row>> {
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
    fn lines(&self) -> Vec<[String; 7]> {
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
does the same GET and prints the same document, checking nothing (`xtask/bench/floor.c`).

"
        .to_owned();
        for (index, cells) in self.lines().iter().enumerate() {
            let _ = writeln!(text, "| {} |", cells.join(" | "));
            if index == 0 {
                text.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
            }
        }
        for (name, why) in &self.skipped {
            let _ = writeln!(text, "\nNot measured: {name}: {why}.");
        }
        text.push_str("\n| file | bytes |\n|---|--:|\n");
        for (name, bytes) in &self.sizes {
            let _ = writeln!(text, "| {name} | {bytes} |");
        }
        text.push_str("\n| measured on | |\n|---|---|\n");
        for (name, value) in &self.about {
            let _ = writeln!(text, "| {name} | {value} |");
        }
        text
    }
}

/// The machine and the versions.
pub fn about(workspace: &Workspace, built: &Built, runs: u32) -> Vec<(&'static str, String)> {
    let first_line = |program: &str, argument: &str| {
        let output = process::capture(process::command(program).arg(argument));
        output
            .ok()
            .and_then(|text| text.lines().next().map(str::to_owned))
            .unwrap_or_else(|| "none".to_owned())
    };
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let python = workspace.venv().join("bin/python").display().to_string();
    let botocore =
        "import botocore, sys; print(botocore.__version__, 'on Python', sys.version.split()[0])";
    let botocore = process::capture(process::command(python).args(["-c", botocore]));
    vec![
        (
            "processor",
            format!("{}, {processors} cores, {}", processor(), env::consts::ARCH),
        ),
        ("kernel", first_line("uname", "-sr")),
        ("rounds", runs.to_string()),
        ("rustc", first_line("rustc", "--version")),
        ("wasmtime CLI", {
            let wasmtime = built
                .wasmtime
                .as_ref()
                .map(|file| file.display().to_string());
            wasmtime.map_or_else(|| "none".to_owned(), |file| first_line(&file, "--version"))
        }),
        (
            "curl",
            first_line("curl", "--version")
                .split(" (")
                .next()
                .unwrap_or_default()
                .to_owned(),
        ),
        ("jq", first_line("jq", "--version")),
        ("botocore", botocore.unwrap_or_else(|_| "none".to_owned())),
    ]
}

fn processor() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.to_owned())
}

/// Linux counts pages in batches, so that the peak of the smallest programs is not known.
#[expect(clippy::cast_precision_loss)]
fn mebibytes(kib: u64) -> String {
    if kib < 256 {
        "< 0.3 MiB".to_owned()
    } else {
        format!("{:.1} MiB", kib as f64 / 1024.0)
    }
}
