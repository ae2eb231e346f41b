//! Asks some host although the environment names no endpoint.
#![no_std]

use kit::wasi::http::types::Scheme;

kit::guest!(|| {
    kit::get(Scheme::Http, &kit::target(), "/");
    kit::pretend()
});
