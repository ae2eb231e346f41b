//! Measures programs. It runs them as an SDK does.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Result, process};

/// What one run of a program cost.
pub struct Run {
    /// From the start of the process until it has ended and its output is read.
    pub microseconds: f64,
    /// How many bytes it printed.
    pub bytes: usize,
}

/// Runs a command. A run that fails is an error.
pub fn run(command: &mut Command) -> Result<Run> {
    let name = command.get_program().display().to_string();
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
    let why = |error| format!("cannot run {name}: {error}");
    let mut output = Vec::with_capacity(1 << 16);
    let start = Instant::now();
    let mut process = command.spawn().map_err(why)?;
    if let Some(stdout) = &mut process.stdout {
        stdout.read_to_end(&mut output).map_err(why)?;
    }
    let status = process.wait().map_err(why)?;
    let microseconds = start.elapsed().as_secs_f64() * 1e6;
    if !status.success() {
        return Err(format!("{name} failed ({status})"));
    }
    Ok(Run {
        microseconds,
        bytes: output.len(),
    })
}

/// Another program with the environment of a command, which replaces this process's.
pub fn within(program: &str, command: &Command) -> Command {
    // That environment may have no PATH to find the program in.
    let found = process::find(program).unwrap_or_else(|| program.into());
    let mut other = Command::new(found);
    other.env_clear();
    let variables = command.get_envs();
    other.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    other
}

/// The values in their order.
pub fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value below which so many per cent of the sorted values lie.
pub fn at<T: Copy>(sorted: &[T], percent: usize) -> Result<T> {
    let index = sorted.len() * percent / 100;
    let last = sorted.len().saturating_sub(1);
    let value = sorted.get(index.min(last)).copied();
    value.ok_or_else(|| "no run at all".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_timed_and_its_output_counted() {
        let run = run(Command::new("echo").arg("four")).unwrap();
        assert!(run.bytes == 5 && run.microseconds > 1.0);
        assert!(super::run(&mut Command::new("false")).is_err());
    }

    #[test]
    fn a_percentile_has_so_many_values_below_it() {
        let values = sorted([4.0, 1.0, 3.0, 2.0].into_iter());
        assert_eq!(at(&values, 50), Ok(3.0));
        assert_eq!(at(&values, 100), Ok(4.0));
        assert!(at::<u64>(&[], 50).is_err());
    }
}
