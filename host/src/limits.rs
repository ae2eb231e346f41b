//! The bounds of a run. The component keeps its own time budget; these are the second line, for a
//! component that does not.

use std::fmt;
use std::time::Duration;
use wasmtime::{ResourceLimiter, Result};

/// How much of everything a run may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The time that a run may take, waiting included.
    pub deadline: Duration,
    /// The instructions that a run may execute, as Wasmtime counts fuel.
    pub fuel: u64,
    /// The size of the linear memories together, in bytes.
    pub memory_bytes: usize,
    /// The number of elements of a table.
    pub table_elements: usize,
    /// The number of resources that are open at the same time.
    pub resources: usize,
    /// The number of requests of a run.
    pub requests: u32,
    /// The size of a request's header, in bytes.
    pub header_bytes: usize,
    /// The size of what the component prints, in bytes.
    pub stdout_bytes: usize,
    /// The size of what the component complains, in bytes.
    pub stderr_bytes: usize,
}

impl Limits {
    /// The built-in limits: several times what the component ever needs, and far from what could hurt.
    pub const BUILT_IN: Self = Self {
        // behaviour.md §3 gives the component 25 seconds.
        deadline: Duration::from_secs(27),
        fuel: 1_000_000_000,
        memory_bytes: 16 << 20,
        table_elements: 10_000,
        resources: 128,
        requests: 8,
        // A token of 64 KiB (behaviour.md §2) and room for the rest.
        header_bytes: 80 << 10,
        // behaviour.md §5.
        stdout_bytes: 64_000,
        stderr_bytes: 4 << 10,
    };
}

/// The limit that a run went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::deadline`].
    Deadline,
    /// [`Limits::fuel`].
    Fuel,
    /// [`Limits::memory_bytes`].
    Memory,
    /// [`Limits::table_elements`].
    Table,
    /// [`Limits::resources`].
    Resources,
    /// [`Limits::requests`].
    Requests,
    /// The depth of calls, 256 KiB of stack.
    Stack,
    /// [`Limits::stdout_bytes`].
    Stdout,
    /// [`Limits::stderr_bytes`].
    Stderr,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "deadline",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Resources => "resources",
            Self::Requests => "requests",
            Self::Stack => "stack",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        })
    }
}

impl std::error::Error for Limit {}

/// Refuses growth of memories and tables beyond the limits, and remembers that it did: the guest sees a
/// failed allocation, and traps in a way that tells nothing.
pub(crate) struct Limiter {
    memory_bytes: usize,
    memory_used: usize,
    table_elements: usize,
    /// The limit that was hit first.
    pub(crate) hit: Option<Limit>,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: limits.memory_bytes,
            memory_used: 0,
            table_elements: limits.table_elements,
            hit: None,
        }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let used = self
            .memory_used
            .saturating_add(desired.saturating_sub(current));
        if used > self.memory_bytes {
            self.hit.get_or_insert(Limit::Memory);
            return Ok(false);
        }
        self.memory_used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let fits = desired <= self.table_elements;
        if !fits {
            self.hit.get_or_insert(Limit::Table);
        }
        Ok(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_together_stay_within_the_limit() {
        let limits = Limits {
            memory_bytes: 100,
            ..Limits::BUILT_IN
        };
        let mut limiter = Limiter::new(&limits);
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        assert!(!limiter.memory_growing(0, 60, None).unwrap());
        assert_eq!(limiter.hit, Some(Limit::Memory));
        assert!(limiter.memory_growing(60, 100, None).unwrap());
    }

    #[test]
    fn a_table_stays_within_the_limit() {
        let mut limiter = Limiter::new(&Limits {
            table_elements: 10,
            ..Limits::BUILT_IN
        });
        assert!(limiter.table_growing(0, 10, None).unwrap());
        assert!(!limiter.table_growing(10, 11, None).unwrap());
        assert_eq!(limiter.hit, Some(Limit::Table));
    }
}
