//! Opens as many endless bodies as it may, reads each for a while, and keeps them all.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    let mut held = kit::Vec::new();
    for _ in 0..8 {
        let response = kit::get(Scheme::Http, &authority, &path).ok_or(())?;
        let body = response.consume()?;
        let stream = body.stream()?;
        for _ in 0..100 {
            let _ = stream.read(u64::MAX);
        }
        held.push((stream, body, response));
    }
    kit::sleep_until(u64::MAX);
    kit::pretend()
});
