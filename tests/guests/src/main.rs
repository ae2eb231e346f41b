//! Runs one of the guests as the program `epicac` runs its component: with the grants of its environment,
//! the same line on stderr and the same exit status. Only the deadline is another.
//!
//! `epicac-guest NAME DEADLINE REPORT` with the deadline in milliseconds. A name that is none of a component is that of an
//! attack, and the test tells it to the component of the attacks, too. The most memory that the process
//! ever had, in KiB, is written into the file REPORT at its end. It allocates as the static `epicac` does.

#![allow(
    unsafe_code,
    reason = "compiled components are loaded, and Wasmtime cannot tell what they are"
)]

#[allow(
    dead_code,
    reason = "a server closes its arena, and no guest runs in one"
)]
#[path = "../../../host/src/allocator.rs"]
mod allocator;

use epicac::{Admitted, Error, Grants, Limits, Roles, Sandbox};
use epicac_component::process;
use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

/// The compiled components by their names.
const GUESTS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/guests.rs"));

/// The component with most of the attacks, which chooses one by the environment.
const ATTACKS: &str = "attacks";

#[global_allocator]
static ALLOCATOR: allocator::Arena = allocator::Arena::new();

/// The role that may be assumed where there is an STS.
const ROLE: [&str; 3] = [
    "--role-arn=arn:aws:iam::111111111111:role/reader",
    "--session-name=guest",
    "--external-id=an-id",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, deadline, report] = arguments.as_slice() else {
        eprintln!("usage: epicac-guest NAME DEADLINE REPORT");
        return ExitCode::from(2);
    };
    let find = |name: &str| GUESTS.iter().find(|(guest, _)| *guest == name);
    let guest = find(name).or_else(|| find(ATTACKS));
    let (Some((_, compiled)), Ok(deadline)) = (guest, deadline.parse()) else {
        eprintln!("the deadline is no number of milliseconds");
        return ExitCode::from(2);
    };
    let outcome = run(compiled, Duration::from_millis(deadline));
    let told = fs::write(report, peak_memory());
    match (outcome, told) {
        (Ok(document), Ok(())) => {
            println!("{document}");
            ExitCode::SUCCESS
        }
        (Err(error), Ok(())) => {
            eprintln!("epicac: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::from(2),
    }
}

fn run(compiled: &[u8], deadline: Duration) -> Result<String, Error> {
    let executor = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Error::Sandbox(error.to_string()))?;
    executor.block_on(async {
        // SAFETY: the build script got the bytes from `Engine::precompile_component`, under the
        // configuration that it shares with the host.
        let sandbox = unsafe { Sandbox::from_compiled(compiled)? };
        let limits = Limits {
            deadline,
            ..Limits::BUILT_IN
        };
        let mut grants = Grants::from_process()?;
        if env::var_os("AWS_ENDPOINT_URL_STS").is_some() {
            grants = grants.with_roles(Roles::from_process(ROLE)?);
        }
        let provider = sandbox.provider(Admitted::from(grants).with_limits(limits));
        let credentials = provider.get_credentials().await?;
        let document = process::output(&credentials).map_err(epicac_component::Error::from)?;
        Ok(document)
    })
}

/// The line `VmHWM` of this process, in KiB.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap_or_default().to_owned()
}
