//! Asks another port of the endpoint's host.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (_, path) = kit::endpoint();
    kit::get(Scheme::Http, &kit::target(), &path);
    kit::pretend()
});
