//! Keeps the memories and tables of the component within the limits.

use crate::limits::{Limit, Limits, PARTS};
use std::fmt;
use wasmtime::{Error, ResourceLimiter, Result};

/// Stops the guest when its memories or tables grow beyond the limits.
pub(crate) struct Limiter {
    /// In bytes.
    memory_left: usize,
    /// In elements.
    table_left: usize,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_left: limits.memory_bytes,
            table_left: limits.table_elements,
        }
    }
}

/// Takes a growth from `current` to `desired` off what is left.
fn grow(left: &mut usize, current: usize, desired: usize, limit: Limit) -> Result<bool> {
    let growth = desired.saturating_sub(current);
    *left = left.checked_sub(growth).ok_or(limit)?;
    Ok(true)
}

/// The operating system refuses a growth within the limits. Displays as what it says.
#[derive(Debug)]
pub(crate) struct NoMemory(String);

impl fmt::Display for NoMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoMemory {}

// A trap instead of a failed allocation: the run is void anyway, so the guest must not go on.
impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        grow(&mut self.memory_left, current, desired, Limit::Memory)
    }

    fn memory_grow_failed(&mut self, error: Error) -> Result<()> {
        Err(NoMemory(format!("{error:#}")).into())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool> {
        grow(&mut self.table_left, current, desired, Limit::Table)
    }

    fn table_grow_failed(&mut self, error: Error) -> Result<()> {
        self.memory_grow_failed(error)
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
    fn memories_together_and_tables_together_stay_within_the_limit() {
        let mut limiter = Limiter::new(&Limits {
            memory_bytes: 100,
            table_elements: 10,
            ..Limits::BUILT_IN
        });
        assert!(limiter.memory_growing(0, 60, None).unwrap());
        let error = limiter.memory_growing(0, 60, None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Limit::Memory));
        assert!(limiter.memory_growing(60, 100, None).unwrap());

        assert!(limiter.table_growing(0, 6, None).unwrap());
        let error = limiter.table_growing(0, 6, None).unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Limit::Table));
        assert!(limiter.table_growing(6, 10, None).unwrap());
    }
}
