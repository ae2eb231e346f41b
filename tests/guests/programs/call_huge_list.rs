//! Hands the host a list of half a million entries, each of which is the same.
#![no_std]

#[link(wasm_import_module = "wasi:http/types@0.2.0")]
unsafe extern "C" {
    #[link_name = "[static]fields.from-list"]
    fn from_list(entries: *const [usize; 4], length: usize, result: *mut [u32; 2]);
}

kit::guest!(|| {
    let text = kit::vec![b'x'; 1 << 16];
    let entry = [
        text.as_ptr().addr(),
        text.len(),
        text.as_ptr().addr(),
        text.len(),
    ];
    let entries = kit::vec![entry; 500_000];
    let mut result = [0; 2];
    // SAFETY: the entries are what the canonical ABI calls a list of pairs of lists; there is room for
    // the result.
    unsafe { from_list(entries.as_ptr(), entries.len(), &mut result) };
    kit::pretend()
});
