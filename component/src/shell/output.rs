//! Standard output and standard error.

use super::bindings::wasi::cli::{stderr::get_stderr, stdout::get_stdout};
use super::bindings::wasi::io::streams::{OutputStream, StreamError};
use crate::limits::WRITE_BYTES;
use crate::process::OutputFailed;

/// Writes to standard output.
pub fn print(text: &str) -> Result<(), OutputFailed> {
    write(&get_stdout(), text).map_err(|_| OutputFailed)
}

/// Writes to standard error. A failure is ignored: nothing is left to report it to.
pub fn complain(text: &str) {
    let _ = write(&get_stderr(), text);
}

fn write(stream: &OutputStream, text: &str) -> Result<(), StreamError> {
    text.as_bytes()
        .chunks(WRITE_BYTES)
        .try_for_each(|piece| stream.blocking_write_and_flush(piece))
}
