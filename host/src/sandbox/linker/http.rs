//! The functions of wasi:http: wasmtime-wasi-http's, with this crate's check of each request
//! ([`outgoing`](crate::sandbox::outgoing)).

use super::store::{Store, functions, outcome, resource};
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

    functions! { types, view = state => state.http();
        "[static]fields.from-list"(entries: Vec<(String, Vec<u8>)>) =>
            outcome(view.from_list(entries), |error| view.convert_header_error(error))?;
        "[method]fields.get"(fields: Resource<FieldMap>, name: String) => view.get(fields, name)?;
        "[constructor]outgoing-request"(headers: Resource<FieldMap>) =>
            http::HostOutgoingRequest::new(&mut view, headers)?;
        "[method]outgoing-request.set-method"(request: Request, method: http::Method) =>
            view.set_method(request, method)?;
        "[method]outgoing-request.set-path-with-query"(request: Request, path: Option<String>) =>
            view.set_path_with_query(request, path)?;
        "[method]outgoing-request.set-scheme"(request: Request, scheme: Option<http::Scheme>) =>
            view.set_scheme(request, scheme)?;
        "[method]outgoing-request.set-authority"(request: Request, authority: Option<String>) =>
            view.set_authority(request, authority)?;
        "[method]outgoing-request.body"(request: Request) =>
            http::HostOutgoingRequest::body(&mut view, request)?;
        "[method]outgoing-body.write"(body: Resource<HostOutgoingBody>) =>
            http::HostOutgoingBody::write(&mut view, body)?;
        "[static]outgoing-body.finish"(
            body: Resource<HostOutgoingBody>,
            trailers: Option<Resource<FieldMap>>
        ) => {
            let finished = http::HostOutgoingBody::finish(&mut view, body, trailers);
            outcome(finished, |error| view.convert_error_code(error))?
        };
        "[constructor]request-options"() => http::HostRequestOptions::new(&mut view)?;
        "[method]request-options.set-connect-timeout"(options: Options, limit: Option<u64>) =>
            view.set_connect_timeout(options, limit)?;
        "[method]future-incoming-response.subscribe"(future: Resource<HostFutureIncomingResponse>) =>
            http::HostFutureIncomingResponse::subscribe(&mut view, future)?;
        "[method]incoming-response.status"(response: Resource<HostIncomingResponse>) =>
            http::HostIncomingResponse::status(&mut view, response)?;
        "[method]incoming-response.headers"(response: Resource<HostIncomingResponse>) =>
            http::HostIncomingResponse::headers(&mut view, response)?;
        "[method]incoming-response.consume"(response: Resource<HostIncomingResponse>) =>
            http::HostIncomingResponse::consume(&mut view, response)?;
        "[method]incoming-body.stream"(body: Resource<HostIncomingBody>) => view.stream(body)?;
    }
    functions! { types, state = state => state;
        "[method]future-incoming-response.get"(future: Resource<HostFutureIncomingResponse>) => {
            let response = http::HostFutureIncomingResponse::get(&mut state.http(), future)?;
            // A body is judged while the request is on its way.
            state.outgoing.check()?;
            response
        };
    }
    Ok(())
}

/// Sending.
pub(super) fn outgoing_handler(handler: &mut LinkerInstance<'_, State>) -> Result<()> {
    functions! { handler, state = state => state;
        "handle"(request: Request, options: Option<Options>) => {
            // The guest has given the options away, and wasmtime-wasi-http only reads them.
            let given_away = options.as_ref().map(|options| Options::new_own(options.rep()));
            let mut view = state.http();
            let sent = view.handle(request, options);
            let sent = outcome(sent, |error| view.convert_error_code(error))?;
            if let Some(options) = given_away {
                state.table.delete(options)?;
            }
            state.outgoing.check()?;
            sent
        };
    }
    Ok(())
}
