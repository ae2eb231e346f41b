//! What a client sent.

use std::io::{self, Read};
use std::net::TcpStream;
use std::time::Instant;

/// The largest head and the largest body that are read.
const LIMIT: usize = 1 << 20;

/// A request, as it came over the wire.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its number among the requests of this agent, from 1.
    pub number: usize,
    /// When its head was complete.
    pub at: Instant,
    /// The method.
    pub method: String,
    /// The request target, byte for byte (bytes that are not UTF-8 are replaced).
    pub target: String,
    /// `HTTP/1.1` or what else was claimed.
    pub version: String,
    /// The header fields in order, their names in the case they came in, their values without the white
    /// space around.
    pub headers: Vec<(String, String)>,
    /// The body: what a `Content-Length` announces.
    pub body: Vec<u8>,
}

impl Request {
    /// The values of all header fields of this name, in any case.
    pub fn header_values(&self, name: &str) -> Vec<&str> {
        let named = self
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The value of the first header field of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_values(name).first().copied()
    }

    /// The request target without its query.
    pub fn path(&self) -> &str {
        self.target
            .split_once('?')
            .map_or(&self.target, |(path, _)| path)
    }

    /// Reads one request. `Ok(None)` when the connection ends before a head is complete.
    pub(super) fn read(mut stream: &TcpStream) -> io::Result<Option<Request>> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            if bytes.len() > LIMIT || !read_some(&mut stream, &mut bytes)? {
                return Ok(None);
            }
        };
        let mut body = bytes.split_off(end + 4);
        let Some(mut request) = parse(&bytes) else {
            return Ok(None);
        };
        let length = request
            .header("Content-Length")
            .and_then(|text| text.parse().ok());
        while body.len() < length.unwrap_or(0).min(LIMIT) && read_some(&mut stream, &mut body)? {}
        request.body = body;
        Ok(Some(request))
    }
}

fn read_some(stream: &mut &TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let count = stream.read(&mut buffer)?;
    bytes.extend(buffer.iter().take(count));
    Ok(count > 0)
}

fn parse(head: &[u8]) -> Option<Request> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    // A target has no space, but a client that sends one is to be seen as it is.
    let (method, rest) = lines.next()?.split_once(' ')?;
    let (target, version) = rest.rsplit_once(' ')?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect();
    Some(Request {
        number: 0,
        at: Instant::now(),
        method: method.to_owned(),
        target: target.to_owned(),
        version: version.to_owned(),
        headers,
        body: Vec::new(),
    })
}
