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

/// A profile's name, if it has one, and what it asks for.
type NamedGrants = (Option<String>, Grants);

/// The profiles in their order: at least one.
#[derive(Default)]
pub(super) struct Profiles(Vec<Named>);

impl Profiles {
    /// The name of each, and what this environment and its roles ask for. An error names the profile.
    pub(super) fn grants(self) -> Result<Vec<NamedGrants>, Box<dyn Error>> {
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
            .help("Serve this role at /v1/credentials/NAME. The first one is served at /v1/credentials, too. Its options follow it, and further --role-arn make a chain. Options before the first --profile hold for each profile that does not say otherwise")
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
            let options = of_profile(&of_each, arn, after);
            let roles = RoleOptions::parse(options)?;
            profiles.push((Some(name.to_owned()), roles));
        }
        Ok(Self(profiles))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The options of the profile of this role: roles before the first profile begin its chain, and options before those belong
/// to its own role, unless the profile gives them itself.
fn of_profile(of_each: &[String], arn: &str, own: Vec<String>) -> Vec<String> {
    let is_role = |option: &String| option.starts_with("--role-arn=");
    let roles = of_each.iter().position(is_role).unwrap_or(of_each.len());
    let (shared, chain) = of_each.split_at(roles);
    let role = format!("--role-arn={arn}");
    let is_given = |shared: &&String| {
        let mut own = own.iter().take_while(|option| !is_role(option));
        own.any(|own| subject(own) == subject(shared))
    };
    let shared = shared.iter().filter(|shared| !is_given(shared));
    let mut options: Vec<String> = chain.iter().chain([&role]).chain(shared).cloned().collect();
    options.extend(own);
    options
}

/// What only one option can say: its name, for a tag also the key. Options that can be repeated all count.
fn subject(option: &str) -> &str {
    let (name, value) = option.split_once('=').unwrap_or((option, ""));
    match name {
        "--policy-arn" | "--transitive-tag" => option,
        "--tag" => option
            .strip_suffix(value.split_once('=').map_or("", |(_, it)| it))
            .unwrap_or(option),
        _ => name,
    }
}

/// Whether this can stand in a path as it is.
fn is_name(name: &str) -> bool {
    let is_sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    !name.is_empty() && name.chars().all(is_sound) && !name.starts_with('.')
}
