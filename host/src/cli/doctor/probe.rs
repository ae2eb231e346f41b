//! Whether the endpoint answers at all, and what time it is there.
//!
//! This is a request of its own: what comes back through the sandbox has no header any more, and a hook for it
//! would stand on the path of every credential. It is a `HEAD` without the token, so that nothing secret goes
//! out, and nothing secret comes back.

use super::report::Check;
use epicac_component::transport::TransportError as Fault;
use epicac_component::{Circumstance, Endpoint, Error, Host, Scheme, Timestamp};
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// As `behaviour.md` §3 has it for each attempt.
const CONNECT: Duration = Duration::from_secs(2);
const READ: Duration = Duration::from_secs(5);

/// The header of an answer is not longer.
const HEAD_BYTES: usize = 16 << 10;

/// What the endpoint answered to nobody in particular.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    status: u16,
    date: Option<Timestamp>,
}

/// Asks the endpoint. Not one over https: what is wrong with its name, its certificate or TLS, the run itself tells.
pub(super) fn probe(endpoint: &Endpoint) -> Option<Result<Answer, Error>> {
    let is_http = endpoint.scheme() == Scheme::Http;
    is_http.then(|| {
        ask(endpoint).map_err(|fault| {
            let circumstance = Circumstance {
                agent: endpoint.agent(),
                ..Circumstance::default()
            };
            fault.at(endpoint, None, circumstance)
        })
    })
}

/// Whether it answered.
pub(super) fn check(endpoint: Option<&Endpoint>, probed: &Option<Result<Answer, Error>>) -> Check {
    const NAME: &str = "connection";
    match (endpoint, probed) {
        (Some(endpoint), Some(Ok(Answer { status, .. }))) => Check::ok(
            NAME,
            format_args!(
                "{} answers (status {status} to a HEAD without the token)",
                endpoint.origin()
            ),
        ),
        (_, Some(Err(error))) => Check::failed(NAME, error).into_hint(),
        (Some(_), None) => Check::skipped(NAME, "over https, the credentials below tell"),
        _ => Check::skipped(NAME, "there is no endpoint to connect to"),
    }
}

/// The time that the endpoint told.
pub(super) fn date(probed: &Result<Answer, Error>) -> Option<Timestamp> {
    probed.as_ref().ok()?.date
}

fn ask(endpoint: &Endpoint) -> Result<Answer, Fault> {
    let mut stream = connect(endpoint)?;
    let request = format!(
        "HEAD {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: epicac-doctor/{}\r\nConnection: close\r\n\r\n",
        endpoint.path_with_query(),
        endpoint.authority(),
        env!("CARGO_PKG_VERSION")
    );
    stream
        .set_write_timeout(Some(READ))
        .and_then(|()| stream.write_all(request.as_bytes()))
        .map_err(|error| fault(&error))?;
    let head = head(&mut stream)?;
    parse(&head).ok_or(Fault::NotHttp)
}

fn connect(endpoint: &Endpoint) -> Result<TcpStream, Fault> {
    let addresses: &[IpAddr] = match endpoint.host() {
        Host::Ipv4(address) => &[IpAddr::V4(*address)],
        Host::Ipv6(address) => &[IpAddr::V6(*address)],
        // Over http no other name may be asked.
        Host::Name(_) => &[
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ],
    };
    let port = endpoint.port().unwrap_or(80);
    let mut refused = Fault::Unresolved;
    for address in addresses {
        match TcpStream::connect_timeout(&SocketAddr::new(*address, port), CONNECT) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                refused = Fault::ConnectTimeout;
            }
            Err(error) => refused = fault(&error),
        }
    }
    Err(refused)
}

/// The answer up to the empty line behind its header.
fn head(stream: &mut TcpStream) -> Result<Vec<u8>, Fault> {
    let until = Instant::now() + READ;
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while head.len() < HEAD_BYTES {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Fault::ResponseTimeout);
        }
        stream
            .set_read_timeout(Some(left))
            .map_err(|error| fault(&error))?;
        let read = stream.read(&mut buffer).map_err(|error| fault(&error))?;
        head.extend(buffer.iter().take(read));
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            head.truncate(end);
            return Ok(head);
        }
        if read == 0 {
            return Err(Fault::Closed);
        }
    }
    Err(Fault::NotHttp)
}

fn fault(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Fault::Refused,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Fault::ResponseTimeout,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Fault::Unroutable,
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Fault::Closed,
        _ => Fault::Internal(Some(error.to_string())),
    }
}

fn parse(head: &[u8]) -> Option<Answer> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let mut status_line = lines.next()?.split(' ');
    let version = status_line.next()?;
    let status = status_line.next()?.parse().ok()?;
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
        return None;
    }
    let mut fields = lines.filter_map(|line| line.split_once(':'));
    let date = fields.find(|(name, _)| name.eq_ignore_ascii_case("date"));
    Some(Answer {
        status,
        date: date.and_then(|(_, value)| imf_fixdate(value.trim())),
    })
}

/// A moment as HTTP writes it (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
fn imf_fixdate(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, text) = text.split_once(", ")?;
    let parts: Vec<&str> = text.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts.as_slice() else {
        return None;
    };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let date = Timestamp::parse("1994-11-06T08:49:37Z");
        for (head, expected) in [
            (
                "HTTP/1.1 400 Bad Request\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT",
                Some((400, date)),
            ),
            (
                "HTTP/1.0 200 OK\r\nA: b\r\ndate:Sun, 06 Nov 1994 08:49:37 GMT",
                Some((200, date)),
            ),
            ("HTTP/1.1 200", Some((200, None))),
            ("HTTP/1.1 200 OK\r\nDate: today", Some((200, None))),
            ("HTTP/2 200 OK", None),
            ("SSH-2.0-x", None),
            ("", None),
        ] {
            let expected = expected.map(|(status, date)| Answer { status, date });
            assert_eq!(parse(head.as_bytes()), expected, "{head}");
        }
    }

    #[test]
    fn a_date_that_is_none_is_not_taken_for_one() {
        for text in [
            "",
            "06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 anF 1994 08:49:37 GMT",
            "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 32 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(imf_fixdate(text), None, "{text}");
        }
    }
}
