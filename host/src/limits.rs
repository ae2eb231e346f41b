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
    /// The number of elements of the tables together.
    pub table_elements: usize,
    /// The number of resources that are open at the same time.
    pub resources: usize,
    /// The number of requests of a run.
    pub requests: u32,
    /// The size of a request's header, in bytes.
    pub header_bytes: usize,
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
        requests: 32,
        // A token of 64 KiB (behaviour.md §2) and room for the rest.
        header_bytes: 80 << 10,
    };
}

/// What one call may hand to the host, in bytes of the host: a header with a token of 64 KiB, or a path as
/// long as a variable can be, and room. Wasmtime's own limit is 128 MiB.
pub(crate) const CALL_BYTES: usize = 512 << 10;

/// The handles that the runtime keeps for the component, of its own types of resources too, which
/// [`Limits::resources`] does not see. Wasmtime's own limit is 100,000.
pub(crate) const HANDLES: usize = 1_000;

/// The instances, memories and tables that a component may be made of, each: epicac.wasm has three
/// instances, and one composed with others a few more. Wasmtime's own limit is 10,000.
pub(crate) const PARTS: usize = 100;

/// The time that an attempt may take to connect, where the component sets no time or a longer one (`behaviour.md` §3).
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The same for the first byte of a response, and for a pause between two.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The size of a response's header, in bytes; and of all that is sent up to its end.
pub(crate) const RESPONSE_HEADER_BYTES: usize = 64 << 10;

/// The size of the body of a request to STS, in bytes.
pub(crate) const REQUEST_BODY_BYTES: usize = 64 << 10;

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
    /// [`Limits::header_bytes`].
    Header,
    /// The depth of calls, `STACK_BYTES` of stack (src/engine.rs).
    Stack,
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
            Self::Header => "header",
            Self::Stack => "stack",
        })
    }
}

impl std::error::Error for Limit {}

/// Stops the guest when its memories or tables grow beyond the limits.
pub(crate) struct Limiter {
    memory_bytes: usize,
    memory_used: usize,
    table_elements: usize,
    table_used: usize,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_bytes: limits.memory_bytes,
            memory_used: 0,
            table_elements: limits.table_elements,
            table_used: 0,
        }
    }
}

/// What is used after something grew from `current` to `desired`, if that is at most `most`.
fn grown(used: usize, current: usize, desired: usize, most: usize) -> Option<usize> {
    let grown = used.saturating_add(desired.saturating_sub(current));
    (grown <= most).then_some(grown)
}

// To tell the guest that there is no more, as a failed allocation, would let it go on for nothing: a run
// that went over a limit does not count. So it is a trap.
impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let used = grown(self.memory_used, current, desired, self.memory_bytes);
        self.memory_used = used.ok_or(Limit::Memory)?;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        let used = grown(self.table_used, current, desired, self.table_elements);
        self.table_used = used.ok_or(Limit::Table)?;
        Ok(true)
    }

    fn instances(&self) -> usize {
        PARTS
    }

    fn tables(&self) -> usize {
        PARTS
    }

    fn memories(&self) -> usize {
        PARTS
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
        let error = limiter.memory_growing(0, 60, None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Limit::Memory));
        assert!(limiter.memory_growing(60, 100, None).unwrap());
    }

    #[test]
    fn tables_together_stay_within_the_limit() {
        let mut limiter = Limiter::new(&Limits {
            table_elements: 10,
            ..Limits::BUILT_IN
        });
        assert!(limiter.table_growing(0, 6, None).unwrap());
        let error = limiter.table_growing(0, 6, None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Limit::Table));
        assert!(limiter.table_growing(6, 10, None).unwrap());
    }
}
