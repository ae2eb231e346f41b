//! Asks the endpoint over https.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Https, &authority, &path);
    kit::pretend()
});
