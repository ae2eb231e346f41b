//! One request and its response, on a connection of their own. All times and the size of the header are limited.

use crate::limits::{CONNECT_TIMEOUT, READ_TIMEOUT, RESPONSE_HEADER_BYTES};
use crate::route::connection::Stream;
use crate::sandbox::head_limit::{HeadLimited, Left};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

/// A response, and what drives its connection.
pub(crate) type Sent = Result<
    (
        http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

/// The time limits of an attempt: those that the component sets, if they are not longer than ours.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) connect: Duration,
    pub(crate) first_byte: Duration,
    between_bytes: Duration,
}

impl Times {
    pub(crate) fn of(options: RequestOptions) -> Self {
        let limit =
            |asked: Option<Duration>, most: Duration| asked.map_or(most, |asked| asked.min(most));
        Self {
            connect: limit(options.connect_timeout, CONNECT_TIMEOUT),
            first_byte: limit(options.first_byte_timeout, READ_TIMEOUT),
            between_bytes: limit(options.between_bytes_timeout, READ_TIMEOUT),
        }
    }
}

/// One request on one connection.
pub(crate) async fn send(
    mut request: http::Request<WasiBody>,
    stream: Stream,
    times: Times,
) -> Sent {
    // The request line holds the path only; the authority stays in the Host header.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Default::default, http::Uri::from);

    let left = Left::new(RESPONSE_HEADER_BYTES);
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(RESPONSE_HEADER_BYTES)
        // RFC 9112 §5.2: a line that is folded is one.
        .allow_obsolete_multiline_headers_in_responses(true)
        .handshake(TokioIo::new(HeadLimited::new(stream, left.clone())))
        .await?;
    let connection = wasmtime_wasi::runtime::spawn(connection);
    let response = timeout(times.first_byte, sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)?;
    let response = match response {
        Err(_) if left.is_used_up() => return Err(Error::HttpResponseHeaderSectionSize(None)),
        response => response?,
    };
    left.lift();
    check_header(response.headers())?;
    let response = response.map(|body| TimedBody::new(body, times.between_bytes).boxed_unsync());
    Ok((response, Box::new(async move { Ok(connection.await?) })))
}

/// hyper accepts a larger header if it arrives in one piece, so its size is checked again.
fn check_header(fields: &http::HeaderMap) -> Result<(), Error> {
    let fields = fields.iter();
    // With `: ` and the end of the line.
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
struct TimedBody {
    body: Incoming,
    pause: Duration,
    timer: Pin<Box<Sleep>>,
}

impl TimedBody {
    fn new(body: Incoming, pause: Duration) -> Self {
        Self {
            body,
            pause,
            timer: Box::pin(sleep(pause)),
        }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let next = Instant::now() + self.pause;
            self.timer.as_mut().reset(next);
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::from)));
        }
        match self.timer.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(Error::ConnectionReadTimeout))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
