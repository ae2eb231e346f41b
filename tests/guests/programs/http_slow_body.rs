//! Waits for as long as the endpoint goes on to send one byte after the other.
#![no_std]

use kit::wasi::http::types::Scheme;
use kit::wasi::io::poll::poll;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    let response = kit::get(Scheme::Http, &authority, &path).ok_or(())?;
    let body = response.consume()?;
    let stream = body.stream()?;
    while stream.read(1 << 20).is_ok() {
        poll(&[&stream.subscribe()]);
    }
    kit::pretend()
});
