//! One request and its response, on a connection of their own. All times and the size of the header are limited.

use crate::limits::{READ_TIMEOUT, RESPONSE_HEADER_BYTES};
use crate::route::connection::Stream;
use futures_util::stream;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::io::InspectReader;
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, WasiBody};

/// A response, and the future that drives its connection.
pub(crate) type Sent = Result<
    (
        http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

/// Sends one request on one connection.
pub(crate) async fn send(mut request: http::Request<WasiBody>, stream: Stream) -> Sent {
    // The request line holds the path only; the authority stays in the Host header.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Default::default, http::Uri::from);

    // hyper skips any number of interim responses (RFC 9110 §15.2), so that their bytes count, too. After this many bytes
    // it reads again before the response only if the head is still incomplete.
    let is_over = Arc::new(Notify::new());
    let mut left = RESPONSE_HEADER_BYTES;
    let stream = InspectReader::new(stream, {
        let is_over = is_over.clone();
        move |bytes: &[u8]| {
            if left == 0 {
                is_over.notify_one();
            }
            left = left.saturating_sub(bytes.len());
        }
    });
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(RESPONSE_HEADER_BYTES)
        // RFC 9112 §5.2: a folded line is read as one line.
        .allow_obsolete_multiline_headers_in_responses(true)
        .handshake(TokioIo::new(stream))
        .await?;
    let connection = wasmtime_wasi::runtime::spawn(connection);
    let response = tokio::select! {
        biased;
        () = is_over.notified() => return Err(Error::HttpResponseHeaderSectionSize(None)),
        response = timeout(READ_TIMEOUT, sender.send_request(request)) => response,
    };
    let response = response.map_err(|_| Error::ConnectionReadTimeout)??;
    check_header(response.headers())?;
    let response = response.map(timed);
    Ok((response, Box::new(async move { Ok(connection.await?) })))
}

/// hyper accepts a larger header if it arrives in one piece, so its size is checked again.
fn check_header(fields: &http::HeaderMap) -> Result<(), Error> {
    let fields = fields.iter();
    // The 4 bytes are `: ` and the end of the line.
    let bytes: usize = fields
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if bytes > RESPONSE_HEADER_BYTES {
        return Err(Error::HttpResponseHeaderSectionSize(
            u32::try_from(bytes).ok(),
        ));
    }
    Ok(())
}

/// A response's body that fails when it pauses for too long.
fn timed(body: Incoming) -> WasiBody {
    let frames = stream::unfold(body, move |mut body| async move {
        let frame = match timeout(READ_TIMEOUT, body.frame()).await {
            Ok(frame) => frame?.map_err(Error::from),
            Err(_) => Err(Error::ConnectionReadTimeout),
        };
        Some((frame, body))
    });
    StreamBody::new(frames).boxed_unsync()
}
