//! Standard output and standard error.

use super::bindings::wasi::cli::{stderr::get_stderr, stdout::get_stdout};
use super::bindings::wasi::io::streams::{OutputStream, StreamError};
use crate::Error;
use crate::limits::WRITE_BYTES;

/// Writes to standard output. Fails with [`Error::OutputFailed`].
pub fn print(text: &str) -> Result<(), Error> {
    write(&get_stdout(), text).map_err(|_| Error::OutputFailed)
}

/// Writes to standard error. That this fails, nobody could be told.
pub fn complain(text: &str) {
    let _ = write(&get_stderr(), text);
}

fn write(stream: &OutputStream, text: &str) -> Result<(), StreamError> {
    text.as_bytes()
        .chunks(WRITE_BYTES)
        .try_for_each(|piece| stream.blocking_write_and_flush(piece))
}
