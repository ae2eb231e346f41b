//! The folder that a block is run in, and the programs that it finds.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use epicac_tests::{paths, require};
use tempfile::TempDir;

use crate::document::{Directive, blocks, root};

pub struct Place {
    folder: TempDir,
    path: Vec<PathBuf>,
}

impl Place {
    /// A folder with `epicac.wasm`, `wit/`, the files of the document and what `cargo xtask setup` made.
    /// `None` means that the test is skipped.
    pub fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let at = |name: &str| folder.path().join(name);
        let epicac = paths::epicac()?;
        let node_modules = paths::existing("EPICAC_SDKS", "sdks", "cargo xtask setup sdks")?
            .join("javascript/node_modules");
        let guest = paths::existing("EPICAC_GUEST", "guest", "cargo xtask setup guest")?;
        let examples = guest.join("wasm32-wasip2/debug/examples");
        let python = paths::in_venv("python")?;
        let tools = tools(&["wac", "wasm-tools"])?;
        let wasmtime = paths::wasmtime()?;
        require("node")?;
        require("curl")?;
        fs::copy(paths::wasm()?, at("epicac.wasm")).expect("the component can be copied");
        for example in ["list_buckets.wasm", "serve_buckets.wasm"] {
            fs::copy(examples.join(example), at(example)).expect("the example can be copied");
        }
        fs::copy(root().join("tests/embedding/names.py"), at("names.py"))
            .expect("names.py is there");
        let absolute = |path: &Path| path.canonicalize().expect("it is there");
        symlink(absolute(&root().join("wit")), at("wit")).expect("a link can be made");
        symlink(absolute(&node_modules), at("node_modules")).expect("a link can be made");
        for block in blocks() {
            if let Directive::File(name) = block.directive {
                fs::write(at(&name), block.text).expect("a file can be written");
            }
        }
        let folder_of = |program: &Path| program.parent().map(Path::to_owned);
        let mut path: Vec<PathBuf> = [&epicac, &python, &wasmtime]
            .into_iter()
            .filter_map(|program| folder_of(program))
            .collect();
        path.extend([tools, node_modules.join(".bin"), guest.join("debug")]);
        path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
        Some(Self { folder, path })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `PATH`.
    pub fn path(&self) -> std::ffi::OsString {
        let here = env::current_dir().expect("there is a current folder");
        let absolute = self.path.iter().map(|folder| here.join(folder));
        env::join_paths(absolute).expect("no folder has a colon in its name")
    }
}

/// The folder of tools that are built from crates.
fn tools(names: &[&str]) -> Option<PathBuf> {
    let folder = paths::existing("EPICAC_TOOLS", "tools", "cargo xtask setup wac")?.join("bin");
    for name in names {
        if !folder.join(name).is_file() {
            require::skipped(&format!(
                "{name} is not there: `cargo xtask setup wac` builds it"
            ));
            return None;
        }
    }
    Some(folder)
}
