//! The command line, as clap reads it.

use super::roles::RoleOptions;
use super::{config, doctor, install, policy, serve};
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// The version, and which component is inside.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncomponent sha256:",
    env!("EPICAC_COMPONENT_SHA256")
);

/// AWS container credentials for every SDK, by a sandboxed credential_process.
///
/// Without arguments, epicac asks the container credentials endpoint (EKS Pod Identity, ECS) for
/// credentials and prints them as the AWS SDKs expect of a credential_process: one JSON object on stdout,
/// or one line on stderr and exit status 1. It is configured by the variables that EKS and ECS set:
/// AWS_CONTAINER_CREDENTIALS_FULL_URI or AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, and
/// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN.
///
/// With --role-arn, it assumes that role with these credentials, and prints the role's. Options of a role
/// follow it; with several roles, each one is assumed with the credentials of the one before it.
#[derive(Parser)]
#[command(name = "epicac", bin_name = "epicac", version = VERSION)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    /// Print credentials within the policy in FILE: a run that needs more is refused
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,

    #[command(flatten)]
    pub(super) roles: RoleOptions,

    #[command(subcommand)]
    pub(super) verb: Option<Verb>,
}

impl Arguments {
    /// The policy and the roles that these words run epicac with, if it gives credentials then.
    pub(super) fn of_credentials(words: &[String]) -> doctor::Parsed {
        let arguments = Self::try_parse_from(words)?;
        match arguments.verb {
            None => Ok((arguments.policy, arguments.roles)),
            Some(_) => Err(None),
        }
    }
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Print what epicac may do in this environment, as a policy
    Policy(policy::Arguments),
    /// Print an aws-config with the profiles that lead to epicac, or check an existing one
    ///
    /// Without --profile there is one profile, src_role, for the pod's own role.
    Config(config::Arguments),
    /// Tell what stands between this container and its credentials, and what to do
    ///
    /// A line is a check: the verdict, its name, what was found, and in parentheses what to do. The exit
    /// status is 0 only if no check failed. No secret is shown. What the profile's command would send is sent: the
    /// GET to the endpoint, and with --role-arn an AssumeRole for each role.
    Doctor(doctor::Arguments),
    /// Put this program into a folder, and with --config an aws-config beside it
    ///
    /// For an init container whose image holds only epicac. A file takes its place in one step; what is
    /// there already is not written again, and where that fails, what was there stays.
    Install(install::Arguments),
    /// Serve credentials to the programs of this pod that only ask the container credentials endpoint
    ///
    /// They find it by AWS_CONTAINER_CREDENTIALS_FULL_URI, which is told on stdout, and the token by
    /// AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE. Without a role, the pod's own credentials are served.
    Serve(serve::Arguments),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_contradict_nothing() {
        Arguments::command().debug_assert();
    }
}
