//! The cells of the tables in docs/matrix.md: each is written down by the test that has seen it, and the
//! test target `tables` makes the tables of them when all others are done.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The cells of one run; `cargo xtask test real` removes them before the next.
fn folder() -> PathBuf {
    match env::var_os("EPICAC_MATRIX") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/matrix"),
    }
}

/// Writes a cell down.
///
/// # Errors
///
/// When its file cannot be written.
pub fn record(table: &str, row: &str, column: &str, cell: &str) -> io::Result<()> {
    let folder = folder().join(table).join(row);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(column), cell)
}

/// A cell of this run; `None` when its test did not pass, or did not run.
pub fn cell(table: &str, row: &str, column: &str) -> Option<String> {
    fs::read_to_string(folder().join(table).join(row).join(column)).ok()
}
