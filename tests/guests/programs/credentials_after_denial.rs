//! Sends a request that is denied, and then gives credentials.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, _) = kit::endpoint();
    let denied = kit::get(Scheme::Http, &authority, "/denied");
    if denied.is_some() {
        kit::nothing()
    } else {
        kit::pretend()
    }
});
