//! Spells the endpoint's address as one decimal number.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    let (authority, path) = kit::endpoint();
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    kit::get(Scheme::Http, &kit::format!("2130706433:{port}"), &path);
    kit::pretend()
});
