//! `epicac serve --probe`: asks the server that runs, as its callers do, for a container that has no shell.

use super::answer::PATH;
use super::token::CallerToken;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use std::error::Error;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use wasmtime_wasi_http::io::TokioIo;

/// As much is read of a refusal.
const LINE_BYTES: usize = 8 << 10;

/// Fails unless the server at this address has credentials, and says why.
pub(super) async fn probe(
    address: SocketAddr,
    token: &CallerToken,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get(PATH)
        .header(HOST, address.to_string())
        .header(AUTHORIZATION, token.expose())
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(());
    }
    let line = Limited::new(response.into_body(), LINE_BYTES)
        .collect()
        .await?;
    let line = String::from_utf8_lossy(&line.to_bytes()).trim().to_owned();
    Err(format!("it answers {status}: {line}").into())
}
