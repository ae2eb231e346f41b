//! The aws-config, and the profile in it that an SDK would use.

use super::report::Check;
use crate::cli::aws_config::{AwsConfig, chain};
use crate::cli::config::{checked, located};
use epicac_component::printable::Line;
use std::env;

/// One check for each thing that is wrong with the file, and one for the profile.
pub(super) fn checks() -> Vec<Check> {
    const NAME: &str = "config";
    let profile = env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty());
    let source = located();
    let there = source
        .as_ref()
        .filter(|source| source.is_named || source.path.exists());
    let Some(source) = there else {
        return vec![match &profile {
            Some(name) => Check::fail(
                NAME,
                format_args!(
                    "AWS_PROFILE names {}, and there is no aws-config",
                    Line(name)
                ),
                "set AWS_CONFIG_FILE to the path of one: `epicac config` prints it",
            ),
            None => Check::skipped(
                NAME,
                "there is none: SDKs ask the endpoint by themselves, as the pod's own role",
            ),
        }];
    };
    let (config, found) = match checked(&source.path) {
        Ok(read) => read,
        Err(error) => return vec![Check::failed(NAME, error)],
    };
    let path = source.path.to_string_lossy();
    let mut checks = Vec::new();
    for found in &found {
        let check = Check::failed(NAME, format_args!("{}: {found}", Line(&path)));
        checks.push(if found.flaw.is_note() {
            check.into_note()
        } else {
            check
        });
    }
    if checks.is_empty() {
        checks.push(Check::ok(
            NAME,
            format_args!("{}: nothing wrong", Line(&path)),
        ));
    }
    let is_flawed = found.iter().any(|found| !found.flaw.is_note());
    checks.push(match profile.as_deref().unwrap_or("default") {
        _ if is_flawed => Check::skipped("profile", "the aws-config has to be put right first"),
        name => check_profile(&config, name),
    });
    checks
}

/// The way from the profile to its credentials, which is the SDK's to go.
fn check_profile(config: &AwsConfig, name: &str) -> Check {
    const NAME: &str = "profile";
    let chain = chain(config, name);
    if chain.is_empty() {
        return Check::skipped(
            NAME,
            "the one that an SDK would use is not in the aws-config",
        );
    }
    let steps: Vec<String> = chain
        .iter()
        .map(|profile| {
            let what = ["credential_process", "credential_source", "role_arn"]
                .into_iter()
                .find_map(|key| profile.value(key).map(|value| format!(" ({key} {value})")));
            profile.name.clone() + &what.unwrap_or_default()
        })
        .collect();
    let roles = chain.iter().any(|profile| {
        let command = profile.value("credential_process").unwrap_or_default();
        profile.value("role_arn").is_some() || command.contains(" --role-arn")
    });
    let untried = if roles {
        "; that the role may be assumed is not tried here"
    } else {
        ""
    };
    Check::ok(NAME, format_args!("{}{untried}", steps.join(" by ")))
}
