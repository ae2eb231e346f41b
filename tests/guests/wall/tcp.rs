//! TCP: the endpoint's port, and no other.

use crate::{Place, has, said};
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

#[test]
fn with_roles_the_port_of_sts_is_connected_to() {
    if !has("tcp") {
        return;
    }
    let (place, sts, other) = (Place::new(), Place::new(), Place::new());
    let roles = "--role-arn=arn:aws:iam::111111111111:role/reader";
    let attempt = |roles: &str, to: &Place| {
        let mut command = place.command("on", "folder/token");
        command.args(["connect", &to.agent.address().to_string()]);
        command.env(
            "AWS_ENDPOINT_URL_STS",
            format!("http://{}", sts.agent.address()),
        );
        if !roles.is_empty() {
            command.env("ROLES", roles);
        }
        said(&mut command)
    };
    assert_eq!(attempt(roles, &sts), "ok");
    assert_eq!(attempt(roles, &place), "ok");
    assert_eq!(attempt(roles, &other), "EACCES");
    assert_eq!(attempt("", &sts), "EACCES");
}

#[test]
fn the_port_of_an_https_endpoint_is_connected_to_only_beyond_the_built_in_policy() {
    if !has("tcp") {
        return;
    }
    let (place, other) = (Place::new(), Place::new());
    let attempt = |wall, to: &Place| {
        let mut command = place.command(wall, "folder/token");
        command.args(["connect", &to.agent.address().to_string()]);
        let uri = place.agent.url().replace("http:", "https:");
        said(command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri))
    };
    assert_eq!(attempt("on", &place), "EACCES");
    assert_eq!(attempt("beyond", &place), "ok");
    assert_eq!(attempt("beyond", &other), "EACCES");
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
        // Streams, too, that Landlock's rules about TCP do not see.
        ("mptcp", "EPERM"),
        ("mptcp6", "EPERM"),
        ("sctp", "EPERM"),
        ("smc", "EPERM"),
        ("smc6", "EPERM"),
    ] {
        assert_eq!(place.attempt("on", &[kind.as_ref()]), said, "{kind}");
    }
}

/// The one call more that a server has.
#[test]
fn a_server_accepts_connections_where_it_listens_and_has_nobody_else_listen() {
    if !has("system_calls") {
        return;
    }
    let place = Place::new();
    for (attempt, off, on, serving) in [
        ("accept", "ok", "EPERM", "ok"),
        ("bind", "ok", "EPERM", "EPERM"),
        ("listen", "ok", "EPERM", "EPERM"),
    ] {
        let said = ["off", "on", "serving"].map(|wall| place.attempt(wall, &[attempt.as_ref()]));
        assert_eq!(said, [off, on, serving], "{attempt}");
    }
    let text = place.attempt("serving", &["system-calls".as_ref()]);
    let left = text
        .lines()
        .filter(|line| !line.contains("Operation not permitted"));
    let left: Vec<_> = left.filter_map(|line| line.split(':').next()).collect();
    assert_eq!(left, ["SYS_accept4"]);
}

#[test]
fn a_server_connects_to_no_other_port() {
    if !has("tcp") {
        return;
    }
    let (place, other) = (Place::new(), Place::new());
    let [own, others] = [&place, &other].map(|it| it.agent.address());
    assert_eq!(attempt(&place, "serving", "connect", own), "ok");
    assert_eq!(attempt(&place, "serving", "connect", others), "EACCES");
}
