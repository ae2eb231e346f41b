//! The functions of wasi:http: wasmtime-wasi-http's, over our policy ([`outgoing`](crate::sandbox::outgoing)).

use super::store::{Store, resource};
use crate::sandbox::state::State;
use wasmtime::Result;
use wasmtime::component::{LinkerInstance, Resource, ResourceType};
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types::{
    self as http, Host as _, HostFields as _, HostIncomingBody as _, HostOutgoingRequest as _,
    HostRequestOptions as _,
};
use wasmtime_wasi_http::p2::body::{HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest,
};
use wasmtime_wasi_http::{FieldMap, RequestOptions};

type Request = Resource<HostOutgoingRequest>;
type Options = Resource<RequestOptions>;

/// Requests, responses and their parts.
pub(super) fn types(types: &mut LinkerInstance<'_, State>) -> Result<()> {
    resource::<FieldMap>(types, "fields")?;
    resource::<HostOutgoingRequest>(types, "outgoing-request")?;
    resource::<RequestOptions>(types, "request-options")?;
    resource::<HostFutureIncomingResponse>(types, "future-incoming-response")?;
    resource::<HostIncomingResponse>(types, "incoming-response")?;
    resource::<HostIncomingBody>(types, "incoming-body")?;
    types.resource(
        "outgoing-body",
        ResourceType::host::<HostOutgoingBody>(),
        |mut store, rep| {
            // One that is dropped without its end is broken off.
            let mut view = store.data_mut().http();
            http::HostOutgoingBody::drop(&mut view, Resource::new_own(rep))
        },
    )?;

    types.func_wrap(
        "[static]fields.from-list",
        |mut store: Store<'_>, (entries,): (Vec<(String, Vec<u8>)>,)| {
            let mut view = store.data_mut().http();
            Ok((match view.from_list(entries) {
                Ok(fields) => Ok(fields),
                Err(error) => Err(view.convert_header_error(error)?),
            },))
        },
    )?;
    types.func_wrap(
        "[constructor]outgoing-request",
        |mut store: Store<'_>, (headers,): (Resource<FieldMap>,)| {
            Ok((http::HostOutgoingRequest::new(
                &mut store.data_mut().http(),
                headers,
            )?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-method",
        |mut store: Store<'_>, (request, method): (Request, http::Method)| {
            Ok((store.data_mut().http().set_method(request, method)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.body",
        |mut store: Store<'_>, (request,): (Request,)| {
            let mut view = store.data_mut().http();
            Ok((http::HostOutgoingRequest::body(&mut view, request)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-body.write",
        |mut store: Store<'_>, (body,): (Resource<HostOutgoingBody>,)| {
            let mut view = store.data_mut().http();
            Ok((http::HostOutgoingBody::write(&mut view, body)?,))
        },
    )?;
    types.func_wrap(
        "[static]outgoing-body.finish",
        |mut store: Store<'_>,
         (body, trailers): (Resource<HostOutgoingBody>, Option<Resource<FieldMap>>)| {
            let mut view = store.data_mut().http();
            Ok((
                match http::HostOutgoingBody::finish(&mut view, body, trailers) {
                    Ok(()) => Ok(()),
                    Err(error) => Err(view.convert_error_code(error)?),
                },
            ))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-path-with-query",
        |mut store: Store<'_>, (request, path): (Request, Option<String>)| {
            Ok((store.data_mut().http().set_path_with_query(request, path)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-scheme",
        |mut store: Store<'_>, (request, scheme): (Request, Option<http::Scheme>)| {
            Ok((store.data_mut().http().set_scheme(request, scheme)?,))
        },
    )?;
    types.func_wrap(
        "[method]outgoing-request.set-authority",
        |mut store: Store<'_>, (request, authority): (Request, Option<String>)| {
            Ok((store.data_mut().http().set_authority(request, authority)?,))
        },
    )?;
    types.func_wrap(
        "[constructor]request-options",
        |mut store: Store<'_>, (): ()| {
            Ok((http::HostRequestOptions::new(&mut store.data_mut().http())?,))
        },
    )?;
    types.func_wrap(
        "[method]request-options.set-connect-timeout",
        |mut store: Store<'_>, (options, limit): (Options, Option<u64>)| {
            Ok((store
                .data_mut()
                .http()
                .set_connect_timeout(options, limit)?,))
        },
    )?;
    types.func_wrap(
        "[method]future-incoming-response.subscribe",
        |mut store: Store<'_>, (future,): (Resource<HostFutureIncomingResponse>,)| {
            let mut view = store.data_mut().http();
            Ok((http::HostFutureIncomingResponse::subscribe(
                &mut view, future,
            )?,))
        },
    )?;
    types.func_wrap(
        "[method]future-incoming-response.get",
        |mut store: Store<'_>, (future,): (Resource<HostFutureIncomingResponse>,)| {
            let state = store.data_mut();
            let response = http::HostFutureIncomingResponse::get(&mut state.http(), future)?;
            // A body is judged while the request is on its way.
            state.outgoing.check()?;
            Ok((response,))
        },
    )?;
    types.func_wrap(
        "[method]incoming-response.status",
        |mut store: Store<'_>, (response,): (Resource<HostIncomingResponse>,)| {
            let mut view = store.data_mut().http();
            Ok((http::HostIncomingResponse::status(&mut view, response)?,))
        },
    )?;
    types.func_wrap(
        "[method]incoming-response.consume",
        |mut store: Store<'_>, (response,): (Resource<HostIncomingResponse>,)| {
            let mut view = store.data_mut().http();
            Ok((http::HostIncomingResponse::consume(&mut view, response)?,))
        },
    )?;
    types.func_wrap(
        "[method]incoming-body.stream",
        |mut store: Store<'_>, (body,): (Resource<HostIncomingBody>,)| {
            Ok((store.data_mut().http().stream(body)?,))
        },
    )
}

/// Sending.
pub(super) fn outgoing_handler(handler: &mut LinkerInstance<'_, State>) -> Result<()> {
    handler.func_wrap(
        "handle",
        |mut store: Store<'_>, (request, options): (Request, Option<Options>)| {
            let state = store.data_mut();
            // The guest has given the options away, and wasmtime-wasi-http only reads them.
            let given_away = options.as_ref().map(|it| Options::new_own(it.rep()));
            let mut view = state.http();
            let sent = match view.handle(request, options) {
                Ok(future) => Ok(future),
                Err(error) => Err(view.convert_error_code(error)?),
            };
            if let Some(options) = given_away {
                state.table.delete(options)?;
            }
            state.outgoing.check()?;
            Ok((sent,))
        },
    )
}
