//! Adds a user's name to the endpoint's host, to carry something out.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Http, &kit::format!("secret@{authority}"), &path);
    kit::pretend()
});
