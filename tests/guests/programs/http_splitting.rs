//! Puts line breaks and a `Host` into a request, to make two requests of it or to name another host.
//! Gives credentials only if one of them was taken.
#![no_std]

use kit::wasi::http::outgoing_handler::handle;
use kit::wasi::http::types::{Fields, OutgoingRequest, Scheme};

kit::guest!(|| {
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
});
