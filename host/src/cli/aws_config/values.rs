//! The values of a profile, one by one. What STS would refuse is told by the component's own rules for roles.

use super::chain::is_chained;
use super::command::{is_called_epicac, program};
use super::error::LineError;
use super::found::{short, spelled};
use super::parse::{AwsConfig, Property, Section};
use super::surroundings::{Presence, Surroundings};
use crate::cli::words::{external_id, is_role_arn, is_session_name};
use epicac_component::sts::partition::is_region;

/// Keys of which an empty value has no meaning. An empty `cli_pager`, in contrast, turns the pager off.
#[rustfmt::skip]
const NEVER_EMPTY: [&str; 17] = [
    "region", "role_arn", "source_profile", "credential_source", "credential_process", "external_id",
    "role_session_name", "duration_seconds", "web_identity_token_file", "aws_access_key_id", "aws_secret_access_key",
    "sso_account_id", "sso_role_name", "sso_session", "sso_start_url", "sso_region", "login_session",
];

/// What is wrong with a value by itself.
pub(super) fn flaw(
    config: &AwsConfig,
    profile: &Section,
    key: &str,
    property: &Property,
    surroundings: &Surroundings,
) -> Option<LineError> {
    let value = &property.value;
    if value.is_empty() {
        let is_missing = property.nested.is_empty() && NEVER_EMPTY.contains(&key);
        return is_missing.then(|| LineError::Empty(short(key)));
    }
    let unless = |is_sound: bool, flaw: LineError| (!is_sound).then_some(flaw);
    match key {
        "region" if surroundings.endpoint_url || has_endpoint(config, profile) => None,
        "region" => unless(is_region(value), LineError::Region(spelled(value))),
        "role_arn" => unless(is_role_arn(value), LineError::NotARole),
        "role_session_name" => unless(is_session_name(value), LineError::SessionName),
        "external_id" => unless(external_id(value).is_ok(), LineError::ExternalId),
        "mfa_serial" => Some(LineError::Mfa),
        "credential_source" => {
            let known = ["EcsContainer", "Ec2InstanceMetadata", "Environment"];
            unless(known.contains(&&**value), LineError::NotASource)
        }
        "duration_seconds" => match value.parse() {
            Ok(3601..=43200) if is_chained(config, profile) => Some(LineError::ChainedDuration),
            Ok(900..=43200) => None,
            _ => Some(LineError::Duration),
        },
        "credential_process" => match program(value) {
            Err(flaw) => Some(flaw),
            Ok(program) => match (surroundings.look)(&program) {
                Presence::Program => None,
                Presence::NotExecutable => Some(LineError::NotExecutable(short(&program))),
                Presence::Missing if is_called_epicac(&program) => {
                    Some(LineError::NoEpicac(spelled(&program)))
                }
                Presence::Missing => Some(LineError::NoProgram(spelled(&program))),
            },
        },
        _ => None,
    }
}

/// Whether the profile names an endpoint, of all services or of one. The region is then that of another store, which may
/// call it anything.
fn has_endpoint(config: &AwsConfig, profile: &Section) -> bool {
    const ENDPOINT: &str = "endpoint_url";
    let services = profile.value("services");
    let services = services.and_then(|name| config.other("services", name));
    let sections = [Some(profile), services].into_iter().flatten();
    let mut groups = sections.flat_map(|section| &section.properties);
    // STS is AWS's, wherever it is.
    let is_of_a_store =
        |(group, it): (&String, &Property)| group != "sts" && it.nested.contains_key(ENDPOINT);
    profile.value(ENDPOINT).is_some() || groups.any(is_of_a_store)
}
