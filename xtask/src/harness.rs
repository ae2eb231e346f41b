//! What programs cost that are run as an SDK runs them: by the small C programs in `xtask/bench`, and by
//! callgrind.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::Workspace;
use crate::{Result, process};

/// Compiles one of the programs in `xtask/bench`, static and optimised.
pub fn compiled(workspace: &Workspace, name: &str, folder: &Path) -> Result<PathBuf> {
    let program = folder.join(name);
    let mut compiler = process::command("musl-gcc");
    compiler
        .args([
            "-static",
            "-O2",
            "-s",
            "-std=gnu11",
            "-Wall",
            "-Wextra",
            "-o",
        ])
        .arg(&program);
    process::run(compiler.arg(workspace.root.join("xtask/bench").join(format!("{name}.c"))))?;
    Ok(program)
}

/// One run of one of several commands, as `measure` prints it.
pub struct Run {
    /// The index of the command.
    pub command: usize,
    pub microseconds: f64,
    pub peak_kib: u64,
    pub faults: u64,
    /// How many bytes it printed.
    pub bytes: u64,
}

impl Run {
    /// Reads what `measure` prints.
    pub fn all(output: &str) -> Result<Vec<Self>> {
        let run = |line: &str| Self::parse(line).ok_or_else(|| format!("a run is `{line}`"));
        output.lines().map(run).collect()
    }

    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let run = Self {
            command: fields.next()?.parse().ok()?,
            microseconds: fields.next()?.parse().ok()?,
            peak_kib: fields.next()?.parse().ok()?,
            faults: fields.next()?.parse().ok()?,
            bytes: fields.next()?.parse().ok()?,
        };
        fields.next().is_none().then_some(run)
    }
}

/// How many instructions a command takes, by callgrind; it leaves the profile in `profile`.
///
/// The command that is given has no arguments yet: it says the environment only.
pub fn instructions(mut valgrind: Command, command: &[String], profile: &Path) -> Result<u64> {
    let output = valgrind
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .args(command)
        .output()
        .map_err(|error| format!("cannot start valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!(
            "{} failed under callgrind: {said}",
            command.join(" ")
        ));
    }
    collected(&said).ok_or_else(|| format!("callgrind says: {said}"))
}

/// The number in the line `==1234== Collected : 2398315`.
fn collected(said: &str) -> Option<u64> {
    said.lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.split_whitespace().next()?.parse().ok())
}

/// The values in their order.
pub fn sorted<T: PartialOrd>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    values
}

/// The value below which `fraction` of the sorted values lie.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "there are never so many values"
)]
pub fn at<T: Copy>(sorted: &[T], fraction: f64) -> Result<T> {
    let index = (sorted.len() as f64 * fraction) as usize;
    sorted
        .get(index.min(sorted.len().saturating_sub(1)))
        .copied()
        .ok_or_else(|| "no run at all".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_five_fields() {
        let runs = Run::all("2\t1234.5\t2100\t120\t423\n").unwrap();
        assert_eq!((runs[0].command, runs[0].faults), (2, 120));
        assert!(Run::all("2\t1234.5\t2100\t120\n").is_err());
        assert!(Run::all("2\t1234.5\t2100\t120\t423\t1\n").is_err());
    }

    #[test]
    fn callgrind_says_how_many_instructions_it_counted() {
        let said = "==7== Events    : Ir\n==7== Collected : 2398315\n==7== \n";
        assert_eq!(collected(said), Some(2_398_315));
        assert_eq!(collected("==7== Command: epicac\n"), None);
    }

    #[test]
    fn a_fraction_of_the_values_lies_below() {
        let values = sorted([4, 1, 3, 2].into_iter());
        assert_eq!(at(&values, 0.5), Ok(3));
        assert_eq!(at(&values, 1.0), Ok(4));
        assert!(at::<u64>(&[], 0.5).is_err());
    }
}
