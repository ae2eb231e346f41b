//! Reads a body that has no end.
#![no_std]

use kit::wasi::http::types::Scheme;
use kit::wasi::io::poll::poll;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    let response = kit::get(Scheme::Http, &authority, &path).ok_or(())?;
    let body = response.consume()?;
    let stream = body.stream()?;
    while stream.read(u64::MAX).is_ok() {
        poll(&[&stream.subscribe()]);
    }
    kit::pretend()
});
