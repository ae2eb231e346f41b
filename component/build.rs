//! Keeps the imports of `epicac.wasm` to what `wit/` lists, and its code small.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_TARGET_ARCH").is_some_and(|arch| arch == "wasm32") {
        // The linker has an adapter from WASI 0.1 at hand, for programs that need one. Unused as it is
        // here, its mere presence raises the imports to the WASI version that it was made for.
        println!("cargo::rustc-link-arg=--wasi-adapter=none");
        // The default is a megabyte. A sixteenth of this is enough in practice, and the data, which lies
        // above the stack, has shorter addresses. An overflow would trap.
        println!("cargo::rustc-link-arg=-zstack-size=131072");
        // Without this, each address and index in the code is padded for a linker that never comes.
        println!("cargo::rustc-link-arg=--compress-relocations");
    }
}
