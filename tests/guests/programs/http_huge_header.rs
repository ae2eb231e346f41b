//! Sends a header of a megabyte, a little at a time as far as one call is concerned.
#![no_std]

use kit::wasi::http::types::Fields;

kit::guest!(|| {
    let fields: kit::Vec<(kit::String, kit::Vec<u8>)> = (0..100)
        .map(|number| (kit::format!("x-{number}"), kit::vec![b'x'; 1000]))
        .collect();
    let _ = Fields::from_list(&fields);
    kit::pretend()
});
