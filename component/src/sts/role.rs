//! A role that can be assumed, and the session that is asked for.
//!
//! A [`Role`] has passed every check that needs no STS. So a request that STS would always refuse is never sent.

use alloc::string::String;
use alloc::vec::Vec;

use serde::de::IgnoredAny;

use crate::token::TokenError;

/// The longest ARN.
const ARN: core::ops::RangeInclusive<usize> = 20..=2_048;
/// How long a session may be, in seconds.
const DURATION: core::ops::RangeInclusive<u32> = 900..=43_200;
/// How long a session may be at most that is got with those of another role.
const CHAINED_DURATION: u32 = 3_600;
/// The longest session policy, in characters.
const POLICY_CHARS: usize = 2_048;
/// How many tags a session may have, and how many of their keys may be transitive.
const TAGS: usize = 50;
/// How many managed policies may limit a session.
const POLICY_ARNS: usize = 10;

/// What STS's `AssumeRole` is asked, as it was given. [`Role::check`] makes a [`Role`] of it.
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
    /// `Policy`: a JSON document. On the command line it may be the path of a file instead, which who
    /// reads the file replaces by its content: see [`RoleRequest::session_policy_file`].
    pub session_policy: Option<String>,
    /// `PolicyArns`
    pub policy_arns: Vec<String>,
}

/// A session tag: its key, and its value, which may be empty.
pub type Tag = (String, String);

impl RoleRequest {
    /// Asks for a session of this role, and for nothing beyond it.
    pub fn new(arn: String) -> Self {
        Self {
            arn,
            ..Self::default()
        }
    }

    /// The path in place of a session policy: what does not begin, after white space, with `{`.
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
    /// The role that is asked for, under `session_name` if the request has none of its own. `chained` says
    /// that the credentials it will be assumed with are certain to be those of a role themselves.
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

    /// What STS is asked. It has a session name, and its session policy is JSON.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleError {
    /// The ARN is not that of a role.
    Arn,
    /// The role's partition is not that of the region: this one.
    Partition(&'static str),
    /// Not a session name.
    SessionName,
    /// Not an external id.
    ExternalId,
    /// A session is not that short, or long.
    Duration,
    /// A session that is got with those of another role is not that long.
    ChainedDuration,
    /// Not a source identity.
    SourceIdentity,
    /// Too many tags or transitive keys.
    TooManyTags,
    /// A key that a session tag cannot have.
    TagKey,
    /// A value that a session tag cannot have.
    TagValue,
    /// Two tags whose keys differ only in case.
    RepeatedTag,
    /// A session policy of that many characters.
    PolicyTooLarge(usize),
    /// A session policy that is not a JSON object.
    PolicyNotJson,
    /// The session policy's file cannot be read.
    PolicyFile(TokenError),
    /// Too many managed policies.
    TooManyPolicyArns,
    /// The ARN is not that of a policy.
    PolicyArn,
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
        is_account(account) && is_path_with_name(resource.strip_prefix("role/"))
    })
}

fn is_policy_arn(arn: &str) -> bool {
    arn_parts(arn).is_some_and(|(_, account, resource)| {
        (account == "aws" || is_account(account))
            && is_path_with_name(resource.strip_prefix("policy/"))
    })
}

/// Whether this is the number of an account: twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_path_with_name(path: Option<&str>) -> bool {
    path.is_some_and(|path| !path.is_empty() && !path.ends_with('/'))
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
    // AWS keeps the prefix for itself.
    let is_reserved = key
        .get(..4)
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"));
    !key.is_empty() && !is_reserved && is_tag_text(key, 128)
}

/// Beyond ASCII, letters, numbers and spaces of any script are allowed; which those are, STS knows.
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

/// serde_json alone would take any value; what comes twice in it, and what it means, is for STS to tell.
fn is_object(policy: &str) -> bool {
    policy.trim_ascii_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(policy).is_ok()
}
