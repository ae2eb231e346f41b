//! Asks another host for the endpoint's path.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (_, path) = kit::endpoint();
    kit::get(Scheme::Http, &kit::target(), &path);
    kit::pretend()
});
