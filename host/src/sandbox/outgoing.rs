//! Sends the component's requests. Each one passes the gate ([`request`]), and the host connects to the address
//! that was checked. It follows no redirect and keeps no connection. Only STS and an https endpoint ([`route`]) use
//! name resolution and TLS; only STS uses a proxy.
//!
//! [`route`]: crate::route

use crate::error::{Denial, RouteError};
use crate::grants::Admitted;
use crate::limits::{Limit, REQUEST_BODY_BYTES};
use crate::route::connect::connect;
use crate::route::connection::{Route, Stream};
use crate::sandbox::exchange::{Sent, Times, send};
use crate::sandbox::request::{self, Permit};
use epicac_component::limits::ATTEMPTS;
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::timeout;
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
