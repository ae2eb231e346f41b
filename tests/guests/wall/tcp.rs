//! TCP: the endpoint's port, and no other.

use crate::{Place, has};
use std::ffi::OsStr;
use std::net::SocketAddr;

fn attempt(place: &Place, wall: &str, name: &str, address: SocketAddr) -> String {
    let address = address.to_string();
    let attempt: [&OsStr; 2] = [name.as_ref(), address.as_ref()];
    place.attempt(wall, &attempt)
}

#[test]
fn the_endpoint_is_connected_to() {
    let place = Place::new();
    let address = place.agent.address();
    assert_eq!(attempt(&place, "on", "connect", address), "ok");
}

#[test]
fn no_other_port_is_connected_to() {
    if !has("tcp") {
        return;
    }
    let (place, other) = (Place::new(), Place::new());
    let address = other.agent.address();
    assert_eq!(attempt(&place, "on", "connect", address), "EACCES");
    assert_eq!(other.agent.connections(), 0);
    assert_eq!(attempt(&place, "off", "connect", address), "ok");
}

/// Landlock does not see a connection that is made by sending; the filter of system calls does.
#[test]
fn nor_by_sending() {
    if !has("system_calls") {
        return;
    }
    let (place, other) = (Place::new(), Place::new());
    let address = other.agent.address();
    assert_eq!(attempt(&place, "on", "fast-open", address), "EPERM");
    assert_eq!(other.agent.connections(), 0);
}

#[test]
fn there_are_no_sockets_but_those_of_tcp() {
    if !has("system_calls") {
        return;
    }
    let place = Place::new();
    for (kind, said) in [
        ("tcp", "ok"),
        ("tcp6", "ok"),
        ("udp", "EPERM"),
        ("unix", "EPERM"),
        ("raw", "EPERM"),
        ("netlink", "EPERM"),
    ] {
        assert_eq!(place.attempt("on", &[kind.as_ref()]), said, "{kind}");
    }
}
