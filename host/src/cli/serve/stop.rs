//! SIGTERM, SIGINT and SIGHUP ask the server to end.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;
use std::io;
use std::os::unix::net::UnixStream as Pair;
use tokio::net::UnixStream;

/// Told of the three signals.
pub(super) struct Stop(UnixStream);

impl Stop {
    /// From here on they do not end the process, and none of them is blocked. Needs an executor.
    pub(super) fn new() -> io::Result<Self> {
        let (told, teller) = Pair::pair()?;
        let signals = [SIGTERM, SIGINT, SIGHUP];
        for signal in signals {
            pipe::register(signal, teller.try_clone()?)?;
        }
        // Whoever started this program may have blocked them.
        #[cfg(target_os = "linux")]
        crate::cli::start::unblock(&signals);
        told.set_nonblocking(true)?;
        Ok(Self(UnixStream::from_std(told)?))
    }

    /// Waits for one of them.
    pub(super) async fn asked(&self) {
        // That this fails is as good a reason to end.
        let _ = self.0.readable().await;
    }
}
