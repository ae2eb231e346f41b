//! Keeps the imports of the programs to what they call, as ../../../component/build.rs does.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg=--wasi-adapter=none");
}
