//! The program `epicac`: a `credential_process` for AWS SDKs, with a few verbs for people.
//!
//! Without arguments it only prints credentials. With arguments it is an ordinary command
//! line ([`cli`]).

#[cfg(any(test, target_env = "musl"))]
mod allocator;
mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run::tell_panics();
    #[cfg(target_os = "linux")]
    cli::start::give_up();
    cli::run(std::env::args_os())
}
