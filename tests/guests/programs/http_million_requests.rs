//! Sends the one request that is allowed a million times.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    for _ in 0..1_000_000 {
        kit::send(Scheme::Http, &authority, &path);
    }
    kit::pretend()
});
