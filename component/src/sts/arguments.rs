//! The command line: which roles are assumed, each with the credentials of the one before.
//!
//! | option | belongs to |
//! |---|---|
//! | `--role-arn ARN` | begins a role; repeated, the next hop |
//! | `--session-name NAME`, `--external-id ID`, `--duration SECONDS`, `--source-identity NAME` | the role before it, once |
//! | `--tag KEY=VALUE`, `--transitive-tag KEY`, `--policy-arn ARN` | the role before it, any number of times |
//! | `--session-policy FILE\|JSON` | the role before it, once |
//! | `--region REGION`, `--sts-endpoint URL` | all roles, once, anywhere |
//!
//! `--x=VALUE` and `--x VALUE` are the same. This module checks only the form.
//! [`Role`](crate::Role) checks whether STS can do what the options ask for.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use thiserror::Error;

use crate::printable::Subject;
use crate::sts::role::{RoleRequest, Tag};

/// Begins a role.
const ROLE_ARN: &str = "--role-arn";

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
    /// Fails when they cannot be understood.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, ArgumentError> {
        let mut parsed = Self::default();
        // Options before the first role belong to a role without an ARN.
        parsed.roles.push(RoleRequest::default());
        let mut arguments = arguments.into_iter();
        let mut position = 0;
        while let Some(argument) = arguments.next() {
            position += 1;
            let (name, attached) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (argument.as_str(), None),
            };
            let slot = parsed.slot(name, position)?;
            let value = match attached {
                Some(value) => Some(value.to_owned()),
                None => {
                    position += 1;
                    // In `--external-id --region x`, the value is missing.
                    arguments.next().filter(|value| !value.starts_with("--"))
                }
            };
            let value = value.filter(|value| !value.is_empty());
            slot.fill(
                name,
                value.ok_or_else(|| ArgumentError::NoValue(name.to_owned()))?,
            )?;
        }
        parsed.roles.remove(0);
        let needs_role = parsed.region.is_some() || parsed.sts_endpoint.is_some();
        if needs_role && parsed.roles.is_empty() {
            return Err(ArgumentError::NoRoleForRegion);
        }
        Ok(parsed)
    }

    /// Whether any of these arguments is a `--role-arn`. Without one, the arguments are those of a program that epicac is
    /// only a part of.
    pub fn name_roles(arguments: &[String]) -> bool {
        arguments
            .iter()
            .any(|argument| argument.split('=').next() == Some(ROLE_ARN))
    }

    /// The command line of this value, as `--option=VALUE`, without the program's name.
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
            push("--duration", &role.duration.map(|it| it.to_string()));
            push("--source-identity", &role.source_identity);
            for (key, value) in &role.tags {
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

    /// Where the value of this option belongs. `position` is the argument's, from 1.
    fn slot(&mut self, option: &str, position: u32) -> Result<Slot<'_>, ArgumentError> {
        match option {
            ROLE_ARN => return Ok(Slot::Roles(&mut self.roles)),
            "--region" => return Ok(Slot::Text(&mut self.region)),
            "--sts-endpoint" => return Ok(Slot::Text(&mut self.sts_endpoint)),
            _ => {}
        }
        let role = self.roles.last_mut();
        let role = role.ok_or(ArgumentError::NotAnOption(position))?;
        let is_before_role = role.arn.is_empty();
        let slot = match option {
            "--session-name" => Slot::Text(&mut role.session_name),
            "--external-id" => Slot::Text(&mut role.external_id),
            "--duration" => Slot::Seconds(&mut role.duration),
            "--source-identity" => Slot::Text(&mut role.source_identity),
            "--tag" => Slot::Tags(&mut role.tags),
            "--transitive-tag" => Slot::Texts(&mut role.transitive_tag_keys),
            "--session-policy" => Slot::Text(&mut role.session_policy),
            "--policy-arn" => Slot::Texts(&mut role.policy_arns),
            _ if option.starts_with("--") => {
                return Err(ArgumentError::UnknownOption(option.to_owned()));
            }
            _ => return Err(ArgumentError::NotAnOption(position)),
        };
        if is_before_role {
            return Err(ArgumentError::BeforeRole(option.to_owned()));
        }
        Ok(slot)
    }
}

/// Where the value of an option belongs.
enum Slot<'a> {
    Roles(&'a mut Vec<RoleRequest>),
    Text(&'a mut Option<String>),
    Texts(&'a mut Vec<String>),
    Seconds(&'a mut Option<u32>),
    Tags(&'a mut Vec<Tag>),
}

impl Slot<'_> {
    fn fill(self, option: &str, value: String) -> Result<(), ArgumentError> {
        let was_filled = match self {
            Self::Text(text) => text.replace(value).is_some(),
            Self::Seconds(seconds) => {
                let number = parse_seconds(&value).ok_or(ArgumentError::Duration)?;
                seconds.replace(number).is_some()
            }
            Self::Roles(roles) => {
                roles.push(RoleRequest::new(value));
                false
            }
            Self::Texts(texts) => {
                texts.push(value);
                false
            }
            Self::Tags(tags) => {
                let (key, value) = value.split_once('=').ok_or(ArgumentError::Tag)?;
                tags.push((key.to_owned(), value.to_owned()));
                false
            }
        };
        if was_filled {
            return Err(ArgumentError::Repeated(option.to_owned()));
        }
        Ok(())
    }
}

/// A whole number in its usual spelling: `parse` alone accepts `+900` and `0900`, too.
fn parse_seconds(text: &str) -> Option<u32> {
    let seconds: u32 = text.parse().ok()?;
    (seconds.to_string() == text).then_some(seconds)
}

/// Why a command line cannot be understood. Never holds a value: it could be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum ArgumentError {
    #[error("{} is no option of epicac", Subject(.0))]
    UnknownOption(String),
    /// The position counts from 1.
    #[error("argument {0} is no option")]
    NotAnOption(u32),
    /// Or an empty one.
    #[error("{} has no value", Subject(.0))]
    NoValue(String),
    #[error("{} comes before any role", Subject(.0))]
    BeforeRole(String),
    #[error("{} comes twice", Subject(.0))]
    Repeated(String),
    #[error("no role is named")]
    NoRole,
    #[error("a region or an endpoint is for assuming a role, and there is none")]
    NoRoleForRegion,
    #[error("--duration is not a whole number of seconds")]
    Duration,
    #[error("--tag has no =")]
    Tag,
}

impl ArgumentError {
    /// What to do about it.
    pub fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::UnknownOption(_) => "see docs/roles.md for the options",
            Self::NotAnOption(_) => "write --role-arn ARN, and options after it",
            Self::NoValue(option) => return format!("write {}=VALUE", Subject(option)).into(),
            Self::BeforeRole(_) => "write it after the --role-arn that it is for",
            Self::Repeated(_) => "write it once",
            Self::NoRole => "name one by --role-arn ARN",
            Self::NoRoleForRegion => "add --role-arn ARN",
            Self::Duration => "write 900 to 43200",
            Self::Tag => "write --tag KEY=VALUE",
        })
    }
}
