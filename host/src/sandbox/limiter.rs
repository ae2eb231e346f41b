//! Keeps the memories and tables of the component within the limits.

use crate::limits::{Limit, Limits, PARTS};
use wasmtime::{ResourceLimiter, Result};

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

/// The total after a growth from `current` to `desired`, if it is at most `most`.
fn grown(used: usize, current: usize, desired: usize, most: usize) -> Option<usize> {
    let grown = used.saturating_add(desired.saturating_sub(current));
    (grown <= most).then_some(grown)
}

// A trap instead of a failed allocation: the run is void anyway, so the guest must not go on.
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
