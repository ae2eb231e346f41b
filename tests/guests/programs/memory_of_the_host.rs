//! Has the host keep as many headers as it may, again and again, of another size each time.
#![no_std]

use kit::wasi::http::types::Fields;

/// What all values of one header may hold together.
const HEADER: usize = 64 << 10;

kit::guest!(|| {
    for values in 1..64_usize {
        let header: kit::Vec<(kit::String, kit::Vec<u8>)> = (0..values)
            .map(|number| (kit::format!("x-{number}"), kit::vec![b'x'; HEADER / values]))
            .collect();
        let held: kit::Vec<_> = (0..100).map(|_| Fields::from_list(&header)).collect();
        drop(held);
    }
    kit::pretend()
});
