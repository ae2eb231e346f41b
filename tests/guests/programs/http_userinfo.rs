//! Hides another host behind the endpoint's, as `endpoint@other`.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::get(
        Scheme::Http,
        &kit::format!("{authority}@{}", kit::target()),
        &path,
    );
    kit::pretend()
});
