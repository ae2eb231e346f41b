//! An address at which connecting takes for ever.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// A listening socket that answers no SYN: its backlog is full, so the kernel drops what else arrives.
/// Linux only; elsewhere a full backlog refuses.
#[derive(Debug)]
pub struct StalledListener {
    listener: TcpListener,
    _backlog: Vec<TcpStream>,
}

impl StalledListener {
    /// Listens on 127.0.0.1 and fills the backlog. `Ok(None)` when it cannot be filled here.
    pub fn start() -> io::Result<Option<StalledListener>> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        // Listening once more shortens the backlog, which std makes as long as the system allows.
        rustix::net::listen(&listener, 0)?;
        let address = listener.local_addr()?;
        let mut backlog = Vec::new();
        for _ in 0..16 {
            match TcpStream::connect_timeout(&address, Duration::from_millis(100)) {
                Ok(stream) => backlog.push(stream),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    return Ok(Some(StalledListener {
                        listener,
                        _backlog: backlog,
                    }));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The address that does not answer.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
