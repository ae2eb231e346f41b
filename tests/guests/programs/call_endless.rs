//! Keeps the host busy with calls that cost the guest nothing and the host a lot.
#![no_std]

#[link(wasm_import_module = "wasi:http/types@0.2.0")]
unsafe extern "C" {
    #[link_name = "[static]fields.from-list"]
    fn from_list(entries: *const [usize; 4], length: usize, result: *mut [u32; 2]);
}

kit::guest!(|| {
    let entry = |name: &'static str| [name.as_ptr().addr(), name.len(), name.as_ptr().addr(), 1];
    // The first one is refused, so that no resource is made; all of them are copied before.
    let mut entries = kit::vec![entry("x"); 10_000];
    entries[0] = entry("host");
    for _ in 0..100_000_000 {
        let mut result = [0; 2];
        // SAFETY: the entries are what the canonical ABI calls a list of pairs of lists; there is room
        // for the result.
        unsafe { from_list(entries.as_ptr(), entries.len(), &mut result) };
    }
    kit::pretend()
});
