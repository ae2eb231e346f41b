//! `epicac policy` prints what epicac may do in this environment, and `epicac policy serve` what the server may do.
//! `epicac policy check FILE` tells whether this environment is within the policy of a file.

use super::roles::RoleOptions;
use super::run::complain;
use super::serve::Served;
use clap::Subcommand;
use epicac::policy::{MAX_BYTES, Policy, explain};
use epicac::{Admitted, Grants, Wall};
use epicac_component::Error as CoreError;
use epicac_component::endpoint::EndpointError;
use std::error::Error;
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
    /// Print what `epicac serve` may do with the same options, as a policy
    Serve {
        /// Print it as a table for people, with the reason of each line
        #[arg(long)]
        explain: bool,

        #[command(flatten)]
        served: Served,
    },
}

/// The output of the verb.
pub(super) fn run(arguments: Arguments) -> Result<String, Box<dyn Error>> {
    match arguments.verb {
        Some(Verb::Check { file, roles }) => check(&file, roles.grants()?),
        Some(Verb::Serve {
            explain: explained,
            served,
        }) => {
            let (rule, profiles) = served.needed()?;
            let policy = Policy::effective_to_serve(&profiles, rule)?;
            let wall = || {
                let admitted: Vec<Admitted> = profiles.into_iter().map(Into::into).collect();
                Wall::raise_to_serve(&admitted.iter().collect::<Vec<_>>())
            };
            print(&policy, explained, &Grants::from_process()?, wall)
        }
        None => {
            let grants = arguments.roles.grants()?;
            let policy = Policy::effective(&grants)?;
            let wall = || Wall::raise(&grants.clone().into());
            print(&policy, arguments.explain, &grants, wall)
        }
    }
}

fn print(
    policy: &Policy,
    explained: bool,
    grants: &Grants,
    wall: impl FnOnce() -> Wall,
) -> Result<String, Box<dyn Error>> {
    if explained {
        // Only an attempt shows what the kernel allows.
        return Ok(explain(policy, grants, &wall()));
    }
    let json = policy.to_json() + "\n";
    if json.len() > MAX_BYTES {
        return Err(Policy::too_large().into());
    }
    Ok(json)
}

fn check(file: &Path, grants: Grants) -> Result<String, Box<dyn Error>> {
    let policy = Policy::read(file)?;
    let valid = match grants.endpoint() {
        Ok(_) => "valid, and this environment is within it\n",
        Err(EndpointError::Unset) => "valid; this environment names no endpoint to ask\n",
        // Nothing is sent to such an endpoint, so that a policy has nothing to refuse; but no run can succeed.
        Err(error) => return Err(epicac::Error::from(CoreError::from(error.clone())).into()),
    };
    let needed = Policy::effective(&grants)?;
    let mut beyond = policy.beyond(&needed, &Wall::raise(&grants.into()));
    let Some(last) = beyond.pop() else {
        return Ok(valid.to_owned());
    };
    // A check reports everything.
    for error in beyond {
        complain(&error.in_file(file));
    }
    Err(last.in_file(file).into())
}
