//! Gets a redirect from the endpoint, and follows it by itself.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    let redirect = kit::get(Scheme::Http, &authority, &path);
    if redirect.is_some_and(|response| response.status() == 302) {
        kit::get(Scheme::Http, &kit::target(), &path);
    }
    kit::pretend()
});
