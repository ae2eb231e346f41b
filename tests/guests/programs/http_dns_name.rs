//! Asks a name that resolves to the endpoint's address.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    kit::get(Scheme::Http, &kit::format!("localhost:{port}"), &path);
    kit::pretend()
});
