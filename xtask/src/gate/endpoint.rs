//! A container credentials endpoint that always answers the same: two runs against it differ in nothing.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::Result;

/// How long a client may take to send its request.
const PATIENCE: Duration = Duration::from_secs(10);

/// Starts an endpoint on a free port of the loopback address. It ends with this process.
pub fn start() -> Result<SocketAddr> {
    let why = |error| format!("cannot listen on the loopback address: {error}");
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(why)?;
    let address = listener.local_addr().map_err(why)?;
    thread::spawn(move || {
        for stream in listener.incoming() {
            // Whatever goes wrong here goes wrong for the client, which says so.
            let _ = stream.and_then(answer);
        }
    });
    Ok(address)
}

/// An authorization token of the usual length.
pub fn token() -> String {
    [("h", 100), ("c", 600), ("s", 340)]
        .map(|(letter, length)| letter.repeat(length))
        .join(".")
}

/// Answers as the Pod Identity Agent does, with a session token of the usual length.
fn answer(mut stream: TcpStream) -> io::Result<()> {
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
    let body = format!(
        r#"{{"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY","Token":"{}","AccountId":"000123456789","Expiration":"2099-12-31T23:59:59.123456789Z"}}"#,
        "t".repeat(900)
    );
    let length = body.len();
    let response = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    stream.write_all(response.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_answers_are_the_same() {
        let address = start().unwrap();
        let ask = || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        assert!(ask().starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(ask(), ask());
    }
}
