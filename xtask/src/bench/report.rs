//! The results of the runs: percentiles, ratios, and the page with them.

use std::fmt::Write as _;

use super::chart::{self, Bar};
use super::machine::{self, first_line};
use super::start::Start;
use super::{COPY, EPICAC, NATIVE};
use crate::Result;
use crate::harness::at;

/// The figures of one program.
pub struct Row {
    pub name: &'static str,
    /// In µs, sorted.
    pub times: Vec<f64>,
    pub peak_kib: u64,
}

/// All that is written down.
pub struct Report {
    pub rows: Vec<Row>,
    pub starts: Vec<Start>,
    pub sizes: Vec<(&'static str, u64)>,
    pub about: Vec<(&'static str, String)>,
}

impl Report {
    /// The table of times, and what two copies of the same program differ by.
    pub fn table(&self) -> Result<String> {
        let mut text = "\
| | time, median | time, 25 % | time, 95 % | × native | peak memory |
|---|--:|--:|--:|--:|--:|
"
        .to_owned();
        let native = self.median(NATIVE)?;
        for row in &self.rows {
            let [quarter, half, slow] = [25, 50, 95].map(|percent| at(&row.times, percent));
            let (quarter, half, slow) = (quarter? / 1e3, half? / 1e3, slow? / 1e3);
            let _ = writeln!(
                text,
                "| {} | {half:.2} ms | {quarter:.2} ms | {slow:.2} ms | {:.2} | {}.{} MiB |",
                row.name,
                half * 1e3 / native,
                row.peak_kib / 1024,
                row.peak_kib % 1024 * 10 / 1024,
            );
        }
        let (one, other) = (self.median(EPICAC)?, self.median(COPY)?);
        let _ = writeln!(
            text,
            "\nNoise: the medians of two copies of epicac differ by {:.1} %. A smaller difference says nothing.",
            (one - other).abs() / one.min(other) * 100.0
        );
        Ok(text)
    }

    fn median(&self, name: &str) -> Result<f64> {
        let row = self.rows.iter().find(|row| row.name == name);
        at(&row.ok_or_else(|| format!("{name} was not run"))?.times, 50)
    }

    /// The page in docs/.
    pub fn markdown(&self) -> Result<String> {
        let mut text = format!(
            "{HEAD}{}{COLD}{}\n## How large it is\n\n| file | bytes |\n|---|--:|\n",
            self.starts
                .iter()
                .map(Start::markdown)
                .collect::<Result<String>>()?,
            self.table()?
        );
        for (name, bytes) in &self.sizes {
            let _ = writeln!(text, "| {name} | {bytes} |");
        }
        text.push_str(&machine::table(&self.about));
        Ok(text)
    }

    /// The picture in docs/.
    pub fn svg(&self) -> Result<String> {
        let mut bars = Vec::new();
        for row in self.rows.iter().filter(|row| row.name != COPY) {
            let milliseconds = at(&row.times, 50)? / 1e3;
            bars.push(Bar {
                name: row.name.replace(['*', '`', '\\'], ""),
                milliseconds,
                ours: if row.name == EPICAC {
                    milliseconds
                } else {
                    0.0
                },
            });
        }
        Ok(chart::svg("Credentials from a cold start, median", bars))
    }

    /// The picture that the page and the README lead with.
    pub fn start_svg(&self) -> Result<String> {
        let bars = self.starts.iter().map(Start::bar);
        let bars = bars.collect::<Result<_>>()?;
        Ok(chart::svg(
            "The start of a program, and epicac's part of it, median",
            bars,
        ))
    }
}

const HEAD: &str = "\
# What a cold start costs

An SDK runs the credential process whenever a program starts. So the cold start is what epicac is built for.
`cargo xtask bench` measures it and writes this page. [cold-start.md](cold-start.md) says where the time goes.

![Bars of the time that a program takes to start, and of what of it is epicac](performance.svg)

## What a user waits for

Each program asks AWS STS once who it is, and ends. STS and the agent are stand-ins on the loopback address of the same
machine. The program runs once with credentials in its environment, and once with epicac as its credential process. The
difference is what epicac costs a user: its own time, and the SDK's to start it and read its output. Python's packages
are on disk, in the page cache. The times are medians.

| | with credentials in the environment | with epicac | difference | share of the start |
|---|--:|--:|--:|--:|
";

const COLD: &str = "
## The credentials alone

- **How**: all programs but the two in Python are copied into memory (tmpfs). Each round runs each of them once, and begins with another one
  than the round before. The stand-in agent listens on the loopback address of the same machine. The time runs from the
  start of the process until it has ended and its output is read.
- **A native helper that checks nothing** is `tests/native`: Rust with `std::net::TcpStream` and serde_json, linked
  dynamically with glibc. It has no sandbox, no time limit and no second attempt. *× native* compares the medians with it.
- **Two copies** of epicac run beside each other. They are the same bytes, so their difference is the noise of the
  measurement.
- **In Python**: a line with botocore prints the same document, and so does the AWS CLI, from version 2 on: it has a row
  if it is installed. They run in rounds of their own, because they would empty the processor's caches before each other
  run.
- **Peak memory** is what GNU time reports; it does not report less than its own 1 MiB.

![Bars of the time that each takes](credentials.svg)

";

/// The machine and the versions.
pub fn about(files: &str, rounds: usize) -> Vec<(&'static str, String)> {
    let curl = first_line("curl", "--version");
    let curl = curl.split(" (").next().unwrap_or_default().to_owned();
    let mut about = machine::about();
    about.extend([
        ("files", files.to_owned()),
        ("rounds", rounds.to_string()),
        ("curl", curl),
        ("jq", first_line("jq", "--version")),
    ]);
    about
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let row = |name, times: [f64; 4]| Row {
            name,
            times: times.to_vec(),
            peak_kib: 3072,
        };
        Report {
            rows: vec![
                row(NATIVE, [900.0, 1000.0, 1000.0, 1100.0]),
                row(EPICAC, [1100.0, 1200.0, 1250.0, 1900.0]),
                row(COPY, [1100.0, 1200.0, 1300.0, 1900.0]),
            ],
            starts: Vec::new(),
            sizes: Vec::new(),
            about: Vec::new(),
        }
    }

    #[test]
    fn the_page_has_the_ratio_to_the_native_helper_and_the_noise() {
        let text = report().markdown().unwrap();
        let row = "| **epicac**, static | 1.25 ms | 1.20 ms | 1.90 ms | 1.25 | 3.0 MiB |";
        assert!(text.contains(row), "{text}");
        assert!(text.contains("differ by 4.0 %"), "{text}");
    }

    #[test]
    fn the_picture_has_one_of_the_two_copies() {
        let svg = report().svg().unwrap();
        assert_eq!(svg.matches("1.25 ms").count(), 1);
        assert!(!svg.contains("1.30 ms"));
    }
}
