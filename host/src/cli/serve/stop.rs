//! SIGTERM and SIGINT ask the server to end.

use std::io;
use std::os::unix::net::UnixStream as Pair;
use tokio::net::UnixStream;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// Told of the two signals.
pub(super) struct Stop(UnixStream);

impl Stop {
    /// From here on they do not end the process. Needs an executor.
    pub(super) fn new() -> io::Result<Self> {
        let (told, teller) = Pair::pair()?;
        for signal in [SIGTERM, SIGINT] {
            pipe::register(signal, teller.try_clone()?)?;
        }
        told.set_nonblocking(true)?;
        Ok(Self(UnixStream::from_std(told)?))
    }

    /// Waits for one of them.
    pub(super) async fn asked(&self) {
        // That this fails is as good a reason to end.
        let _ = self.0.readable().await;
    }
}
