//! The command line: which roles are assumed, one with the credentials of the other.
//!
//! | option | belongs to |
//! |---|---|
//! | `--role-arn ARN` | begins a role; repeated, the next hop |
//! | `--session-name NAME`, `--external-id ID`, `--duration SECONDS`, `--source-identity NAME` | the role before it, once |
//! | `--tag KEY=VALUE`, `--transitive-tag KEY`, `--policy-arn ARN` | the role before it, any number of times |
//! | `--session-policy FILE\|JSON` | the role before it, once |
//! | `--region REGION`, `--sts-endpoint URL` | all roles, once, anywhere |
//!
//! `--x=VALUE` and `--x VALUE` are the same. Here only the form is checked; whether STS can do what is asked
//! is for [`Role`](crate::Role) to tell.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::Error;
use crate::number::{decimal, parse_decimal};
use crate::role::{RoleRequest, Tag};

/// Begins a role.
const ROLE_ARN: &str = "--role-arn";

/// All options.
const OPTIONS: [&str; 11] = [
    ROLE_ARN,
    "--session-name",
    "--external-id",
    "--duration",
    "--source-identity",
    "--tag",
    "--transitive-tag",
    "--session-policy",
    "--policy-arn",
    "--region",
    "--sts-endpoint",
];

/// What the command line asks for. Without arguments: no role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The roles, in the order in which they are assumed.
    pub roles: Vec<RoleRequest>,
    /// `--region`
    pub region: Option<String>,
    /// `--sts-endpoint`
    pub sts_endpoint: Option<String>,
}

impl Arguments {
    /// Parses the arguments, without the program's name before them.
    ///
    /// Fails with a flaw, which as an error is [`Error::InvalidArguments`].
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, ArgumentFlaw> {
        let mut parsed = Self::default();
        let mut arguments = arguments.into_iter();
        let mut position = 0;
        while let Some(argument) = arguments.next() {
            position += 1;
            let (name, attached) = split_at_equals(&argument);
            let option = OPTIONS
                .into_iter()
                .find(|option| *option == name)
                .ok_or_else(|| ArgumentFlaw::unknown(name, position))?;
            let value = match attached {
                Some(value) => Some(value.to_owned()),
                None => {
                    position += 1;
                    // Of `--external-id --region x`, the value was forgotten.
                    arguments.next().filter(|value| !value.starts_with("--"))
                }
            };
            let value = value.filter(|value| !value.is_empty());
            parsed.take(option, value.ok_or(ArgumentFlaw::NoValue(option))?)?;
        }
        match (&parsed.region, &parsed.sts_endpoint) {
            _ if !parsed.roles.is_empty() => Ok(parsed),
            (Some(_), _) => Err(ArgumentFlaw::NoRole("--region")),
            (None, Some(_)) => Err(ArgumentFlaw::NoRole("--sts-endpoint")),
            (None, None) => Ok(parsed),
        }
    }

    /// Whether any of these arguments is a `--role-arn`. A program that epicac is only a part of has
    /// arguments of its own, and then none of them is for epicac.
    pub fn name_roles(arguments: &[String]) -> bool {
        arguments
            .iter()
            .any(|argument| split_at_equals(argument).0 == ROLE_ARN)
    }

    /// The arguments that are parsed as this, each option with its value in one.
    pub fn to_arguments(&self) -> Vec<String> {
        let mut arguments = Vec::new();
        let mut push = |option: &str, value: &Option<String>| {
            if let Some(value) = value {
                arguments.push([option, "=", value].concat());
            }
        };
        push("--region", &self.region);
        push("--sts-endpoint", &self.sts_endpoint);
        for role in &self.roles {
            push(ROLE_ARN, &Some(role.arn.clone()));
            push("--session-name", &role.session_name);
            push("--external-id", &role.external_id);
            push(
                "--duration",
                &role.duration.map(|seconds| decimal(seconds).to_string()),
            );
            push("--source-identity", &role.source_identity);
            for Tag { key, value } in &role.tags {
                push("--tag", &Some([key, "=", value].concat()));
            }
            for key in &role.transitive_tag_keys {
                push("--transitive-tag", &Some(key.clone()));
            }
            push("--session-policy", &role.session_policy);
            for arn in &role.policy_arns {
                push("--policy-arn", &Some(arn.clone()));
            }
        }
        arguments
    }

    fn take(&mut self, option: &'static str, value: String) -> Result<(), ArgumentFlaw> {
        let slot = match option {
            ROLE_ARN => {
                self.roles.push(RoleRequest::new(value));
                return Ok(());
            }
            "--region" => &mut self.region,
            "--sts-endpoint" => &mut self.sts_endpoint,
            _ => {
                let role = self.roles.last_mut();
                let role = role.ok_or(ArgumentFlaw::BeforeRole(option))?;
                match option {
                    "--session-name" => &mut role.session_name,
                    "--external-id" => &mut role.external_id,
                    "--source-identity" => &mut role.source_identity,
                    "--session-policy" => &mut role.session_policy,
                    "--duration" if role.duration.is_none() => {
                        let seconds = parse_decimal(value.as_bytes());
                        role.duration = Some(seconds.ok_or(ArgumentFlaw::Duration)?.into());
                        return Ok(());
                    }
                    "--tag" => {
                        let (key, value) = split_at_equals(&value);
                        role.tags.push(Tag {
                            key: key.to_owned(),
                            value: value.ok_or(ArgumentFlaw::Tag)?.to_owned(),
                        });
                        return Ok(());
                    }
                    "--transitive-tag" => {
                        role.transitive_tag_keys.push(value);
                        return Ok(());
                    }
                    "--policy-arn" => {
                        role.policy_arns.push(value);
                        return Ok(());
                    }
                    _ => return Err(ArgumentFlaw::Repeated(option)),
                }
            }
        };
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(ArgumentFlaw::Repeated(option)),
        }
    }
}

/// Splits a text at its first `=`.
fn split_at_equals(text: &str) -> (&str, Option<&str>) {
    let index = text.bytes().position(|byte| byte == b'=');
    match index.and_then(|index| text.split_at_checked(index)) {
        Some((name, value)) => (name, value.get(1..)),
        None => (text, None),
    }
}

/// Why a command line cannot be understood. Displays as the reason for people, and what to do. Never holds
/// a value: it could be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArgumentFlaw {
    /// There is no such option.
    UnknownOption(String),
    /// The argument at this position, from 1, is no option at all.
    NotAnOption(u32),
    /// The option has no value, or an empty one.
    NoValue(&'static str),
    /// The option comes before there is a role that it could belong to.
    BeforeRole(&'static str),
    /// The option comes twice where it can come once.
    Repeated(&'static str),
    /// The option has no meaning when no role is assumed.
    NoRole(&'static str),
    /// A duration that is not a whole number of seconds, or far too long.
    Duration,
    /// A tag without `=`.
    Tag,
}

impl ArgumentFlaw {
    fn unknown(name: &str, position: u32) -> Self {
        if name.starts_with("--") {
            Self::UnknownOption(name.to_owned())
        } else {
            Self::NotAnOption(position)
        }
    }
}

impl From<ArgumentFlaw> for Error {
    fn from(flaw: ArgumentFlaw) -> Self {
        Self::InvalidArguments(flaw.to_string())
    }
}
