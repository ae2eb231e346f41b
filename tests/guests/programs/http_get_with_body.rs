//! Sends a body with the GET to the endpoint, to carry something out.
#![no_std]

use kit::wasi::http::types::Method;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::send_body(&Method::Get, &authority, &path, b"what it has seen");
    kit::pretend()
});
