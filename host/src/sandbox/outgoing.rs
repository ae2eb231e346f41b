//! Sends the component's requests. Each one passes the gate ([`request`]), and is sent on the way that its permit carries. The
//! host follows no redirect and keeps no connection. Only STS and an https endpoint ([`route`]) use
//! name resolution and TLS; only STS uses a proxy.
//!
//! [`route`]: crate::route

use crate::denial::DeniedError;
use crate::grants::{Admitted, Way};
use crate::limits::{CONNECT_TIMEOUT, Limit, READ_TIMEOUT, REQUEST_BODY_BYTES};
use crate::route::RouteError;
use crate::route::connect::connect;
use crate::route::connection::{Route, Stream};
use crate::sandbox::exchange::{Sent, send};
use crate::sandbox::request::{self, Permit, StsPermit};
use epicac_component::limits::ATTEMPTS;
use http_body::Body as _;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use std::future::{Future, ready};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::timeout;
use wasmtime_wasi_http::p2::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

/// The outgoing requests of an instance: the grants that they are compared with, and the record of the run.
pub(crate) struct Outgoing {
    admitted: Arc<Admitted>,
    requests_left: u32,
    record: Arc<Mutex<Record>>,
}

/// The failures of a run that only the host knows. A request that is in flight can add one.
#[derive(Default)]
struct Record {
    /// Why the run is to be stopped: the first denial, or the limit of requests.
    stop: Option<wasmtime::Error>,
    /// Why the last request failed, if it took a route.
    unreachable: Option<crate::error::Error>,
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outgoing {
    /// Requests may go only to the granted endpoint, and to the STS of the granted roles.
    pub(crate) fn new(admitted: Arc<Admitted>) -> Self {
        let roles = admitted.roles().ok().flatten();
        let hops = roles.map_or(0, |roles| roles.chain().len());
        let for_roles = u32::try_from(hops).unwrap_or(u32::MAX);
        let limit = admitted.limits().requests;
        Self {
            requests_left: limit.saturating_add(for_roles.saturating_mul(ATTEMPTS)),
            admitted,
            record: Arc::default(),
        }
    }

    /// Fails if this run made a request that is denied, or too many requests. The result of the run is then not used.
    pub(crate) fn check(&self) -> wasmtime::Result<()> {
        lock(&self.record).stop.take().map_or(Ok(()), Err)
    }

    /// Why the last request failed, if the host knows more than the component.
    pub(crate) fn take_unreachable(&self) -> Option<crate::error::Error> {
        lock(&self.record).unreachable.take()
    }

    /// Where the request may go, by the gate and the limits.
    fn permit(&mut self, request: &http::Request<WasiBody>) -> wasmtime::Result<Permit> {
        let has_body = !request.body().is_end_stream();
        let (method, uri) = (request.method(), request.uri());
        let permit = request::may_send(&self.admitted, method, uri, has_body)?;
        self.requests_left = self.requests_left.checked_sub(1).ok_or(Limit::Requests)?;
        Ok(permit)
    }
}

/// Records why the run is to be stopped, unless there is a reason already, and returns the error for the component.
fn stop(record: &Mutex<Record>, why: wasmtime::Error) -> Error {
    lock(record).stop.get_or_insert(why);
    Error::HttpRequestDenied
}

impl WasiHttpHooks for Outgoing {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let record = self.record.clone();
        match self.permit(&request) {
            Err(why) => Box::new(ready(Sent::Err(stop(&record, why)))),
            Ok(Permit::Endpoint(Way::Addresses(addresses))) => Box::new(async move {
                let connected = connect(&addresses, CONNECT_TIMEOUT).await;
                let stream = connected.map_err(Error::Connect)?;
                send(request, Stream::Left(stream)).await
            }),
            Ok(Permit::Endpoint(Way::Route(route))) => Box::new(async move {
                let stream = follow(&route, &record, crate::error::Error::Endpoint).await?;
                send(request, stream).await
            }),
            Ok(Permit::Sts(permit)) => Box::new(send_to_sts(request, permit, record)),
        }
    }

    /// No scheme is refused here, so that the gate judges each request and says why it is denied.
    fn is_supported_scheme(&mut self, _: &http::uri::Scheme) -> bool {
        true
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        let source = std::error::Error::source(error);
        let io = source.and_then(|source| source.downcast_ref::<io::Error>());
        let cause = io.and_then(io::Error::get_ref);
        match io {
            Some(_) if cause.is_some_and(|cause| cause.is::<rustls::Error>()) => {
                ErrorCode::TlsProtocolError
            }
            Some(_) => ErrorCode::ConnectionTerminated,
            None if error.is_incomplete_message() => ErrorCode::HttpResponseIncomplete,
            None if error.is_closed() || error.is_canceled() => ErrorCode::ConnectionTerminated,
            None => ErrorCode::HttpProtocolError,
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

/// Sends one request to STS, once its whole body is there and has passed the gate.
async fn send_to_sts(
    request: http::Request<WasiBody>,
    permit: StsPermit,
    record: Arc<Mutex<Record>>,
) -> Sent {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, REQUEST_BODY_BYTES).collect();
    let body = timeout(READ_TIMEOUT, body).await;
    let body = match body.map_err(|_| Error::ConnectionWriteTimeout)? {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(stop(&record, DeniedError::StsForm.into()));
        }
        // The component broke the body off.
        Err(_) => return Err(Error::HttpProtocolError),
    };
    let roles = permit.roles_of_form(&body);
    let roles = roles.map_err(|why| stop(&record, why.into()))?;
    let of_sts = |error| roles.unreachable(error);
    let stream = follow(roles.route(), &record, of_sts).await?;
    let body = Full::new(body).map_err(Error::from).boxed_unsync();
    send(http::Request::from_parts(parts, body), stream).await
}

/// Connects along the route. The component only sees the error of WASI. The record keeps the full reason; `of_server`
/// makes it an error that names the server.
async fn follow(
    route: &Route,
    record: &Mutex<Record>,
    of_server: impl Fn(RouteError) -> crate::error::Error,
) -> Result<Stream, Error> {
    lock(record).unreachable = None;
    let connected = route.connect(CONNECT_TIMEOUT).await;
    connected.map_err(|failure| {
        lock(record).unreachable = failure.why.map(of_server);
        failure.error
    })
}
