//! Asks the endpoint for another path.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, _) = kit::endpoint();
    kit::get(Scheme::Http, &authority, "/latest/meta-data/");
    kit::pretend()
});
