//! What the component prints, held back in memory.

use crate::limits::Limit;
use bytes::Bytes;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// A stream of the guest that ends in memory. Writing more than it holds is a trap.
#[derive(Clone)]
pub(crate) struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    capacity: usize,
    limit: Limit,
}

impl Capture {
    /// Holds at most `capacity` bytes; more of them is going over `limit`.
    pub(crate) fn new(capacity: usize, limit: Limit) -> Self {
        Self {
            bytes: Arc::default(),
            capacity,
            limit,
        }
    }

    /// Takes what was written.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait::async_trait]
impl Pollable for Capture {
    async fn ready(&mut self) {}
}

impl OutputStream for Capture {
    fn write(&mut self, written: Bytes) -> StreamResult<()> {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if written.len() > self.capacity.saturating_sub(bytes.len()) {
            return Err(StreamError::Trap(self.limit.into()));
        }
        bytes.extend_from_slice(&written);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        // The guest asks for permission only to learn that it has it: `write` keeps the limit.
        Ok(4096)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_more_than_it_holds_is_a_trap() {
        let mut stream = Capture::new(4, Limit::Stdout);
        assert!(stream.write(Bytes::from_static(b"abcd")).is_ok());
        let Err(StreamError::Trap(trap)) = stream.write(Bytes::from_static(b"e")) else {
            panic!("no trap");
        };
        assert_eq!(trap.downcast_ref(), Some(&Limit::Stdout));
        assert_eq!(stream.take(), b"abcd");
    }
}
