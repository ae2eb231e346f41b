//! Where the time of a run goes, phase by phase: `cargo build --features timeline`, and each run tells it
//! on stderr. Without the feature nothing of this is in the program.

/// Ends the phase `name`, which began where the one before it ended.
#[cfg(not(feature = "timeline"))]
#[inline(always)]
pub fn mark(_: &'static str) {}

#[cfg(feature = "timeline")]
pub use recorded::{mark, report};

#[cfg(feature = "timeline")]
mod recorded {
    use std::sync::{Mutex, PoisonError};
    use std::time::Instant;

    static MARKS: Mutex<Vec<(&str, Instant)>> = Mutex::new(Vec::new());

    /// Ends the phase `name`, which began where the one before it ended.
    pub fn mark(name: &'static str) {
        let now = Instant::now();
        MARKS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((name, now));
    }

    /// Prints the phases on stderr, in microseconds. The first mark is where time begins.
    pub fn report() {
        let marks = MARKS.lock().unwrap_or_else(PoisonError::into_inner);
        for (before, phase) in marks.iter().zip(marks.iter().skip(1)) {
            let took = phase.1.duration_since(before.1);
            eprintln!("{:>12} {:>6} µs", phase.0, took.as_micros());
        }
    }
}
