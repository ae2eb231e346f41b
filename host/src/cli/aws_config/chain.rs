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

/// A profile of each circle of sources: `used` if it is one of them, or else the first one of the file. Each profile
/// is walked through once, as a file may have very many.
pub(super) fn circles<'a>(
    config: &'a AwsConfig,
    used: &str,
    has_keys: impl Fn(&Section) -> bool,
) -> Vec<&'a Section> {
    let mut walks: BTreeMap<&str, usize> = BTreeMap::new();
    let mut circles = Vec::new();
    for (walk, first) in config.profiles().enumerate() {
        let mut walked = Vec::new();
        let mut next = Some(first);
        while let Some(profile) = next.filter(|it| !walks.contains_key(&*it.name)) {
            walks.insert(&profile.name, walk);
            walked.push(profile);
            // A profile with both is told already.
            let is_role = !profile.has("credential_process");
            next = source_of(config, profile).filter(|_| is_role);
        }
        let Some(end) = next.filter(|it| walks.get(&*it.name) == Some(&walk)) else {
            continue;
        };
        let before = walked.iter().take_while(|it| it.name != end.name).count();
        let circle = walked.split_off(before);
        // Keys come before the source of the profile that has them, unless it is the first one of a chain.
        let with_keys: Vec<_> = circle.iter().copied().filter(|it| has_keys(it)).collect();
        circles.extend(match (&*with_keys, &*circle) {
            ([], _) => circle
                .into_iter()
                .min_by_key(|it| (it.name != used, it.line)),
            ([only], [_, _, ..]) => Some(*only),
            _ => None,
        });
    }
    circles
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
