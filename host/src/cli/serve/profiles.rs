//! `--profile NAME=ROLE_ARN`, and the options of roles around it.

use crate::cli::roles::RoleOptions;
use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use epicac::Grants;
use std::error::Error;

const PROFILE: &str = "profile";

/// A profile's name, if it has one, and its roles.
type Named = (Option<String>, RoleOptions);

/// The profiles in their order: at least one.
pub(super) struct Profiles(Vec<Named>);

impl Profiles {
    /// The name of each, and what this environment and its roles ask for. An error names the profile.
    pub(super) fn grants(self) -> Result<Vec<(Option<String>, Grants)>, Box<dyn Error>> {
        let named = self.0.into_iter();
        let each = named.map(|(name, roles)| match (roles.grants(), &name) {
            (Ok(grants), _) => Ok((name, grants)),
            (Err(error), Some(name)) => Err(format!("profile {name}: {error}").into()),
            (Err(error), None) => Err(error.into()),
        });
        each.collect()
    }
}

impl Args for Profiles {
    fn augment_args(command: Command) -> Command {
        let profile = Arg::new(PROFILE)
            .long(PROFILE)
            .value_name("NAME=ROLE_ARN")
            .help("Serve this role at /v1/credentials/NAME. The first one is served at /v1/credentials, too. Its options follow it, and further --role-arn make a chain. Options before the first --profile hold for each profile")
            .action(ArgAction::Append)
            .value_parser(NonEmptyStringValueParser::new());
        RoleOptions::augment_args(command.arg(profile))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Profiles {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut of_each = Vec::new();
        let mut named: Vec<(String, Vec<String>)> = Vec::new();
        for option in RoleOptions::written(matches, Some(PROFILE)) {
            match (option.strip_prefix("--profile="), named.last_mut()) {
                (Some(profile), _) => named.push((profile.to_owned(), Vec::new())),
                (None, Some((_, options))) => options.push(option),
                (None, None) => of_each.push(option),
            }
        }
        if named.is_empty() {
            return Ok(Self(vec![(None, RoleOptions::parse(of_each)?)]));
        }
        let mut profiles: Vec<Named> = Vec::new();
        for (profile, after) in named {
            let (name, arn) = profile.split_once('=').unwrap_or_default();
            if !is_name(name) || profiles.iter().any(|(it, _)| it.as_deref() == Some(name)) {
                return Err(clap::Error::raw(
                    ErrorKind::ValueValidation,
                    "--profile takes NAME=ROLE_ARN, where no other profile has this NAME, of letters, digits and `_-.`",
                ));
            }
            let role = format!("--role-arn={arn}");
            let options = of_each.iter().cloned().chain([role]).chain(after);
            let roles = RoleOptions::parse(options.collect())?;
            profiles.push((Some(name.to_owned()), roles));
        }
        Ok(Self(profiles))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Whether this can stand in a path as it is.
fn is_name(name: &str) -> bool {
    let is_sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !name.is_empty() && name.chars().all(is_sound) && !name.starts_with('.')
}
