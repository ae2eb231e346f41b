//! Requests that the policy does not allow.

use crate::attacks;
use kit::Outcome;
use kit::wasi::http::outgoing_handler::handle;
use kit::wasi::http::types::{Fields, Method, OutgoingRequest, Scheme};
use kit::wasi::io::poll::poll;

attacks![
    http_address_spelling,
    http_dns_name,
    http_endless_body,
    http_get_with_body,
    http_held_bodies,
    http_https,
    http_https_endpoint,
    http_huge_header,
    http_million_requests,
    http_no_endpoint,
    http_other_host,
    http_other_path,
    http_other_port,
    http_other_query,
    http_other_scheme,
    http_path_dots,
    http_post,
    http_redirect,
    http_slow_body,
    http_splitting,
    http_userinfo,
    http_userinfo_own,
];

/// Spells the endpoint's address as one decimal number.
fn http_address_spelling() -> Outcome {
    let (authority, path) = kit::endpoint();
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    kit::get(Scheme::Http, &kit::format!("2130706433:{port}"), &path);
    kit::pretend()
}

/// Asks a name that resolves to the endpoint's address.
fn http_dns_name() -> Outcome {
    let (authority, path) = kit::endpoint();
    let port = authority.rsplit_once(':').map_or("80", |(_, port)| port);
    kit::get(Scheme::Http, &kit::format!("localhost:{port}"), &path);
    kit::pretend()
}

/// Reads a body that has no end.
fn http_endless_body() -> Outcome {
    let (authority, path) = kit::endpoint();
    let response = kit::get(Scheme::Http, &authority, &path).ok_or(())?;
    let body = response.consume()?;
    let stream = body.stream()?;
    while stream.read(u64::MAX).is_ok() {
        poll(&[&stream.subscribe()]);
    }
    kit::pretend()
}

/// Sends a body with the GET to the endpoint, to carry something out.
fn http_get_with_body() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::send_body(&Method::Get, &authority, &path, b"what it has seen");
    kit::pretend()
}

/// Opens as many endless bodies as it may, reads each for a while, and keeps them all.
fn http_held_bodies() -> Outcome {
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
}

/// Asks the endpoint over https.
fn http_https() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Https, &authority, &path);
    kit::pretend()
}

/// Asks the https endpoint that the environment names.
fn http_https_endpoint() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Https, &authority, &path);
    kit::pretend()
}

/// Sends a header of a megabyte, in pieces that are small enough for one call.
fn http_huge_header() -> Outcome {
    let fields: kit::Vec<(kit::String, kit::Vec<u8>)> = (0..100)
        .map(|number| (kit::format!("x-{number}"), kit::vec![b'x'; 1000]))
        .collect();
    let _ = Fields::from_list(&fields);
    kit::pretend()
}

/// Sends the one request that is allowed a million times.
fn http_million_requests() -> Outcome {
    let (authority, path) = kit::endpoint();
    for _ in 0..1_000_000 {
        kit::send(Scheme::Http, &authority, &path);
    }
    kit::pretend()
}

/// Asks some host although the environment names no endpoint.
fn http_no_endpoint() -> Outcome {
    kit::get(Scheme::Http, &kit::target(), "/");
    kit::pretend()
}

/// Asks another host for the endpoint's path.
fn http_other_host() -> Outcome {
    let (_, path) = kit::endpoint();
    kit::get(Scheme::Http, &kit::target(), &path);
    kit::pretend()
}

/// Asks the endpoint for another path.
fn http_other_path() -> Outcome {
    let (authority, _) = kit::endpoint();
    kit::get(Scheme::Http, &authority, "/latest/meta-data/");
    kit::pretend()
}

/// Asks another port of the endpoint's host.
fn http_other_port() -> Outcome {
    let (_, path) = kit::endpoint();
    kit::get(Scheme::Http, &kit::target(), &path);
    kit::pretend()
}

/// Adds a query to the endpoint's path, to carry something out.
fn http_other_query() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(
        Scheme::Http,
        &authority,
        &kit::format!("{path}?{}", kit::target()),
    );
    kit::pretend()
}

/// Asks the endpoint with a scheme of its own making.
fn http_other_scheme() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Other("gopher".into()), &authority, &path);
    kit::pretend()
}

/// Reaches another path by way of `..`.
fn http_path_dots() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(
        Scheme::Http,
        &authority,
        &kit::format!("{path}/../credentials"),
    );
    kit::pretend()
}

/// Sends a POST.
fn http_post() -> Outcome {
    let (authority, path) = kit::endpoint();
    if let Ok(fields) = Fields::from_list(&[]) {
        let request = OutgoingRequest::new(fields);
        let _ = request.set_method(&Method::Post);
        let _ = request.set_scheme(Some(&Scheme::Http));
        let _ = request.set_authority(Some(&authority));
        let _ = request.set_path_with_query(Some(&path));
        let _ = handle(request, None);
    }
    kit::pretend()
}

/// Gets a redirect from the endpoint, and follows it by itself.
fn http_redirect() -> Outcome {
    let (authority, path) = kit::endpoint();
    let redirect = kit::get(Scheme::Http, &authority, &path);
    if redirect.is_some_and(|response| response.status() == 302) {
        kit::get(Scheme::Http, &kit::target(), &path);
    }
    kit::pretend()
}

/// Waits for as long as the endpoint goes on to send one byte after the other.
fn http_slow_body() -> Outcome {
    let (authority, path) = kit::endpoint();
    let response = kit::get(Scheme::Http, &authority, &path).ok_or(())?;
    let body = response.consume()?;
    let stream = body.stream()?;
    while stream.read(1 << 20).is_ok() {
        poll(&[&stream.subscribe()]);
    }
    kit::pretend()
}

/// Puts line breaks and a `Host` into a request, to make two requests of it or to name another host.
/// Gives credentials only if one of them was taken.
fn http_splitting() -> Outcome {
    let (authority, path) = kit::endpoint();
    let two = kit::format!("{path} HTTP/1.1\r\nHost: evil.example\r\n\r\nGET {path}");
    let fields: [&[(kit::String, kit::Vec<u8>)]; 4] = [
        &[("host".into(), b"evil.example".to_vec())],
        &[("x".into(), b"y\r\nhost: evil.example".to_vec())],
        &[("x: y\r\nhost".into(), b"evil.example".to_vec())],
        &[("transfer-encoding".into(), b"chunked".to_vec())],
    ];
    let mut taken = kit::send(Scheme::Http, &authority, &two).is_some();
    for fields in fields {
        if let Ok(fields) = Fields::from_list(fields) {
            let request = OutgoingRequest::new(fields);
            let _ = request.set_scheme(Some(&Scheme::Http));
            let _ = request.set_authority(Some(&authority));
            let _ = request.set_path_with_query(Some(&path));
            taken |= handle(request, None).is_ok();
        }
    }
    if taken {
        kit::pretend()
    } else {
        kit::nothing()
    }
}

/// Hides another host behind the endpoint's, as `endpoint@other`.
fn http_userinfo() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(
        Scheme::Http,
        &kit::format!("{authority}@{}", kit::target()),
        &path,
    );
    kit::pretend()
}

/// Adds a user's name to the endpoint's host, to carry something out.
fn http_userinfo_own() -> Outcome {
    let (authority, path) = kit::endpoint();
    kit::get(Scheme::Http, &kit::format!("secret@{authority}"), &path);
    kit::pretend()
}
