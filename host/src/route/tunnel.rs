//! Asks a proxy for a tunnel, before TLS begins (RFC 9110 §9.3.6).

use super::error::RouteError;
use super::proxy::Proxy;
use bytes::Bytes;
use epicac_component::endpoint::Endpoint;
use futures_util::future::join;
use http::header::{HOST, HeaderValue, PROXY_AUTHORIZATION};
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper::client::conn::http1;
use std::error::Error as _;
use std::io;
use tokio::net::TcpStream;
use wasmtime_wasi_http::io::TokioIo;

/// The size of a proxy's response, in bytes; hyper takes no lower limit.
const PROXY_HEADER_BYTES: usize = 8 << 10;

/// Asks the proxy at the other end of `stream` for a tunnel to the server. The caller limits the time.
pub(super) async fn tunnel(
    stream: &mut TcpStream,
    proxy: &Proxy,
    server: &Endpoint,
) -> Result<(), RouteError> {
    // The connection failed, or the answer is not HTTP.
    let failed = |error: hyper::Error| match error.source().filter(|why| why.is::<io::Error>()) {
        Some(why) => proxy.unreachable(&why),
        None => RouteError::NotAProxy(proxy.to_string()),
    };
    let request = request(proxy, server).map_err(|error| proxy.unreachable(&error))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(PROXY_HEADER_BYTES)
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    // The connection ends with the only request. It leaves the stream open.
    let ask = async move {
        let response = sender.send_request(request).await;
        response.map(|response| response.status())
    };
    let (status, parts) = join(ask, connection.without_shutdown()).await;
    let status = status.map_err(failed)?;
    if !status.is_success() {
        let proxy = proxy.to_string();
        return Err(match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => RouteError::ProxyNeedsUser(proxy),
            status => RouteError::ProxyRefused(proxy, status.as_u16()),
        });
    }
    let parts = parts.map_err(failed)?;
    // The client speaks first in a tunnel: nothing may follow the header.
    if parts.read_buf.is_empty() {
        Ok(())
    } else {
        Err(RouteError::NotAProxy(proxy.to_string()))
    }
}

fn request(proxy: &Proxy, server: &Endpoint) -> Result<Request<Empty<Bytes>>, http::Error> {
    let target = format!("{}:{}", server.host(), server.port_or_default());
    let mut request = Request::connect(&target).header(HOST, &target);
    if let Some(secret) = proxy.authorization() {
        let mut value = HeaderValue::try_from(secret.expose())?;
        value.set_sensitive(true);
        request = request.header(PROXY_AUTHORIZATION, value);
    }
    request.body(Empty::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::rows;
    use std::time::Duration;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio::time::timeout;

    /// The outcome with a proxy that gives this answer and then waits: a tunnel, the status that refused it, or no proxy.
    async fn outcome(answer: &str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Proxy::parse(&address.to_string()).unwrap();
        let server = Endpoint::from_full_uri("https://[fd00::1]").unwrap();
        let mut client = TcpStream::connect(address).await.unwrap();
        let (mut served, _) = listener.accept().await.unwrap();
        served.write_all(answer.as_bytes()).await.unwrap();
        let tunnel = tunnel(&mut client, &proxy, &server);
        let tunnel = timeout(Duration::from_secs(5), tunnel).await;
        match tunnel.expect("the answer is there") {
            Ok(()) => {}
            Err(RouteError::ProxyNeedsUser(_)) => return "407".to_owned(),
            Err(RouteError::ProxyRefused(_, status)) => return status.to_string(),
            Err(RouteError::NotAProxy(_)) => return "no proxy".to_owned(),
            Err(other) => panic!("{other}"),
        }
        // The stream is the tunnel from here on.
        client.write_all(b"ping").await.unwrap();
        let mut request = [0; 512];
        let mut length = 0;
        while !request[..length].ends_with(b"ping") {
            length += served.read(&mut request[length..]).await.unwrap();
        }
        assert!(
            request.starts_with(b"CONNECT [fd00::1]:443 HTTP/1.1\r\nHost: [fd00::1]:443\r\n\r\n")
        );
        served.write_all(b"pong").await.unwrap();
        let mut pong = [0; 4];
        client.read_exact(&mut pong).await.unwrap();
        assert_eq!(&pong, b"pong");
        "tunnel".to_owned()
    }

    #[tokio::test]
    async fn a_success_opens_the_tunnel_and_anything_else_is_told() {
        // The proxy of the 407 keeps the connection, and its body never ends.
        for [answer, expected] in rows(
            r"
            HTTP/1.1 200 Connection established\r\n\r\n    | tunnel
            HTTP/1.0 200 OK\r\nProxy-Agent: a\r\n\r\n      | tunnel
            HTTP/1.1 200\r\nContent-Length: 4\r\n\r\n      | tunnel
            HTTP/1.1 200 OK\r\n\r\nmore                    | no proxy
            HTTP/1.1 407 No\r\nContent-Length: 9\r\n\r\nno | 407
            HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n   | 403
            HTTP/1.0 503 No\r\n\r\n                        | 503
            HTTP/2 200\r\n\r\n                             | no proxy
            HTTP/1.1 2xx\r\n\r\n                           | no proxy
            SSH-2.0-OpenSSH_9.6\r\n                        | no proxy",
        ) {
            let answer = answer.replace(r"\r\n", "\r\n");
            assert_eq!(outcome(&answer).await, expected, "{answer}");
        }
        let long = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(16_384));
        assert_eq!(outcome(&long).await, "no proxy");
    }
}
