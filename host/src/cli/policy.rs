//! `epicac policy`: what epicac may do in this environment; `epicac policy check FILE`: whether that is
//! within the policy of a file.

use super::report;
use super::roles::RoleOptions;
use clap::Subcommand;
use epicac::policy::{MAX_BYTES, Policy, PolicyFlaw, explain};
use epicac::{Cause, Endpoint, Error, Grants, Wall};
use epicac_component::Environment;
use std::path::{Path, PathBuf};

/// What follows `epicac policy`.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    /// Print it as a table for people, with the reason of each line
    #[arg(long)]
    explain: bool,

    #[command(flatten)]
    roles: RoleOptions,

    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Subcommand)]
enum Verb {
    /// Tell whether FILE is a policy, and whether this environment is within it; run nothing
    Check {
        /// The policy
        file: PathBuf,

        #[command(flatten)]
        roles: RoleOptions,
    },
}

/// Prints what was asked for.
pub(super) fn run(arguments: Arguments) -> Result<(), Error> {
    match arguments.verb {
        Some(Verb::Check { file, roles }) => check(&file, roles.grants()?),
        None => print(arguments.explain, arguments.roles.grants()?),
    }
}

fn print(explained: bool, grants: Grants) -> Result<(), Error> {
    let mut policy = Policy::effective(&grants)?;
    // Nobody knows what the kernel allows before it was asked for it.
    policy.wall = Wall::raise(&grants).into();
    if explained {
        return report(&explain(&policy, &grants));
    }
    let json = policy.to_json() + "\n";
    if json.len() > MAX_BYTES {
        return Err(Error::InvalidPolicy {
            path: "this environment".into(),
            flaw: PolicyFlaw::TooLarge,
        });
    }
    report(&json)
}

fn check(file: &Path, grants: Grants) -> Result<(), Error> {
    let policy = Policy::read(file)?;
    check_endpoint(&grants)?;
    let mut needed = Policy::effective(&grants)?;
    needed.wall = Wall::raise(&grants).into();
    let mut beyond: Vec<_> = policy
        .excesses(&needed)
        .into_iter()
        .map(|excess| Error::BeyondPolicy {
            path: file.to_owned(),
            excess,
        })
        .collect();
    let Some(last) = beyond.pop() else {
        return report("valid, and this environment is within it\n");
    };
    // Whoever checks wants to hear all of it.
    for excess in &beyond {
        crate::complain(excess);
    }
    Err(last)
}

/// An endpoint that is invalid is not granted, and takes nothing that a policy could refuse; but nothing can run.
fn check_endpoint(grants: &Grants) -> Result<(), Error> {
    let environment = Environment::from_variables(grants.variables().iter().cloned());
    match Endpoint::from_environment(&environment) {
        Err(error) if error.cause() == Cause::InvalidEndpoint => {
            Err(Error::Credentials(error.into()))
        }
        _ => Ok(()),
    }
}
