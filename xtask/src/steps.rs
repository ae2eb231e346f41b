//! A chore in steps: a title before each, and the time of each at the end.

use std::time::{Duration, Instant};

use crate::Result;

/// The steps that were done.
#[derive(Default)]
pub struct Steps {
    done: Vec<(String, Duration)>,
}

impl Steps {
    /// Prints the title, does the step, and keeps how long it took, also when it failed.
    pub fn step<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {title}");
        let start = Instant::now();
        let outcome = work();
        let failed = if outcome.is_ok() { "" } else { ": FAILED" };
        self.done
            .push((format!("{title}{failed}"), start.elapsed()));
        outcome
    }

    /// Prints the time of each step.
    pub fn print_times(&self) {
        println!("\n== Times");
        for (title, took) in &self.done {
            println!("{:>7.1} s  {title}", took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, took)| *took).sum();
        println!("{:>7.1} s  in all", total.as_secs_f64());
    }
}
