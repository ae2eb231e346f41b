//! Where the time of a run goes, phase by phase, as the host built with the feature `timeline` says.

use std::path::Path;

use crate::agent::Agent;
use crate::harness::{at, sorted};
use crate::{Result, process};

/// The median time of a phase.
pub struct Phase {
    pub name: String,
    pub microseconds: u64,
}

/// Runs the host so often, and gives the median of each phase, in the order of the phases.
pub fn phases(host: &Path, runs: u32, agent: &Agent) -> Result<Vec<Phase>> {
    let said: Result<Vec<String>> = (0..runs).map(|_| run(host, agent)).collect();
    medians(&said?)
}

fn run(host: &Path, agent: &Agent) -> Result<String> {
    let output = process::command(host)
        .envs(agent.environment())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", host.display()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        Err(format!("{} failed: {said}", host.display()))
    }
}

/// The medians of what several runs said; a phase that a run has several times counts with its sum.
fn medians(said: &[String]) -> Result<Vec<Phase>> {
    let runs: Result<Vec<Vec<(&str, u64)>>> = said.iter().map(|said| parse(said)).collect();
    let runs = runs?;
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in runs.iter().flatten() {
        if !names.contains(name) {
            names.push(name);
        }
    }
    let phase = |name: &str| {
        let of_run = |run: &Vec<(&str, u64)>| {
            let own = run.iter().filter(|(known, _)| *known == name);
            own.map(|(_, took)| took).sum::<u64>()
        };
        Ok(Phase {
            name: name.to_owned(),
            microseconds: at(&sorted(runs.iter().map(of_run)), 0.5)?,
        })
    };
    names.into_iter().map(phase).collect()
}

/// Reads lines as `      engine     31 µs`.
fn parse(said: &str) -> Result<Vec<(&str, u64)>> {
    let line =
        |line| parse_line(line).ok_or_else(|| format!("a line of the time line is `{line}`"));
    said.lines().map(line).collect()
}

fn parse_line(line: &str) -> Option<(&str, u64)> {
    let (name, number) = line.trim().strip_suffix(" µs")?.rsplit_once(' ')?;
    Some((name.trim(), number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_phase_has_the_median_of_the_runs_in_the_order_of_the_phases() {
        let runs = [
            "      engine     30 µs\n        load    200 µs\n",
            "      engine     10 µs\n        load    220 µs\n",
            "      engine     20 µs\n        load    100 µs\n        load    150 µs\n",
        ];
        let phases = medians(&runs.map(str::to_owned)).unwrap();
        let phases: Vec<_> = phases
            .iter()
            .map(|phase| (phase.name.as_str(), phase.microseconds))
            .collect();
        assert_eq!(phases, [("engine", 20), ("load", 220)]);
    }

    #[test]
    fn what_is_no_time_line_is_an_error() {
        assert!(parse("epicac: no response").is_err());
        assert!(medians(&[]).unwrap().is_empty());
    }
}
