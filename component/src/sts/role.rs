//! A role that can be assumed, and the session that is asked for.
//!
//! A [`Role`] has passed every check that needs no STS. So a request that STS would always refuse is never sent.

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::IgnoredAny;
use thiserror::Error;

use crate::token::TokenError;

/// The longest ARN.
const ARN: core::ops::RangeInclusive<usize> = 20..=2_048;
/// The longest path of a role or a policy, with the `/` at either end.
const PATH: usize = 512;
/// The duration of a session, in seconds.
const DURATION: core::ops::RangeInclusive<u32> = 900..=43_200;
/// The longest session of a chained role, in seconds.
const CHAINED_DURATION: u32 = 3_600;
/// The longest session policy, in characters.
const POLICY_CHARS: usize = 2_048;
/// How many tags a session may have, and how many of their keys may be transitive.
const TAGS: usize = 50;
/// How many managed policies may limit a session.
const POLICY_ARNS: usize = 10;

/// The parameters of `AssumeRole`, as they were given. [`Role::check`] makes a [`Role`] of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleRequest {
    /// `RoleArn`
    pub arn: String,
    /// `RoleSessionName`; if there is none, the environment's.
    pub session_name: Option<String>,
    /// `ExternalId`
    pub external_id: Option<String>,
    /// `DurationSeconds`
    pub duration: Option<u32>,
    /// `SourceIdentity`
    pub source_identity: Option<String>,
    /// `Tags`
    pub tags: Vec<Tag>,
    /// `TransitiveTagKeys`
    pub transitive_tag_keys: Vec<String>,
    /// `Policy`: a JSON document. On the command line it may be the path of a file: see
    /// [`RoleRequest::session_policy_file`]. The shell replaces it by the content of the file.
    pub session_policy: Option<String>,
    /// `PolicyArns`
    pub policy_arns: Vec<String>,
}

/// A session tag: its key, and its value, which may be empty.
pub type Tag = (String, String);

impl RoleRequest {
    /// Asks for a session of this role, without further parameters.
    pub fn new(arn: String) -> Self {
        Self {
            arn,
            ..Self::default()
        }
    }

    /// The path in place of a session policy. A text that begins with `{`, after white space, is a policy.
    pub fn session_policy_file(&self) -> Option<&str> {
        self.session_policy
            .as_deref()
            .filter(|policy| !policy.trim_ascii_start().starts_with('{'))
    }
}

/// A role that can be assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role(RoleRequest);

impl Role {
    /// The role of the request. `session_name` is used if the request has none. `chained` says that the role is
    /// certainly assumed with the credentials of another role.
    ///
    /// Fails when STS would refuse it.
    pub fn check(
        mut request: RoleRequest,
        session_name: &str,
        chained: bool,
    ) -> Result<Self, RoleError> {
        request
            .session_name
            .get_or_insert_with(|| session_name.into());
        check(&request, chained)?;
        Ok(Self(request))
    }

    /// The parameters of `AssumeRole`. They have a session name, and their session policy is JSON.
    pub fn request(&self) -> &RoleRequest {
        &self.0
    }

    /// Whether the one of this ARN has a session of this role: `arn:PARTITION:sts::ACCOUNT:assumed-role/NAME/SESSION`. IAM
    /// does not tell the names of roles apart by case.
    pub fn is_assumed_by(&self, arn: &str) -> bool {
        let Some((partition, account, resource)) = arn_parts(&self.0.arn) else {
            return false;
        };
        let (_, name) = resource.rsplit_once('/').unwrap_or_default();
        let before = [
            "arn:",
            partition,
            ":sts::",
            account,
            ":assumed-role/",
            name,
            "/",
        ]
        .concat();
        arn.get(..before.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(&before))
    }

    /// The role's partition, for example `aws`.
    pub fn partition(&self) -> &str {
        arn_parts(&self.0.arn).map_or("", |(partition, _, _)| partition)
    }
}

/// Why a role cannot be assumed as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum RoleError {
    #[error("is not the ARN of a role")]
    Arn,
    #[error("is not of the region's partition, {0}")]
    Partition(&'static str),
    #[error("the session name is not of 2 to 64 letters, digits and characters of _+=,.@-")]
    SessionName,
    #[error("the external id is not of 2 to 1224 letters, digits and characters of _+=,.@:/-")]
    ExternalId,
    #[error("the duration is not of 900 to 43200 seconds")]
    Duration,
    #[error("a role assumed by another one lasts 3600 seconds at most")]
    ChainedDuration,
    #[error("the source identity is not of 2 to 256 letters, digits and characters of _+=,.@-")]
    SourceIdentity,
    #[error("has more than 50 tags or transitive tags")]
    TooManyTags,
    #[error(
        "a tag's key is not of 1 to 128 letters, digits, spaces and characters of _.:/=+-@, or begins with aws:"
    )]
    TagKey,
    #[error(
        "a tag's value is not of at most 256 letters, digits, spaces and characters of _.:/=+-@"
    )]
    TagValue,
    /// Keys that differ only in case are the same.
    #[error("two tags have the same key")]
    RepeatedTag,
    #[error("the session policy has {0} characters, more than the 2048 that STS takes")]
    PolicyTooLarge(usize),
    #[error("the session policy is not a JSON object")]
    PolicyNotJson,
    #[error(transparent)]
    PolicyFile(TokenError),
    #[error("has more than 10 policy ARNs")]
    TooManyPolicyArns,
    #[error("one of the policy ARNs is not that of a managed policy")]
    PolicyArn,
}

impl RoleError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Arn => "write arn:aws:iam::ACCOUNT:role/NAME, the account with its twelve digits",
            Self::Partition(_) => "name a region of its own",
            Self::SessionName => "correct --session-name or AWS_ROLE_SESSION_NAME",
            Self::ExternalId => "write the one that the role's trust policy asks for",
            Self::Duration | Self::SourceIdentity | Self::TagValue => "write one that is",
            Self::ChainedDuration => "write 3600 or less",
            Self::TooManyTags | Self::TooManyPolicyArns => "leave some out",
            Self::TagKey => "write one that does not",
            Self::RepeatedTag => "leave one of them out",
            Self::PolicyTooLarge(_) => "shorten it, or name managed policies by --policy-arn",
            Self::PolicyNotJson => "write an IAM policy document",
            Self::PolicyFile(_) => {
                "is the session policy there, and is it granted, as with wasmtime's --dir?"
            }
            Self::PolicyArn => "write arn:aws:iam::ACCOUNT:policy/NAME",
        }
    }
}

fn check(request: &RoleRequest, chained: bool) -> Result<(), RoleError> {
    let is = |sound: bool, error: RoleError| if sound { Ok(()) } else { Err(error) };
    let named = |name: &Option<String>, longest, is_allowed| match name {
        Some(name) => is_name(name, longest, is_allowed),
        None => true,
    };
    is(is_role_arn(&request.arn), RoleError::Arn)?;
    is(
        named(&request.session_name, 64, is_name_byte),
        RoleError::SessionName,
    )?;
    is(
        named(&request.external_id, 1_224, is_external_id_byte),
        RoleError::ExternalId,
    )?;
    is(
        named(&request.source_identity, 256, is_name_byte),
        RoleError::SourceIdentity,
    )?;
    if let Some(seconds) = request.duration {
        is(DURATION.contains(&seconds), RoleError::Duration)?;
        is(
            !chained || seconds <= CHAINED_DURATION,
            RoleError::ChainedDuration,
        )?;
    }
    let transitive = &request.transitive_tag_keys;
    is(
        request.tags.len() <= TAGS && transitive.len() <= TAGS,
        RoleError::TooManyTags,
    )?;
    for (key, value) in &request.tags {
        is(is_tag_key(key), RoleError::TagKey)?;
        is(is_tag_text(value, 256), RoleError::TagValue)?;
    }
    is(
        transitive.iter().all(|key| is_tag_key(key)),
        RoleError::TagKey,
    )?;
    is(are_unique(&request.tags), RoleError::RepeatedTag)?;
    if let Some(policy) = &request.session_policy {
        let chars = policy.chars().count();
        is(chars <= POLICY_CHARS, RoleError::PolicyTooLarge(chars))?;
        is(is_object(policy), RoleError::PolicyNotJson)?;
    }
    is(
        request.policy_arns.len() <= POLICY_ARNS,
        RoleError::TooManyPolicyArns,
    )?;
    is(
        request.policy_arns.iter().all(|arn| is_policy_arn(arn)),
        RoleError::PolicyArn,
    )
}

/// Partition, account and resource of `arn:PARTITION:iam::ACCOUNT:RESOURCE`.
fn arn_parts(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let partition = parts.next()?;
    let (is_iam, is_global) = (parts.next()? == "iam", parts.next()?.is_empty());
    let (account, resource) = (parts.next()?, parts.next()?);
    let is_partition = partition.starts_with("aws")
        && partition
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let is_visible = resource.bytes().all(|byte| byte.is_ascii_graphic());
    (is_iam && is_global && is_partition && is_visible && ARN.contains(&arn.len()))
        .then_some((partition, account, resource))
}

fn is_role_arn(arn: &str) -> bool {
    arn_parts(arn).is_some_and(|(_, account, resource)| {
        is_account(account) && is_path_with_name(resource.strip_prefix("role"), 64)
    })
}

fn is_policy_arn(arn: &str) -> bool {
    arn_parts(arn).is_some_and(|(_, account, resource)| {
        (account == "aws" || is_account(account))
            && is_path_with_name(resource.strip_prefix("policy"), 128)
    })
}

/// Whether this is the number of an account: twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is a path of IAM, which begins with `/` and has at most 512 characters, and behind its last `/` a name of
/// at most so many.
fn is_path_with_name(path: Option<&str>, longest: usize) -> bool {
    path.and_then(|path| path.rsplit_once('/'))
        .is_some_and(|(path, name)| {
            (path.is_empty() || path.starts_with('/'))
                && path.len() < PATH
                && (1..=longest).contains(&name.len())
                && name.bytes().all(is_name_byte)
        })
}

fn is_name(name: &str, longest: usize, is_allowed: fn(u8) -> bool) -> bool {
    (2..=longest).contains(&name.len()) && name.bytes().all(is_allowed)
}

/// Whether an external id may hold this byte: `[\w+=,.@:/-]`.
fn is_external_id_byte(byte: u8) -> bool {
    is_name_byte(byte) || matches!(byte, b':' | b'/')
}

/// Whether a session name may hold this byte: `[\w+=,.@-]`.
pub fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'=' | b',' | b'.' | b'@' | b'-')
}

fn is_tag_key(key: &str) -> bool {
    // AWS reserves the prefix.
    let is_reserved = key
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    !key.is_empty() && !is_reserved && is_tag_text(key, 128)
}

/// Letters, numbers and spaces of any script are allowed. Beyond ASCII, only STS judges them.
fn is_tag_text(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest
        && text.bytes().all(|byte| {
            !byte.is_ascii()
                || byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b' ' | b'_' | b'.' | b':' | b'/' | b'=' | b'+' | b'-' | b'@'
                )
        })
}

fn are_unique(tags: &[Tag]) -> bool {
    tags.iter().enumerate().all(|(index, (key, _))| {
        let mut before = tags.iter().take(index);
        before.all(|(other, _)| !other.eq_ignore_ascii_case(key))
    })
}

/// serde_json alone accepts any value. STS judges repeated members and the meaning.
fn is_object(policy: &str) -> bool {
    policy.trim_ascii_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(policy).is_ok()
}
