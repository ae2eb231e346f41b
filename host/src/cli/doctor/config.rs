//! The aws-config, and what of it matters to the profile that an SDK would use.

use super::profile::{self, Used};
use super::report::Check;
use crate::cli::aws_config::{self, AwsConfig, Found, chain};
use crate::cli::config::{checked, located, surroundings};
use epicac_component::printable::Line;

const NAME: &str = "config";

/// One check for each thing that is wrong with the file, then those of the profile, and what it has an SDK do.
pub(super) fn read() -> Used {
    let mut used = checks();
    used.checks.extend(profile::of_python());
    used
}

fn checks() -> Used {
    let surroundings = surroundings();
    let only = |check| Used {
        checks: vec![check],
        ..Used::default()
    };
    let source = located();
    let there = source
        .as_ref()
        .filter(|source| source.is_named || source.path.exists());
    let Some(source) = there else {
        let name = surroundings.profile.as_deref().unwrap_or("default");
        if surroundings.credentials.iter().any(|known| known == name) {
            let (nothing, _) = aws_config::check("", &surroundings);
            let used = profile::used(&nothing, &surroundings);
            let checks = [Check::skipped(NAME, "there is none")].into_iter();
            return Used {
                checks: checks.chain(used.checks).collect(),
                ..used
            };
        }
        return only(match &surroundings.profile {
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
        });
    };
    let (config, found) = match checked(&source.path, &surroundings) {
        Ok(read) => read,
        Err(error) => return only(Check::failed(NAME, error)),
    };
    let name = surroundings.profile.as_deref().unwrap_or("default");
    let matters = |found: &Found| !found.flaw.is_note() && matters(&config, name, found);
    let path = source.path.to_string_lossy();
    let mut checks: Vec<Check> = found
        .iter()
        .map(|found| {
            let check = Check::failed(NAME, format_args!("{}: {found}", Line(&path)));
            if matters(found) {
                check
            } else {
                check.into_note()
            }
        })
        .collect();
    if checks.is_empty() {
        checks.push(Check::ok(
            NAME,
            format_args!("{}: nothing wrong", Line(&path)),
        ));
    }
    // Whatever is wrong, what the profile has epicac do is what is tried.
    let used = profile::used(&config, &surroundings);
    if found.iter().any(matters) {
        checks.push(Check::skipped(
            "profile",
            "the aws-config has to be put right first",
        ));
    } else {
        checks.extend(used.checks);
    }
    Used { checks, ..used }
}

/// Whether a flaw stands in the way of the profile of this name: that of another one does not.
fn matters(config: &AwsConfig, name: &str, found: &Found) -> bool {
    let Some(line) = found.line else {
        return true;
    };
    let is_used = |at: &str| chain(config, name).iter().any(|used| used.name == at);
    found.flaw.breaks_file() || config.profile_at(line).is_some_and(|at| is_used(&at.name))
}
