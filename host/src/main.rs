//! The program `epicac`: an AWS SDK's `credential_process`, and for people a few questions about it.
//!
//! Without arguments it prints credentials, and does nothing else before it does that. With arguments it
//! is a command line like any other ([`cli`]).

#[cfg(any(test, target_env = "musl"))]
mod allocator;
mod cli;

use epicac::timeline::mark;
use epicac::{Error, Grants, Limits, Sandbox, Wall};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd as _;
use std::process::ExitCode;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: allocator::Arena = allocator::Arena::new();

fn main() -> ExitCode {
    mark("start");
    if std::env::args_os().len() > 1 {
        return cli::run();
    }
    let outcome = Grants::from_process()
        .and_then(|grants| credential_process(&grants, Limits::BUILT_IN, |_| Ok(())));
    #[cfg(feature = "timeline")]
    epicac::timeline::report();
    exit(outcome)
}

fn exit(outcome: Result<(), impl Display>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn complain(error: &impl Display) {
    // When stderr is gone too there is nobody left to tell.
    let _ = writeln!(io::stderr(), "epicac: {error}");
}

/// Prints credentials, with these grants and within these limits, if `admit` is content with the wall.
fn credential_process(
    grants: &Grants,
    limits: Limits,
    admit: impl FnOnce(Wall) -> Result<(), Error>,
) -> Result<(), Error> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Error::Sandbox(error.to_string()))?;
    // The process ends next, and the kernel takes it all back at once.
    let executor = ManuallyDrop::new(executor);
    mark("executor");
    let sandbox = Sandbox::new()?;
    grants.prepare(limits.deadline)?;
    let sandbox = sandbox.with_limits(limits);
    // From here on the process can do no more than the run needs.
    admit(Wall::raise(grants))?;
    mark("wall");
    let document = executor.block_on(sandbox.run(grants))?;
    let printed = print(&document).map_err(Error::Stdout);
    mark("output");
    printed
}

/// Writes to the descriptor itself: `io::stdout` takes one that is not open for writing for a success.
fn print(document: &[u8]) -> io::Result<()> {
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    stdout.write_all(document)
}
