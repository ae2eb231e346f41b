//! Adds a query to the endpoint's path, to carry something out.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::get(
        Scheme::Http,
        &authority,
        &kit::format!("{path}?{}", kit::target()),
    );
    kit::pretend()
});
