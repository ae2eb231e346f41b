//! A container credentials endpoint that always answers the same: two runs against it differ in nothing.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Result;

/// How long a client may take to send its request.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running endpoint on a free port of the loopback address; it ends when this is dropped.
pub struct Endpoint {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Endpoint {
    pub fn start() -> Result<Self> {
        let why = |error| format!("cannot listen on the loopback address: {error}");
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(why)?;
        let address = listener.local_addr().map_err(why)?;
        let stopping = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stopping);
        let server = thread::spawn(move || {
            for stream in listener.incoming() {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                // Whatever goes wrong here goes wrong for the client, which says so.
                let _ = stream.and_then(answer);
            }
        });
        Ok(Self {
            address,
            stopping,
            server: Some(server),
        })
    }

    /// The URI of its credentials.
    pub fn uri(&self) -> String {
        format!("http://{}/v1/credentials", self.address)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The server sits in `accept`; one more connection lets it look around.
        if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
            let _ = self.server.take().map(JoinHandle::join);
        }
    }
}

/// An authorization token of the usual length.
pub fn token() -> String {
    format!(
        "{}.{}.{}",
        "h".repeat(100),
        "c".repeat(600),
        "s".repeat(340)
    )
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        request.extend(buffer.iter().take(count));
    }
    stream.write_all(response().as_bytes())
}

/// As the Pod Identity Agent answers, with a session token of the usual length.
fn response() -> String {
    let body = format!(
        r#"{{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","Token":"{}","AccountId":"000123456789","Expiration":"2099-12-31T23:59:59.123456789Z"}}"#,
        "t".repeat(900)
    );
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_are_the_same() {
        let endpoint = Endpoint::start().unwrap();
        let ask = || {
            let mut stream = TcpStream::connect(endpoint.address).unwrap();
            stream
                .write_all(b"GET /v1/credentials HTTP/1.1\r\n\r\n")
                .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        assert!(ask().starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(ask(), ask());
    }
}
