//! One connection: a request is read, its answer is written, and that is all.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::answer::{Answer, Body, End, Framing, Head};
use super::{Request, Shared};

/// Serves one request. An error ends it: the client is gone, or the agent stops.
pub(super) fn serve(stream: &TcpStream, shared: &Shared) {
    let _ = stream.set_nodelay(true);
    if let Ok(Some(request)) = Request::read(stream) {
        let answer = shared.answer_to(request);
        let _ = Wire {
            stream,
            shared,
            framing: answer.framing,
        }
        .send(&answer);
    }
}

struct Wire<'a> {
    stream: &'a TcpStream,
    shared: &'a Shared,
    framing: Framing,
}

impl Wire<'_> {
    fn send(&self, answer: &Answer) -> io::Result<()> {
        if !answer.delay.is_zero() {
            self.pause(answer.delay)?;
        }
        if let Some(head) = &answer.head {
            self.write(self.head(head, &answer.body).as_bytes())?;
        }
        match &answer.body {
            Body::Whole(bytes) => self.whole(bytes)?,
            Body::Dripping(bytes, interval) => {
                for byte in bytes.chunks(1) {
                    self.pause(*interval)?;
                    self.part(byte)?;
                }
                self.last_chunk()?;
            }
            Body::Endless(bytes) => loop {
                self.part(bytes)?;
            },
        }
        match answer.end {
            End::Close => Ok(()),
            End::Reset => Ok(rustix::net::sockopt::set_socket_linger(
                self.stream,
                Some(Duration::ZERO),
            )?),
            End::Stall => self.until_client_goes(),
        }
    }

    fn head(&self, head: &Head, body: &Body) -> String {
        let Head {
            version,
            status,
            headers,
        } = head;
        let mut text = format!("{version} {status} {}\r\n", reason(*status));
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let length = match body {
            Body::Whole(bytes) | Body::Dripping(bytes, _) => bytes.len(),
            Body::Endless(_) => 1 << 40,
        };
        match self.framing {
            Framing::ContentLength | Framing::Truncated(_) => {
                text.push_str(&format!("Content-Length: {length}\r\n"));
            }
            Framing::Chunked(_) | Framing::ChunkedWithoutEnd(_) => {
                text.push_str("Transfer-Encoding: chunked\r\n");
            }
            Framing::UntilClose => {}
        }
        text.push_str("Connection: close\r\n\r\n");
        text
    }

    fn whole(&self, bytes: &[u8]) -> io::Result<()> {
        match self.framing {
            Framing::ContentLength | Framing::UntilClose => self.write(bytes),
            Framing::Truncated(missing) => {
                let kept = bytes.len().saturating_sub(missing);
                self.write(bytes.get(..kept).unwrap_or_default())
            }
            Framing::Chunked(size) | Framing::ChunkedWithoutEnd(size) => {
                for chunk in bytes.chunks(size.max(1)) {
                    self.part(chunk)?;
                }
                self.last_chunk()
            }
        }
    }

    /// Writes a part of the body as one chunk, if it comes in chunks.
    fn part(&self, bytes: &[u8]) -> io::Result<()> {
        match self.framing {
            Framing::Chunked(_) | Framing::ChunkedWithoutEnd(_) => {
                let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
                chunk.extend(bytes);
                chunk.extend(b"\r\n");
                self.write(&chunk)
            }
            _ => self.write(bytes),
        }
    }

    fn last_chunk(&self) -> io::Result<()> {
        match self.framing {
            Framing::Chunked(_) => self.write(b"0\r\n\r\n"),
            _ => Ok(()),
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stream = self.stream;
        stream.write_all(bytes)
    }

    fn pause(&self, duration: Duration) -> io::Result<()> {
        if self.shared.pause(duration) {
            Ok(())
        } else {
            Err(io::ErrorKind::Interrupted.into())
        }
    }

    /// Reads until there is no more: the client closed, or the agent shut the socket down.
    fn until_client_goes(&self) -> io::Result<()> {
        let mut stream = self.stream;
        let mut buffer = [0; 4096];
        while stream.read(&mut buffer)? > 0 {}
        Ok(())
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
