//! The options of roles, for clap's help and checks. The component gives them their meaning
//! (`epicac_component::sts::arguments`).

use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use epicac::{Error, Grants, Roles};
use epicac_component::Arguments as Parsed;
use epicac_component::sts::error::ConfigurationError;
use std::collections::BTreeMap;

/// Each option with the name of its value, and what it says.
#[rustfmt::skip]
const OPTIONS: [(&str, &str, &str); 11] = [
    ("role-arn", "ARN", "Assume this role, and print its credentials; repeat it for a chain of roles"),
    ("session-name", "NAME", "Name the session of the role before it [default: $AWS_ROLE_SESSION_NAME, or epicac- and the host's name]"),
    ("external-id", "ID", "Say the external id that the role's trust policy asks for"),
    ("duration", "SECONDS", "Ask for a session of 900 to 43200 seconds; in a chain, of at most 3600"),
    ("source-identity", "NAME", "Say who is behind the session; all further sessions keep it"),
    ("tag", "KEY=VALUE", "Tag the session; repeat it for more"),
    ("transitive-tag", "KEY", "Have further sessions keep the tag of this key; repeat it for more"),
    ("session-policy", "FILE|JSON", "Limit the session by this IAM policy"),
    ("policy-arn", "ARN", "Limit the session by this managed policy; repeat it for more"),
    ("region", "REGION", "Ask AWS STS in this region [default: $AWS_REGION, $AWS_DEFAULT_REGION]"),
    ("sts-endpoint", "URL", "Ask AWS STS at this URL [default: $AWS_ENDPOINT_URL_STS, $AWS_ENDPOINT_URL, or the region's own]"),
];

/// The options as they were written, in their order, each with its value in one.
#[derive(Default)]
pub(super) struct RoleOptions(Vec<String>);

impl RoleOptions {
    /// The options, if the component understands them.
    pub(super) fn parse(options: Vec<String>) -> Result<Self, clap::Error> {
        // As clap says such things: with the usage.
        let wrong = |error| {
            let error = epicac_component::Error::from(ConfigurationError::from(error));
            clap::Error::raw(ErrorKind::ArgumentConflict, error)
        };
        Parsed::parse(options.iter().cloned()).map_err(wrong)?;
        Ok(Self(options))
    }

    /// The options that were written, and those of the name `other`, in their order and each with its value in one.
    pub(super) fn written(matches: &ArgMatches, other: Option<&str>) -> Vec<String> {
        let mut written = BTreeMap::new();
        for name in OPTIONS.map(|(name, ..)| name).into_iter().chain(other) {
            let values = matches.get_many::<String>(name).unwrap_or_default();
            let indices = matches.indices_of(name).unwrap_or_default();
            written.extend(indices.zip(values.map(|value| format!("--{name}={value}"))));
        }
        written.into_values().collect()
    }

    /// The grants of this environment, and of the roles if there are any.
    pub(super) fn grants(self) -> Result<Grants, Error> {
        let grants = Grants::from_process()?;
        if self.0.is_empty() {
            return Ok(grants);
        }
        Ok(grants.with_roles(Roles::from_process(self.0)?))
    }
}

impl Args for RoleOptions {
    fn augment_args(command: Command) -> Command {
        let options = OPTIONS.map(|(name, value, help)| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .help(help)
                .help_heading("Roles")
                .action(ArgAction::Append)
                .value_parser(NonEmptyStringValueParser::new())
        });
        command.args(options)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for RoleOptions {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::parse(Self::written(matches, None))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
