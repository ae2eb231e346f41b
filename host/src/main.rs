//! The program `epicac`: an AWS SDK's `credential_process`, and for people a few questions about it.
//!
//! Without arguments it prints credentials, and does nothing else before it does that. With arguments it
//! is a command line like any other ([`cli`]).

#[cfg(any(test, target_env = "musl"))]
mod allocator;
mod cli;
#[cfg(target_os = "linux")]
mod closed;
#[cfg(target_os = "linux")]
mod start;

use epicac::timeline::mark;
use epicac::{Admitted, Error, Grants, Sandbox, Wall};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, Write as _};
use std::mem::ManuallyDrop;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: allocator::Arena = allocator::Arena::new();

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    start::give_up();
    mark("start");
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    if arguments.len() > 0 || cli::is_shell(&name) {
        return cli::run(&name, arguments.collect());
    }
    run()
}

/// What the program does without arguments.
fn run() -> ExitCode {
    let outcome = Grants::from_process()
        .and_then(|grants| credential_process(grants.into(), |_| Ok::<(), Error>(())));
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

/// Prints credentials, with what is admitted, if `check` is content with the wall.
fn credential_process<E: From<Error>>(
    admitted: Admitted,
    check: impl FnOnce(Wall) -> Result<(), E>,
) -> Result<(), E> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Error::Sandbox(error.to_string()))?;
    // The process ends next, and the kernel takes it all back at once.
    let executor = ManuallyDrop::new(executor);
    mark("executor");
    let sandbox = Sandbox::new()?;
    admitted.prepare()?;
    // From here on the process can do no more than the run needs.
    check(Wall::raise(&admitted))?;
    mark("wall");
    let document = executor.block_on(sandbox.run(admitted))?;
    print(&document).map_err(Error::Stdout)?;
    mark("output");
    Ok(())
}

/// Writes to the descriptor itself: `io::stdout` takes one that is not open for writing for a success.
fn print(document: &[u8]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if closed::stdout_was_closed() {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let started = Instant::now();
    let mut rest = document;
    while !rest.is_empty() {
        match stdout.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A pipe whose reader has made it one that does not block.
            Err(error)
                if error.kind() == io::ErrorKind::WouldBlock && started.elapsed() < PATIENCE =>
            {
                thread::sleep(Duration::from_millis(1));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// How long a full pipe that does not block is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
