//! The profiles of a config file: each by itself, and as the chains that `source_profile` makes of them.

use super::command;
use super::error::{Found, LineError};
use super::parse::{AwsConfig, Property, Section};
use super::surroundings::{Presence, Surroundings};
use crate::cli::words::{is_region, is_role_arn};

/// Keys for credentials of other sources. In a profile with `credential_process`, SDKs differ in which
/// they take.
const OTHER_TYPES: [&str; 5] = [
    "aws_access_key_id",
    "web_identity_token_file",
    "sso_session",
    "sso_account_id",
    "login_session",
];

/// Keys whose empty value has no meaning. An empty `cli_pager`, in contrast, turns the pager off.
const NEVER_EMPTY: [&str; 8] = [
    "region",
    "role_arn",
    "source_profile",
    "credential_source",
    "credential_process",
    "external_id",
    "role_session_name",
    "duration_seconds",
];

/// Adds what will not work for some SDK, in these surroundings, to what was found; of a line, only one thing.
pub(super) fn check(config: &AwsConfig, surroundings: &Surroundings<'_>, found: &mut Vec<Found>) {
    let mut more = Vec::new();
    for profile in config.profiles() {
        values(profile, &mut more);
        types(profile, &mut more);
        source(config, profile, surroundings, &mut more);
        if let Some(process) = profile.property("credential_process") {
            more.extend(program(process, surroundings).map(|flaw| at(process, flaw)));
        }
    }
    more.extend(in_use(config, surroundings));
    for it in more {
        // Of two values of a key, nobody knows which one is meant.
        let is_told = |known: &Found| {
            let first = match known.flaw {
                LineError::KeyTwice { first, .. } => Some(first),
                _ => None,
            };
            known.line == it.line || first == it.line && matches!(it.flaw, LineError::Region(_))
        };
        if it.line.is_none() || !found.iter().any(is_told) {
            found.push(it);
        }
    }
}

/// The sections that the profile of this name depends on, by their names.
pub(super) fn used_sections<'a>(config: &'a AwsConfig, name: &str) -> Vec<&'a str> {
    let chain = chain(config, name);
    let linked = chain.iter().flat_map(|profile| {
        let session = profile
            .value("sso_session")
            .map(|it| format!("sso-session {it}"));
        let services = profile.value("services").map(|it| format!("services {it}"));
        session.into_iter().chain(services)
    });
    let linked: Vec<String> = linked.collect();
    let names = chain.iter().map(|profile| &*profile.name);
    names.chain(config.other_sections(&linked)).collect()
}

/// The profiles that lead from the profile of this name to its credentials, itself the first one.
pub(in crate::cli) fn chain<'a>(config: &'a AwsConfig, name: &str) -> Vec<&'a Section> {
    let mut chain: Vec<&Section> = Vec::new();
    let mut next = config.profile(name);
    while let Some(profile) = next {
        if chain.iter().any(|known| known.name == profile.name) {
            break;
        }
        // Keys of a source come before its own source.
        let has_keys = !chain.is_empty() && profile.property("aws_access_key_id").is_some();
        chain.push(profile);
        next = profile
            .value("source_profile")
            .filter(|_| !has_keys)
            .and_then(|name| config.profile(name));
    }
    chain
}

/// The key of this profile for credentials of another source, if it has one.
pub(in crate::cli) fn other_type(profile: &Section) -> Option<&'static str> {
    OTHER_TYPES
        .into_iter()
        .find(|key| profile.property(key).is_some())
}

/// The values that are wrong by themselves.
fn values(profile: &Section, found: &mut Vec<Found>) {
    for property in profile.properties() {
        let Property {
            key,
            value,
            has_nested,
            ..
        } = property;
        if value.is_empty() && !has_nested && NEVER_EMPTY.contains(&&**key) {
            found.push(at(property, LineError::Empty(key.clone())));
        } else if key == "region" && !is_region(value) {
            found.push(at(property, LineError::Region(value.clone())));
        }
    }
}

/// The kinds of credentials of one profile.
fn types(profile: &Section, found: &mut Vec<Found>) {
    let process = profile.property("credential_process");
    let role = profile.property("role_arn");
    let source = profile.property("source_profile");
    let container = profile.property("credential_source");
    if let Some(process) = process {
        let roles = ["role_arn", "source_profile", "credential_source"];
        let mut others = roles.into_iter().chain(OTHER_TYPES);
        if let Some(other) = others.find(|other| profile.property(other).is_some()) {
            // The process is what one came for; the other key may be far above or below.
            found.push(at(process, LineError::TwoTypes(other)));
            return;
        }
    }
    if let (Some(_), Some(container)) = (source, container) {
        found.push(at(container, LineError::TwoSources));
    }
    let has_source = source.is_some() || container.is_some() || other_type(profile).is_some();
    match role {
        Some(role) if !has_source => found.push(at(role, LineError::RoleWithoutSource)),
        Some(_) => {}
        None => {
            for (key, property) in [("source_profile", source), ("credential_source", container)] {
                found.extend(property.map(|it| at(it, LineError::SourceWithoutRole(key))));
            }
        }
    }
    if let Some(role) = role.filter(|role| !is_role_arn(&role.value)) {
        found.push(at(role, LineError::NotARole));
    }
    if let Some(container) = container {
        let known = ["EcsContainer", "Ec2InstanceMetadata", "Environment"];
        if !known.contains(&&*container.value) {
            found.push(at(container, LineError::NotASource));
        }
    }
}

/// Where the credentials of one profile's role come from, and how long that allows them to last.
fn source(
    config: &AwsConfig,
    profile: &Section,
    surroundings: &Surroundings<'_>,
    found: &mut Vec<Found>,
) {
    if let Some(duration) = profile.property("duration_seconds") {
        match duration.value.parse() {
            Ok(3601..=43200) if is_chained(config, profile) => {
                found.push(at(duration, LineError::ChainedDuration))
            }
            Ok(900..=43200) => {}
            _ => found.push(at(duration, LineError::Duration)),
        }
    }
    let Some(source) = profile.property("source_profile") else {
        return;
    };
    if profile.property("credential_process").is_some() {
        // That is one flaw already.
        return;
    }
    let in_credentials = surroundings.credentials.contains(&source.value);
    let Some(of) = config.profile(&source.value) else {
        if !in_credentials {
            found.push(at(source, LineError::NoSuchSource(source.value.clone())));
        }
        return;
    };
    let keys = of.property("aws_access_key_id").is_some();
    let next = of.value("source_profile");
    let comes_back = chain(config, &profile.name)
        .last()
        .and_then(|origin| origin.value("source_profile"))
        .is_some_and(|next| next == profile.name);
    if comes_back && !keys && !in_credentials {
        found.push(at(source, LineError::Cycle));
        return;
    }
    let has_credentials = keys
        || in_credentials
        || next.is_some()
        || of.property("credential_process").is_some()
        || of.property("credential_source").is_some()
        || other_type(of).is_some();
    if !has_credentials {
        let flaw = LineError::SourceWithoutCredentials(source.value.clone());
        found.push(at(source, flaw));
    }
}

/// Whether the credentials that the role of this profile is assumed with are a role's themselves. AWS calls that role
/// chaining: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>.
fn is_chained(config: &AwsConfig, profile: &Section) -> bool {
    let source = profile
        .value("source_profile")
        .and_then(|name| config.profile(name));
    profile.property("credential_source").is_some()
        || source.is_some_and(|source| {
            // Keys come before the role that is assumed with them, where a profile is its own source.
            source.property("aws_access_key_id").is_none()
                && ["role_arn", "credential_process", "credential_source"]
                    .iter()
                    .any(|key| source.property(key).is_some())
        })
}

/// What is wrong with the command of a `credential_process`, or with its program.
fn program(process: &Property, surroundings: &Surroundings<'_>) -> Option<LineError> {
    match command::program(&process.value) {
        Err(flaw) => Some(LineError::Command(flaw)),
        Ok(program) => match (surroundings.look)(&program) {
            Presence::Program => None,
            Presence::Missing => Some(LineError::NoProgram(program)),
            Presence::NotExecutable => Some(LineError::NotExecutable(program)),
        },
    }
}

/// Whether there is the profile that an SDK would use, and a region.
fn in_use(config: &AwsConfig, surroundings: &Surroundings<'_>) -> Option<Found> {
    let name = surroundings.used();
    let flaw = match config.profile(name) {
        None if surroundings.credentials.iter().any(|known| known == name) => return None,
        None if surroundings.profile.is_none() => LineError::NoDefault,
        None => LineError::NoSuchProfile(name.to_owned()),
        // An empty one is told at its line.
        Some(profile) if profile.properties().iter().any(|it| it.key == "region") => return None,
        Some(_) if surroundings.region => return None,
        Some(_) => LineError::NoRegion(name.to_owned()),
    };
    Some(Found {
        line: None,
        flaw,
        is_error: true,
    })
}

fn at(property: &Property, flaw: LineError) -> Found {
    Found::at(property.line, flaw)
}
