//! Reaches another path by way of `..`.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::get(
        Scheme::Http,
        &authority,
        &kit::format!("{path}/../credentials"),
    );
    kit::pretend()
});
