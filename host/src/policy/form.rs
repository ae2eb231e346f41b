//! The form that assumes a role: what is sent, and what the command line means.

use crate::percent;
use epicac_component::sts::role::Role;
use std::collections::BTreeMap;

/// Parameters by their names.
pub(super) type Form = BTreeMap<String, String>;

/// Reads a form (`application/x-www-form-urlencoded`). What could be read in two ways is none: a name that
/// comes twice, or an empty part.
pub(super) fn parse(body: &[u8]) -> Option<Form> {
    let mut form = Form::new();
    for part in str::from_utf8(body).ok()?.split('&') {
        let (name, value) = part.split_once('=')?;
        let text = |encoded: &str| percent::decode(&encoded.replace('+', " "));
        let repeated = form.insert(text(name)?, text(value)?);
        if repeated.is_some() {
            return None;
        }
    }
    Some(form)
}

/// What STS has to be asked for this role.
pub(super) fn of(role: &Role) -> Form {
    // Without `..`: what is added there has to be sent, and so allowed here.
    let epicac_component::RoleRequest {
        arn,
        session_name,
        external_id,
        duration,
        source_identity,
        tags,
        transitive_tag_keys,
        session_policy,
        policy_arns,
    } = role.request();
    let mut form = Form::new();
    let mut set = |name: String, value: &str| {
        form.insert(name, value.to_owned());
    };
    set("Action".into(), "AssumeRole");
    set("Version".into(), "2011-06-15");
    set("RoleArn".into(), arn);
    for (name, value) in [
        ("RoleSessionName", session_name),
        ("ExternalId", external_id),
        ("SourceIdentity", source_identity),
        ("Policy", session_policy),
    ] {
        if let Some(value) = value {
            set(name.into(), value);
        }
    }
    if let Some(seconds) = duration {
        set("DurationSeconds".into(), &seconds.to_string());
    }
    for (number, (key, value)) in (1..).zip(tags) {
        set(format!("Tags.member.{number}.Key"), key);
        set(format!("Tags.member.{number}.Value"), value);
    }
    for (number, key) in (1..).zip(transitive_tag_keys) {
        set(format!("TransitiveTagKeys.member.{number}"), key);
    }
    for (number, arn) in (1..).zip(policy_arns) {
        set(format!("PolicyArns.member.{number}.arn"), arn);
    }
    form
}

/// The name of a parameter that is in one of them only, or with another value; those that were sent first.
pub(super) fn first_difference<'a>(expected: &'a Form, sent: &'a Form) -> Option<&'a str> {
    let differs =
        |(name, value): &(&String, &String), other: &Form| other.get(*name) != Some(value);
    let added = sent.iter().find(|it| differs(it, expected));
    let left_out = || expected.iter().find(|it| differs(it, sent));
    added.or_else(left_out).map(|(name, _)| name.as_str())
}
