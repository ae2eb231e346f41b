//! Sends the component's requests: each one is asked of the policy, and the address that is connected to
//! is the one that was checked. No name is ever resolved, no redirect followed, no proxy used, and no
//! connection kept.

use crate::limits::{Limit, Limits};
use crate::policy::{self, Denial};
use crate::timeline::mark;
use bytes::Bytes;
use epicac_component::endpoint::Endpoint;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep, timeout};
use wasmtime_wasi_http::io::TokioIo;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The time limits of an attempt where the component sets none, or longer ones (`behaviour.md` §3).
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(5);

/// The size of a response's header, in bytes.
pub(crate) const RESPONSE_HEADER_BYTES: usize = 64 << 10;

/// The outgoing half of an instance: its policy, and what came of asking it.
pub(crate) struct Outgoing {
    endpoint: Option<Endpoint>,
    requests_per_run: u32,
    requests_left: u32,
    /// The first denial of this run.
    denied: Option<Denial>,
    /// Whether this run asked for more requests than it may send.
    hit: Option<Limit>,
}

impl Outgoing {
    /// Requests may go to `endpoint` only, and nowhere when there is none.
    pub(crate) fn new(endpoint: Option<Endpoint>, limits: &Limits) -> Self {
        Self {
            endpoint,
            requests_per_run: limits.requests,
            requests_left: limits.requests,
            denied: None,
            hit: None,
        }
    }

    /// Forgets what the run before this one did.
    pub(crate) fn start_run(&mut self) {
        self.requests_left = self.requests_per_run;
        self.denied = None;
        self.hit = None;
    }

    /// Fails when this run asked for what it must not have: nothing that it says afterwards would count.
    pub(crate) fn check(&self) -> wasmtime::Result<()> {
        if let Some(limit) = self.hit {
            return Err(limit.into());
        }
        match &self.denied {
            Some(denial) => Err(denial.clone().into()),
            None => Ok(()),
        }
    }

    /// Where the request may go, by the policy and the limits.
    fn permit(&mut self, request: &http::Request<WasiBody>) -> Option<Vec<SocketAddr>> {
        match policy::permit(self.endpoint.as_ref(), request.method(), request.uri()) {
            Err(denial) => {
                self.denied.get_or_insert(denial);
                None
            }
            Ok(_) if self.requests_left == 0 => {
                self.hit.get_or_insert(Limit::Requests);
                None
            }
            Ok(addresses) => {
                self.requests_left -= 1;
                Some(addresses)
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
        mark("token");
        let addresses = self.permit(&request);
        Box::new(async move {
            match addresses {
                Some(addresses) => send(request, &addresses, options.unwrap_or_default()).await,
                None => Err(Error::HttpRequestDenied),
            }
        })
    }

    /// Every scheme comes before the policy, which then says why it is denied.
    fn is_supported_scheme(&mut self, _: &http::uri::Scheme) -> bool {
        true
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
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

/// One request on one connection.
async fn send(
    mut request: http::Request<WasiBody>,
    addresses: &[SocketAddr],
    options: RequestOptions,
) -> Sent {
    let limit =
        |asked: Option<Duration>, most: Duration| asked.map_or(most, |asked| asked.min(most));
    let first_byte = limit(options.first_byte_timeout, READ_TIMEOUT);
    let between_bytes = limit(options.between_bytes_timeout, READ_TIMEOUT);

    let connecting = connect(addresses);
    let stream = timeout(limit(options.connect_timeout, CONNECT_TIMEOUT), connecting)
        .await
        .map_err(|_| Error::ConnectionTimeout)??;
    mark("connect");

    // The request line holds the path only; the authority stays in the Host header.
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = path.map_or_else(Default::default, http::Uri::from);

    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(RESPONSE_HEADER_BYTES)
        .handshake(TokioIo::new(stream))
        .await?;
    let connection = wasmtime_wasi::runtime::spawn(connection);
    let response = timeout(first_byte, sender.send_request(request))
        .await
        .map_err(|_| Error::ConnectionReadTimeout)??;
    mark("response");
    let response = response.map(|body| TimedBody::new(body, between_bytes).boxed_unsync());
    Ok((response, Box::new(async move { Ok(connection.await?) })))
}

/// Connects to the first address that lets us.
async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Error> {
    let mut refused = Error::DestinationNotFound;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = Error::Connect(error),
        }
    }
    Err(refused)
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
