//! The tunnel through a proxy, which is asked for before TLS begins.

use super::connection::port;
use super::flaw::RouteFlaw;
use super::proxy::Proxy;
use epicac_component::endpoint::Endpoint;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The size of a proxy's response, in bytes.
const PROXY_HEADER_BYTES: usize = 8 << 10;

/// Asks the proxy for a tunnel to this server (RFC 9110 §9.3.6).
pub(super) async fn tunnel(
    stream: &mut TcpStream,
    proxy: &Proxy,
    end: &Endpoint,
) -> Result<(), RouteFlaw> {
    let unreachable = |why: &dyn std::fmt::Display| RouteFlaw::ProxyUnreachable {
        proxy: proxy.to_string(),
        why: why.to_string(),
    };
    let target = format!("{}:{}", end.host(), port(end));
    let authorization = proxy.authorization().map_or_else(String::new, |secret| {
        format!("Proxy-Authorization: {}\r\n", secret.expose())
    });
    let request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{authorization}\r\n");
    let sent = stream.write_all(request.as_bytes()).await;
    sent.map_err(|error| unreachable(&error))?;

    let no_proxy = || unreachable(&"its response is not that of an HTTP proxy");
    let mut response = Vec::new();
    let end = loop {
        let end = response.windows(4).position(|it| it == b"\r\n\r\n");
        if let Some(end) = end {
            break end + 4;
        }
        let read = stream.read_buf(&mut response).await;
        let count = read.map_err(|error| unreachable(&error))?;
        if count == 0 || response.len() > PROXY_HEADER_BYTES {
            return Err(no_proxy());
        }
    };
    match status(&response) {
        // In a tunnel the client speaks first: there is nothing behind the header.
        Some(200..300) if end == response.len() => Ok(()),
        Some(200..300) | None => Err(no_proxy()),
        Some(status) => Err(RouteFlaw::ProxyRefused {
            proxy: proxy.to_string(),
            status,
        }),
    }
}

/// The status of `HTTP/1.1 200 …`.
fn status(response: &[u8]) -> Option<u16> {
    let line = response.split(|byte| *byte == b'\r').next()?;
    let rest = line.strip_prefix(b"HTTP/1.")?;
    let text = str::from_utf8(rest.get(1..)?.strip_prefix(b" ")?.get(..3)?).ok()?;
    text.parse().ok().filter(|status| *status >= 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_proxy_is_the_second_word() {
        for (response, expected) in [
            ("HTTP/1.1 200 Connection established\r\n\r\n", Some(200)),
            ("HTTP/1.0 407 Proxy Authentication Required\r\n", Some(407)),
            ("HTTP/1.1 200\r\n\r\n", Some(200)),
            ("HTTP/2 200\r\n\r\n", None),
            ("HTTP/1.1 2xx\r\n\r\n", None),
            ("SSH-2.0\r\n", None),
            ("", None),
        ] {
            assert_eq!(status(response.as_bytes()), expected, "{response}");
        }
    }
}
