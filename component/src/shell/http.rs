//! One request and its response, within the time of one attempt.

use alloc::string::String;
use alloc::vec::Vec;

use super::bindings::wasi::http::outgoing_handler;
use super::bindings::wasi::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, Method, OutgoingBody, OutgoingRequest,
    Scheme as WasiScheme,
};
use super::bindings::wasi::io::streams::{InputStream, StreamError};
use super::clock;
use crate::attempts::Attempt;
use crate::limits::{BODY_BYTES, BODY_PAUSE, next_read};
use crate::response::{self, Body, Response};
use crate::transport::TransportError;
use crate::{Endpoint, Scheme};

/// Sends a request and receives the response, or as much of it as comes in time: a POST if there is a
/// body, else a GET. Redirects are not followed.
pub fn send(
    endpoint: &Endpoint,
    headers: &[(String, Vec<u8>)],
    body: Option<&str>,
    attempt: &Attempt,
) -> Result<Response, TransportError> {
    let request = outgoing(endpoint, headers).map_err(|()| TransportError::Unsendable)?;
    let outgoing_body = match body {
        Some(_) => Some(post(&request).map_err(|()| TransportError::Unsendable)?),
        None => None,
    };
    // Without options: `attempt` ends the wait, and with it what the runtime does for the request.
    let pending = outgoing_handler::handle(request, None).map_err(error)?;
    if let (Some(outgoing_body), Some(body)) = (outgoing_body, body) {
        // A failure is ignored: a server may answer before it has read the whole request. If it does not answer, the
        // error of the response says why.
        let _ = write(&outgoing_body, body.as_bytes(), &pending, attempt);
        let _ = OutgoingBody::finish(outgoing_body, None);
    }
    if !clock::wait_until(&pending.subscribe(), attempt.header_by()) {
        return Err(TransportError::ResponseTimeout);
    }
    // The future is ready, and its result was not taken before.
    let Some(Ok(response)) = pending.get() else {
        return Err(TransportError::Internal(None));
    };
    let response = response.map_err(error)?;
    let status = response.status();
    let is_by_proxy = status != 200 && {
        let headers = response.headers();
        response::is_by_proxy(&|name| headers.get(name))
    };
    let body = match response.consume() {
        Ok(body) => receive(&body, attempt.body_by(clock::now())),
        Err(()) => Body {
            bytes: Vec::new(),
            error: Some(TransportError::Internal(None)),
        },
    };
    Ok(Response {
        status,
        is_by_proxy,
        body,
    })
}

fn outgoing(endpoint: &Endpoint, headers: &[(String, Vec<u8>)]) -> Result<OutgoingRequest, ()> {
    let headers = Fields::from_list(headers).map_err(drop)?;
    let request = OutgoingRequest::new(headers);
    let scheme = match endpoint.scheme() {
        Scheme::Http => WasiScheme::Http,
        Scheme::Https => WasiScheme::Https,
    };
    request.set_scheme(Some(&scheme))?;
    request.set_authority(Some(&endpoint.authority()))?;
    request.set_path_with_query(Some(endpoint.path_with_query()))?;
    Ok(request)
}

fn post(request: &OutgoingRequest) -> Result<OutgoingBody, ()> {
    request.set_method(&Method::Post)?;
    request.body()
}

/// Writes the body, or as much of it as the server takes until the deadline or its response.
///
/// Runtimes take such a body at once. A stream that takes nothing is rare, so its pollable is not imported: the stream is
/// asked again after a pause.
fn write(
    body: &OutgoingBody,
    mut bytes: &[u8],
    pending: &FutureIncomingResponse,
    attempt: &Attempt,
) -> Result<(), ()> {
    let stream = body.write()?;
    let deadline = attempt.header_by();
    while !bytes.is_empty() && clock::now() < deadline {
        let taken = stream.check_write().map_err(drop)?;
        if taken == 0 {
            let pause = clock::now().saturating_add(BODY_PAUSE);
            if clock::wait_until(&pending.subscribe(), pause) {
                break;
            }
            continue;
        }
        let taken = usize::try_from(taken).unwrap_or(usize::MAX);
        let (piece, rest) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
        stream.write(piece).map_err(drop)?;
        bytes = rest;
    }
    Ok(())
}

fn receive(body: &IncomingBody, deadline: u64) -> Body {
    let mut bytes = Vec::new();
    let error = match body.stream() {
        Ok(stream) => read(&stream, deadline, &mut bytes).err(),
        Err(()) => Some(TransportError::Internal(None)),
    };
    Body { bytes, error }
}

/// Reads the whole body, or one byte more than a body may have.
fn read(stream: &InputStream, deadline: u64, bytes: &mut Vec<u8>) -> Result<(), TransportError> {
    while let Some(length) = next_read(bytes.len(), BODY_BYTES) {
        // Before each read: a server that always has another byte must not outlast the deadline.
        if clock::now() >= deadline {
            return Err(TransportError::BodyTimeout);
        }
        match stream.read(length as u64) {
            Ok(piece) if piece.is_empty() => {
                clock::wait_until(&stream.subscribe(), deadline);
            }
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => return Err(TransportError::Closed),
        }
    }
    Ok(())
}

fn error(code: ErrorCode) -> TransportError {
    match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => TransportError::Denied,
        ErrorCode::HttpRequestLengthRequired
        | ErrorCode::HttpRequestBodySize(_)
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestUriTooLong
        | ErrorCode::HttpRequestHeaderSectionSize(_)
        | ErrorCode::HttpRequestHeaderSize(_)
        | ErrorCode::HttpRequestTrailerSectionSize(_)
        | ErrorCode::HttpRequestTrailerSize(_)
        | ErrorCode::ConfigurationError => TransportError::Unsendable,
        ErrorCode::ConnectionTimeout => TransportError::ConnectTimeout,
        ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => TransportError::ResponseTimeout,
        ErrorCode::ConnectionRefused => TransportError::Refused,
        ErrorCode::ConnectionTerminated | ErrorCode::HttpResponseIncomplete => {
            TransportError::Closed
        }
        ErrorCode::DestinationUnavailable | ErrorCode::DestinationIpUnroutable => {
            TransportError::Unroutable
        }
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            TransportError::Unresolved
        }
        ErrorCode::TlsCertificateError => TransportError::Certificate,
        ErrorCode::TlsProtocolError | ErrorCode::TlsAlertReceived(_) => TransportError::Tls,
        ErrorCode::HttpResponseTransferCoding(_)
        | ErrorCode::HttpResponseContentCoding(_)
        | ErrorCode::HttpUpgradeFailed
        | ErrorCode::HttpProtocolError => TransportError::NotHttp,
        ErrorCode::ConnectionLimitReached
        | ErrorCode::HttpResponseHeaderSectionSize(_)
        | ErrorCode::HttpResponseHeaderSize(_)
        | ErrorCode::HttpResponseBodySize(_)
        | ErrorCode::HttpResponseTrailerSectionSize(_)
        | ErrorCode::HttpResponseTrailerSize(_)
        | ErrorCode::LoopDetected => TransportError::RuntimeLimit,
        ErrorCode::InternalError(text) => TransportError::Internal(text),
    }
}
