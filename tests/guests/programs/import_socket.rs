//! Opens a TCP socket of its own.
#![no_std]

use kit::wasi::sockets::network::IpAddressFamily;
use kit::wasi::sockets::tcp_create_socket::create_tcp_socket;

kit::guest!(|| {
    let _ = create_tcp_socket(IpAddressFamily::Ipv4);
    kit::pretend()
});
