//! The chains that `source_profile` makes of the profiles.

use super::parse::{AwsConfig, Section};
use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

/// The profiles that lead from the profile of this name to its credentials, itself the first one.
pub(in crate::cli) fn chain<'a>(config: &'a AwsConfig, name: &str) -> Vec<&'a Section> {
    let first = config.profile(name);
    let source = first.and_then(|first| source_of(config, first));
    let sources = successors(source, |source| further(config, source));
    let mut known = BTreeSet::new();
    let chain = first.into_iter().chain(sources);
    chain.take_while(|it| known.insert(&it.name)).collect()
}

/// The profile that this one names as its source.
pub(super) fn source_of<'a>(config: &'a AwsConfig, profile: &Section) -> Option<&'a Section> {
    config.profile(profile.value("source_profile")?)
}

/// What follows this profile where it is a source: its keys come before its own source.
fn further<'a>(config: &'a AwsConfig, profile: &Section) -> Option<&'a Section> {
    let has_keys = profile.value("aws_access_key_id").is_some();
    source_of(config, profile).filter(|_| !has_keys)
}

/// The last profile of the chain from each source. In a circle, the last profile is the predecessor of the first. A
/// chain is followed only as far as the profiles that are judged already, so that the time is not that of all chains.
pub(super) fn origins(config: &AwsConfig) -> BTreeMap<&str, Option<&str>> {
    let mut origins: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for profile in config.profiles() {
        let mut walked: Vec<&str> = Vec::new();
        let mut next = source_of(config, profile);
        while let Some(profile) = next.filter(|it| !origins.contains_key(&*it.name)) {
            walked.push(&profile.name);
            origins.insert(&profile.name, None);
            next = further(config, profile);
        }
        let next = next.map(|it| &*it.name);
        let judged = next.and_then(|next| origins.get(next).copied().flatten());
        let mut origin = judged.or(walked.last().copied());
        let mut is_circle = false;
        for name in walked {
            origins.insert(name, origin);
            is_circle |= next == Some(name);
            origin = if is_circle { Some(name) } else { origin };
        }
    }
    origins
}

/// Whether the credentials that the role of this profile is assumed with are a role's themselves. AWS calls that role
/// chaining: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>.
pub(super) fn is_chained(config: &AwsConfig, profile: &Section) -> bool {
    let source = source_of(config, profile);
    let roles = ["role_arn", "credential_process", "credential_source"];
    profile.value("credential_source").is_some()
        || source.is_some_and(|source| {
            // Keys come before the role that is assumed with them, where a profile is its own source.
            source.value("aws_access_key_id").is_none()
                && roles.iter().any(|key| source.value(key).is_some())
        })
}
