//! Asks the endpoint with a scheme of its own making.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Other("gopher".into()), &authority, &path);
    kit::pretend()
});
