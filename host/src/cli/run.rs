//! The credential process, with and without a policy, and the end of the program.

use super::error::VerbError;
use super::roles::RoleOptions;
use epicac::policy::{Policy, PolicyError};
use epicac::{Admitted, Credentials, Error, Provider, Sandbox, Wall};
use epicac_component::{Message, process};
use rustix::io::Errno;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::mem::ManuallyDrop;
use std::panic;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::runtime::Runtime;

/// Prints credentials, if neither this build nor this environment goes beyond the policy in `file`.
pub(super) fn within(file: &Path, roles: RoleOptions) -> Result<(), Box<dyn std::error::Error>> {
    let in_file = |error: PolicyError| error.in_file(file);
    let policy = Policy::read(file)?;
    // From here on, every grant is within the policy.
    let admitted = policy.admit(roles.grants()?).map_err(in_file)?;
    let run = Run::prepare(admitted)?;
    policy.check_wall(run.wall()).map_err(in_file)?;
    let credentials = match run.credentials() {
        Err(Error::Limit(limit)) => {
            let stopped = policy.stopped(limit).map(in_file);
            return Err(stopped.map_or_else(|| Error::Limit(limit).into(), Into::into));
        }
        answer => answer?,
    };
    Ok(print_credentials(&credentials)?)
}

/// Prints credentials under the built-in policy.
pub(super) fn built_in(roles: RoleOptions) -> Result<(), Error> {
    let run = Run::prepare(roles.grants()?.into())?;
    print_credentials(&run.credentials()?)
}

fn print_credentials(credentials: &Credentials) -> Result<(), Error> {
    let document = process::output(credentials);
    let document = document.map_err(epicac_component::Error::from)?;
    print((document + "\n").as_bytes()).map_err(|error| Error::Stdout(error.into()))
}

/// A run that stands behind the wall, and has asked nobody yet.
///
/// Executor and provider are never dropped: the process ends soon, and the kernel frees everything at once.
pub(super) struct Run {
    executor: ManuallyDrop<Runtime>,
    provider: ManuallyDrop<Provider>,
    wall: Wall,
}

impl Run {
    /// Does what needs files, names or threads, and then puts up the wall. From then on the process can do only what the
    /// run needs.
    pub(super) fn prepare(admitted: Admitted) -> Result<Self, Error> {
        let executor = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| Error::Sandbox(error.to_string()))?;
        let executor = ManuallyDrop::new(executor);
        let sandbox = Sandbox::new()?;
        admitted.prepare()?;
        let wall = Wall::raise(&admitted);
        let provider = ManuallyDrop::new(sandbox.provider(admitted));
        Ok(Self {
            executor,
            provider,
            wall,
        })
    }

    /// The wall that stands.
    pub(super) fn wall(&self) -> &Wall {
        &self.wall
    }

    /// Asks for the credentials.
    pub(super) fn credentials(&self) -> Result<Credentials, Error> {
        self.executor.block_on(self.provider.get_credentials())
    }
}

/// The exit status. A failure is printed first.
pub(super) fn exit(outcome: Result<(), impl Display>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Tells a failure on standard error.
pub(super) fn complain(error: &dyn Display) {
    // In one write: a pipe that never waits takes the whole line, or nothing of it.
    let line = format!("epicac: {error}\n");
    // When stderr is gone too there is nobody left to tell.
    let _ = io::stderr().write_all(line.as_bytes());
}

/// From here on, a panic ends the program like any other failure. Its message can hold anything, and is not shown.
pub(crate) fn tell_panics() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        complain(&Message::from(VerbError::Panic(place.unwrap_or_default())));
        std::process::exit(1)
    }));
}

/// Writes the output of a verb to stdout.
pub(super) fn report(text: &str) -> Result<(), Error> {
    print(text.as_bytes()).map_err(|error| Error::Report(error.into()))
}

/// How long a write waits for a full, non-blocking pipe.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes to the descriptor itself: `io::stdout` reports success even if it is not open for writing.
fn print(bytes: &[u8]) -> io::Result<()> {
    let stdout = io::stdout();
    let started = Instant::now();
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&stdout, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // The reader has made the pipe non-blocking.
            Err(Errno::AGAIN) if started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}
