//! What programs cost that are run as an SDK runs them.

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;

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

/// Runs a command, and gives the page faults of it and of its children. Only one thread may run something at a time.
pub fn page_faults(command: &mut Command) -> Result<u64> {
    let before = faults_of_children()?;
    run(command)?;
    Ok(faults_of_children()? - before)
}

/// The page faults of all processes that this one has waited for.
fn faults_of_children() -> Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat")
        .map_err(|error| format!("cannot read /proc/self/stat: {error}"))?;
    children(&stat).ok_or_else(|| format!("/proc/self/stat is `{stat}`"))
}

/// The sum of `cminflt` and `cmajflt`, fields 11 and 13 of proc_pid_stat(5). The second field is a name in parentheses.
fn children(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(field(11)? + field(13)?)
}

/// How many instructions a command takes, by callgrind; it leaves the profile in `profile`.
pub fn instructions(command: &Command, profile: &Path) -> Result<u64> {
    let mut valgrind = within("valgrind", command);
    let output = valgrind
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(command.get_program())
        .args(command.get_args())
        .output()
        .map_err(|error| format!("cannot start valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    collected(&said)
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("callgrind says: {said}"))
}

/// Another program in the environment of a command, which has one of its own.
pub fn within(program: &str, command: &Command) -> Command {
    // That environment may have no PATH to find the program in.
    let found = crate::process::find(program).unwrap_or_else(|| program.into());
    let mut other = Command::new(found);
    other.env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            other.env(name, value);
        }
    }
    other
}

/// The number in the line `==1234== Collected : 2398315`.
fn collected(said: &str) -> Option<u64> {
    said.lines()
        .find_map(|line| line.split_once("Collected : "))
        .and_then(|(_, number)| number.split_whitespace().next()?.parse().ok())
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
    sorted
        .get(index.min(sorted.len().saturating_sub(1)))
        .copied()
        .ok_or_else(|| "no run at all".to_owned())
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
    fn the_page_faults_of_a_child_are_counted() {
        assert!(page_faults(&mut Command::new("true")).unwrap() > 0);
        let stat = "7 (a) b) R 1 7 7 0 -1 4194304 112 2500 0 3 0 0";
        assert_eq!(children(stat), Some(2503));
        assert_eq!(children("7 (a) R 1"), None);
    }

    #[test]
    fn callgrind_says_how_many_instructions_it_counted() {
        let said = "==7== Events    : Ir\n==7== Collected : 2398315\n==7== \n";
        assert_eq!(collected(said), Some(2_398_315));
        assert_eq!(collected("==7== Command: epicac\n"), None);
    }

    #[test]
    fn a_percentile_has_so_many_values_below_it() {
        let values = sorted([4.0, 1.0, 3.0, 2.0].into_iter());
        assert_eq!(at(&values, 50), Ok(3.0));
        assert_eq!(at(&values, 100), Ok(4.0));
        assert!(at::<u64>(&[], 50).is_err());
    }
}
