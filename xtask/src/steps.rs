//! A chore in steps: a title before each, and the times of all at the end.

use std::time::{Duration, Instant};

use crate::{Result, process};

/// How long a step took, and how much processor time its programs used.
#[derive(Clone, Debug)]
pub struct Took {
    title: String,
    wall: Duration,
    processor: Duration,
}

impl Took {
    /// Does something, and tells what it took.
    pub fn measure<T>(title: &str, work: impl FnOnce() -> T) -> (T, Self) {
        let (start, before) = (Instant::now(), process::processor_time());
        let done = work();
        let took = Self {
            title: title.to_owned(),
            wall: start.elapsed(),
            processor: process::processor_time().saturating_sub(before),
        };
        (done, took)
    }

    /// The same with something added to its title.
    pub fn with(self, more: &str) -> Self {
        let title = self.title + more;
        Self { title, ..self }
    }

    /// A line of the table.
    fn line(&self) -> String {
        let [wall, processor] = [self.wall, self.processor].map(|time| time.as_secs_f64());
        format!("{wall:>8.1} {processor:>10.1}  {}", self.title)
    }
}

/// The steps that were done.
pub struct Steps {
    start: Instant,
    done: Vec<Took>,
}

impl Default for Steps {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            done: Vec::new(),
        }
    }
}

impl Steps {
    /// Prints the title, does the step, and keeps what it took, also when it failed.
    pub fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {title}");
        let (outcome, took) = Took::measure(title, work);
        let failed = if outcome.is_ok() { "" } else { ": FAILED" };
        self.done.push(took.with(failed));
        outcome
    }

    /// Adds what was done beside other things.
    pub fn add(&mut self, done: Vec<Took>) {
        self.done.extend(done);
    }

    /// Prints what each step took.
    pub fn print_times(&self) {
        println!("\n== Times, in seconds\n    wall  processor");
        for took in &self.done {
            println!("{}", took.line());
        }
        let all = Took {
            title: "in all".to_owned(),
            wall: self.start.elapsed(),
            processor: self.done.iter().map(|took| took.processor).sum(),
        };
        println!("{}", all.line());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_told_with_the_processor_time_of_its_programs() {
        let (done, took) = Took::measure("a loop", || {
            let mut shell = process::command("sh");
            let loops = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo $i";
            process::capture(shell.args(["-c", loops]))
        });
        assert_eq!(done.unwrap(), "200000");
        assert!(took.processor > Duration::ZERO, "{took:?}");
        assert!(took.with(": FAILED").line().ends_with("a loop: FAILED"));
    }
}
