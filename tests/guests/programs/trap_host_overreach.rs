//! Hands the host a list that ends beyond its memory.
#![no_std]

#[link(wasm_import_module = "wasi:http/types@0.2.0")]
unsafe extern "C" {
    #[link_name = "[static]fields.from-list"]
    fn from_list(entries: usize, length: usize, result: *mut [u32; 2]);
}

kit::guest!(|| {
    let mut result = [0; 2];
    // SAFETY: there is none, which is the point.
    unsafe { from_list(0xffff_fff0, 1000, &mut result) };
    kit::pretend()
});
