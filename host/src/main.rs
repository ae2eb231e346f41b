//! The program `epicac`: an AWS SDK's `credential_process`, and for people a few questions about it.
//!
//! Without arguments it prints credentials, and does nothing else before it does that. With arguments it
//! is a command line like any other ([`cli`]).

mod cli;

use epicac::{Error, Grants, Sandbox};
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::AsFd as _;
use std::process::ExitCode;

/// One request to the kernel for many allocations, where musl makes one for each page: sixty fewer in a
/// cold start.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    if std::env::args_os().len() > 1 {
        return cli::run();
    }
    match credential_process() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // When stderr is gone too there is nobody left to tell.
            let _ = writeln!(io::stderr(), "epicac: {error}");
            ExitCode::FAILURE
        }
    }
}

fn credential_process() -> Result<(), Error> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Error::Sandbox(error.to_string()))?;
    let document = executor.block_on(async {
        let grants = Grants::from_process()?;
        Sandbox::new()?.run(&grants).await
    })?;
    print(&document).map_err(Error::Stdout)
}

/// Writes to the descriptor itself: `io::stdout` takes one that is not open for writing for a success.
fn print(document: &[u8]) -> io::Result<()> {
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    stdout.write_all(document)
}
