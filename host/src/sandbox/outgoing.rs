//! Sends the component's requests. Each one passes the gate ([`request`]), and the host connects to the address
//! that was checked. It follows no redirect and keeps no connection. Only STS and an https endpoint ([`route`]) use
//! name resolution and TLS; only STS uses a proxy.
//!
//! [`route`]: crate::route

use crate::denial::Denial;
use crate::grants::Admitted;
use crate::limits::{CONNECT_TIMEOUT, Limit, READ_TIMEOUT};
use crate::limits::{REQUEST_BODY_BYTES, RESPONSE_HEADER_BYTES};
use crate::route::RouteError;
use crate::route::connect::connect;
use crate::route::connection::{Route, Stream};
use crate::sandbox::head_limit::{HeadLimited, Left};
use crate::sandbox::request::{self, Permit};
use bytes::Bytes;
use epicac_component::limits::ATTEMPTS;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep, timeout};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The outgoing requests of an instance: what it may send, and the record of the run.
pub(crate) struct Outgoing {
    admitted: Arc<Admitted>,
    requests_per_run: u32,
    requests_left: u32,
    record: Arc<Mutex<Record>>,
}

/// What a run has to report. A request can add to it while it is in flight.
#[derive(Default)]
struct Record {
    /// The first denial.
    denied: Option<Denial>,
    /// Whether more requests were asked for than may be sent.
    hit: Option<Limit>,
    /// Why the last request failed, if it took a route.
    unreachable: Option<crate::error::Error>,
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outgoing {
    /// Requests may go only to the granted endpoint, and to the STS of the granted roles.
    pub(crate) fn new(admitted: Arc<Admitted>) -> Self {
        let roles = admitted.grants().roles();
        let hops = roles.map_or(0, |roles| roles.chain().len());
        let for_roles = u32::try_from(hops).unwrap_or(u32::MAX);
        let limit = admitted.limits().requests;
        let requests = limit.saturating_add(for_roles.saturating_mul(ATTEMPTS));
        Self {
            admitted,
            requests_per_run: requests,
            requests_left: requests,
            record: Arc::default(),
        }
    }

    /// Forgets what the run before this one did.
    pub(crate) fn start_run(&mut self) {
        self.requests_left = self.requests_per_run;
        // A request of the earlier run may still be in flight; it writes to the old record.
        self.record = Arc::default();
    }

    /// Fails when this run made a denied request: its result is then not used.
    pub(crate) fn check(&self) -> wasmtime::Result<()> {
        let record = lock(&self.record);
        if let Some(limit) = record.hit {
            return Err(limit.into());
        }
        match &record.denied {
            Some(denial) => Err(denial.clone().into()),
            None => Ok(()),
        }
    }

    /// Why the last request failed, if the host knows more than the component.
    pub(crate) fn take_unreachable(&self) -> Option<crate::error::Error> {
        lock(&self.record).unreachable.take()
    }

    /// Where the request may go, by the gate and the limits.
    fn permit(&mut self, request: &http::Request<WasiBody>) -> Option<Permit> {
        let permit = request::may_send(
            &self.admitted,
            request.method(),
            request.uri(),
            !request.body().is_end_stream(),
        );
        match permit {
            Err(denial) => {
                lock(&self.record).denied.get_or_insert(denial);
                None
            }
            Ok(_) if self.requests_left == 0 => {
                lock(&self.record).hit.get_or_insert(Limit::Requests);
                None
            }
            Ok(permit) => {
                self.requests_left -= 1;
                Some(permit)
            }
        }
    }
}

type Sent = Result<
    (
        http::Response<WasiBody>,
        Box<dyn Future<Output = Result<(), Error>> + Send>,
    ),
    Error,
>;

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let times = Times::of(options.unwrap_or_default());
        let (admitted, record) = (self.admitted.clone(), self.record.clone());
        match self.permit(&request) {
            None => Box::new(async { Err(Error::HttpRequestDenied) }),
            Some(Permit::Endpoint(addresses)) => Box::new(async move {
                let connected = timeout(times.connect, connect(&addresses)).await;
                let stream = connected
                    .map_err(|_| Error::ConnectionTimeout)?
                    .map_err(Error::Connect)?;
                send(request, Stream::Left(stream), times).await
            }),
            Some(Permit::Https) => Box::new(async move {
                let route = admitted.grants().route().ok_or(Error::HttpRequestDenied)?;
                let stream = follow(route, &record, times, crate::error::Error::Endpoint).await?;
                send(request, stream, times).await
            }),
            Some(Permit::Sts) => Box::new(send_to_sts(request, admitted, record, times)),
        }
    }

    /// Every scheme comes before the gate, which then says why it is denied.
    fn is_supported_scheme(&mut self, _: &http::uri::Scheme) -> bool {
        true
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        let source = std::error::Error::source(error);
        if let Some(io) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
            let is_tls = io
                .get_ref()
                .is_some_and(|error| error.is::<rustls::Error>());
            return if is_tls {
                ErrorCode::TlsProtocolError
            } else {
                ErrorCode::ConnectionTerminated
            };
        }
        if error.is_incomplete_message() {
            ErrorCode::HttpResponseIncomplete
        } else if error.is_closed() || error.is_canceled() {
            ErrorCode::ConnectionTerminated
        } else {
            ErrorCode::HttpProtocolError
        }
    }

    fn p2_error_from_connect(&mut self, error: &io::Error) -> ErrorCode {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => ErrorCode::ConnectionRefused,
            io::ErrorKind::TimedOut => ErrorCode::ConnectionTimeout,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                ErrorCode::DestinationIpUnroutable
            }
            _ => ErrorCode::DestinationUnavailable,
        }
    }
}

/// The time limits of an attempt: those that the component sets, if they are not longer than ours.
#[derive(Clone, Copy)]
struct Times {
    connect: Duration,
    first_byte: Duration,
    between_bytes: Duration,
}

impl Times {
    fn of(options: RequestOptions) -> Self {
        let limit =
            |asked: Option<Duration>, most: Duration| asked.map_or(most, |asked| asked.min(most));
        Self {
            connect: limit(options.connect_timeout, CONNECT_TIMEOUT),
            first_byte: limit(options.first_byte_timeout, READ_TIMEOUT),
            between_bytes: limit(options.between_bytes_timeout, READ_TIMEOUT),
        }
    }
}

/// One request to STS, once its whole body is there and has passed the gate.
async fn send_to_sts(
    request: http::Request<WasiBody>,
    admitted: Arc<Admitted>,
    record: Arc<Mutex<Record>>,
    times: Times,
) -> Sent {
    let (parts, body) = request.into_parts();
    let body = timeout(
        times.first_byte,
        Limited::new(body, REQUEST_BODY_BYTES).collect(),
    )
    .await;
    let body = match body.map_err(|_| Error::ConnectionWriteTimeout)? {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Denial::StsForm),
        // The component broke it off.
        Err(_) => return Err(Error::HttpProtocolError),
    };
    let permitted = body.and_then(|body| request::may_send_form(&admitted, &body).map(|()| body));
    let body = permitted.map_err(|denial| {
        lock(&record).denied.get_or_insert(denial);
        Error::HttpRequestDenied
    })?;
    let roles = admitted.grants().roles().ok_or(Error::HttpRequestDenied)?;
    let stream = follow(roles.route(), &record, times, crate::error::Error::Sts).await?;
    let body = Full::new(body).map_err(Error::from).boxed_unsync();
    send(http::Request::from_parts(parts, body), stream, times).await
}

/// Connects along the route. The component only sees the error of WASI; the record keeps the full reason, as an error
/// that names the server.
async fn follow(
    route: &Route,
    record: &Mutex<Record>,
    times: Times,
    of_server: fn(RouteError) -> crate::error::Error,
) -> Result<Stream, Error> {
    lock(record).unreachable = None;
    let connected = route.connect(times.connect).await;
    connected.map_err(|failure| {
        lock(record).unreachable = failure.why.map(of_server);
        failure.error
    })
}

/// One request on one connection.
async fn send(mut request: http::Request<WasiBody>, stream: Stream, times: Times) -> Sent {
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
