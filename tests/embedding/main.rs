//! docs/embedding.md, run block by block, and the bytes under other names of WASI.
//!
//! The set-up is that of `cargo xtask test real`, which is why the target is behind the feature `set-up`: a plain
//! `cargo test` could not do it.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, too, say what they expect by panicking"
)]

mod document;
mod names;
mod place;
mod run;

/// A test for each block that docs/embedding.md has run.
macro_rules! blocks {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                crate::run::block(stringify!($name));
            }
        )+

        #[test]
        fn each_block_of_the_document_is_one_of_these() {
            crate::run::blocks_are(&[$(stringify!($name)),+]);
        }
    };
}

mod embedding {
    blocks!(
        the_bytes,
        epicac,
        wasmtime_run,
        jco_run,
        jco_transpile,
        python,
        kept_in_javascript,
        kept_in_python,
        wac_plug,
        unplugged,
        wasmtime_serve,
        wasm_cloud,
        transform_alone,
        nothing_granted,
        wasmtime_without_http,
        node_without_http,
    );
}
