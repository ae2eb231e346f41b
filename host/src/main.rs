//! The program `epicac`: an AWS SDK's `credential_process`, and for people a few questions about it.
//!
//! Without arguments it prints credentials, and does nothing else before it does that. With arguments it
//! is a command line like any other ([`cli`]).

mod cli;

use std::process::ExitCode;

#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: cli::allocator::Arena = cli::allocator::Arena::new();

fn main() -> ExitCode {
    #[cfg(target_os = "linux")]
    cli::start::give_up();
    cli::run(std::env::args_os())
}
