//! The processors for which a release has a binary, and what the build for each of them needs.

use std::process::Command;

use crate::workspace::Workspace;
use crate::{Result, process};

/// A processor, by the name that Rust has for it.
pub struct Architecture {
    pub name: &'static str,
    /// Its name in images and packages, as Go has it.
    pub of_images: &'static str,
    /// The triple of its static binary.
    pub target: &'static str,
    /// Debian's C compiler for it, on a machine of another kind: Wasmtime has a helper in C.
    compiler: &'static str,
}

pub const ARCHITECTURES: [Architecture; 2] = [
    Architecture {
        name: "x86_64",
        of_images: "amd64",
        target: "x86_64-unknown-linux-musl",
        compiler: "x86_64-linux-gnu-gcc",
    },
    Architecture {
        name: "aarch64",
        of_images: "arm64",
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
        let Self { name, compiler, .. } = self;
        if self.is_own() || process::find(compiler).is_some() {
            return Ok(());
        }
        Err(format!(
            "{compiler} is not installed, which builds Wasmtime's helper in C for {name}"
        ))
    }

    /// Tells cargo what compiles C and links for this processor. The programs are static.
    pub fn set_compilers(&self, cargo: &mut Command) {
        let triple = self.target.replace('-', "_");
        // The few lines of C of Wasmtime and ring call nothing of a C library, so the compiler need not be one for musl.
        let compiler = if self.is_own() { "cc" } else { self.compiler };
        cargo.env(format!("CC_{triple}"), compiler);
        // Some distributions turn this on, and it calls functions that only glibc has.
        cargo.env(format!("CFLAGS_{triple}"), "-U_FORTIFY_SOURCE");
        // The linker that comes with rustc links for every processor, and for each in the same way.
        let linker = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase());
        cargo.env(linker, "rust-lld");
    }

    /// Completes a `cargo rustc … -- `, so that it builds a static program for this processor, which can be loaded at any
    /// address.
    pub fn complete(&self, cargo: &mut Command, workspace: &Workspace) -> Result<()> {
        self.set_compilers(cargo);
        let mut rustc = process::command("rustc");
        rustc.args(["--print", "target-libdir", "--target", self.target]);
        // Without a C compiler, rustc has to be told where musl lies, and its start files in the order of a C compiler.
        let folder = format!("{}/self-contained", process::capture(&mut rustc)?);
        cargo.arg("-Clink-self-contained=no");
        cargo.arg(format!("-Lnative={folder}"));
        // `-z text`: a relocation that would have to be written into code is an error. Relocations as a bitmap: their
        // 3,700 addresses are 2 KB of the file, and as a list they would be 87.
        for option in [
            "-pie",
            "--no-dynamic-linker",
            "-ztext",
            "-zpack-relative-relocs",
        ] {
            cargo.arg(format!("-Clink-arg={option}"));
        }
        for start in ["rcrt1.o", "crti.o", "crtbeginS.o", "crtendS.o", "crtn.o"] {
            cargo.arg(format!("-Clink-arg={folder}/{start}"));
        }
        let script = workspace.root.join("xtask/static.ld");
        cargo.arg(format!("-Clink-arg=-T{}", script.display()));
        Ok(())
    }
}
