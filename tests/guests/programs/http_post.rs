//! Sends a POST.
#![no_std]

use kit::wasi::http::outgoing_handler::handle;
use kit::wasi::http::types::{Fields, Method, OutgoingRequest, Scheme};

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    if let Ok(fields) = Fields::from_list(&[]) {
        let request = OutgoingRequest::new(fields);
        let _ = request.set_method(&Method::Post);
        let _ = request.set_scheme(Some(&Scheme::Http));
        let _ = request.set_authority(Some(&authority));
        let _ = request.set_path_with_query(Some(&path));
        let _ = handle(request, None);
    }
    kit::pretend()
});
