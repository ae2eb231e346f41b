//! The processors that a release has a binary for, and what it takes to build it for each.

use std::path::Path;
use std::process::Command;

use crate::{Result, process};

/// A processor, by the name that Rust has for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Architecture {
    pub name: &'static str,
    /// The triple of its static binary.
    pub target: &'static str,
    /// Debian's C compiler for it, on a machine of another kind: Wasmtime has a helper in C.
    compiler: &'static str,
}

pub const ARCHITECTURES: [Architecture; 2] = [
    Architecture {
        name: "x86_64",
        target: "x86_64-unknown-linux-musl",
        compiler: "x86_64-linux-gnu-gcc",
    },
    Architecture {
        name: "aarch64",
        target: "aarch64-unknown-linux-musl",
        compiler: "aarch64-linux-gnu-gcc",
    },
];

impl Architecture {
    /// That of this machine.
    pub fn own() -> Result<&'static Self> {
        ARCHITECTURES
            .iter()
            .find(|architecture| architecture.is_own())
            .ok_or_else(|| format!("there is no release for {}", std::env::consts::ARCH))
    }

    pub fn is_own(&self) -> bool {
        self.name == std::env::consts::ARCH
    }

    /// Fails when this machine lacks something to build for it, and says what.
    pub fn require(&self) -> Result<()> {
        if self.is_own() || process::find(self.compiler).is_some() {
            return Ok(());
        }
        Err(format!(
            "{} is not installed, which builds Wasmtime's helper in C for {}",
            self.compiler, self.name
        ))
    }

    /// Completes a `cargo rustc … -- `, so that it builds the static binary for this processor.
    pub fn complete(&self, cargo: &mut Command) -> Result<()> {
        let triple = self.target.replace('-', "_");
        if !self.is_own() {
            cargo.env(format!("CC_{triple}"), self.compiler);
        }
        // The linker that comes with rustc links for every processor, and for each in the same way.
        let linker = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase());
        cargo.env(linker, "rust-lld");
        let libdir = process::capture(process::command("rustc").args([
            "--print",
            "target-libdir",
            "--target",
            self.target,
        ]))?;
        cargo.args(static_pie(&Path::new(&libdir).join("self-contained")));
        Ok(())
    }
}

/// What rustc has to be told to link a static program that can be loaded at any address, with this linker and
/// without a C compiler: the start files of musl for it, in the order in which a C compiler names them. They
/// lie in `folder`, with musl.
fn static_pie(folder: &Path) -> Vec<String> {
    let folder = folder.display();
    let mut words = vec![
        "-Clink-self-contained=no".to_owned(),
        format!("-Lnative={folder}"),
    ];
    // `-z text`: a relocation that would have to be written into code is an error. Relocations as a bitmap: their
    // 3,700 addresses are 2 KB of the file, and as a list they would be 87.
    for option in [
        "-pie",
        "--no-dynamic-linker",
        "-ztext",
        "-zpack-relative-relocs",
    ] {
        words.push(format!("-Clink-arg={option}"));
    }
    for start in ["rcrt1.o", "crti.o", "crtbeginS.o", "crtendS.o", "crtn.o"] {
        words.push(format!("-Clink-arg={folder}/{start}"));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_one_of_a_release() {
        assert!(Architecture::own().unwrap().require().is_ok());
    }

    #[test]
    fn the_static_binary_is_linked_with_the_start_file_that_relocates() {
        let words = static_pie(Path::new("/musl"));
        assert!(words.contains(&"-Clink-arg=-pie".to_owned()));
        assert!(words.contains(&"-Clink-arg=/musl/rcrt1.o".to_owned()));
    }
}
