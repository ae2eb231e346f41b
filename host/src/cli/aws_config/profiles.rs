//! The profiles of a config file: each by itself, and as the chains that `source_profile` makes of them.

use super::command;
use super::flaw::{Flaw, Found};
use super::parse::{AwsConfig, Property, Section};
use super::{Presence, Surroundings};
use crate::cli::words::is_role_arn;

/// Keys for credentials that are none of ours. In a profile with `credential_process`, SDKs differ in which
/// they take.
const OTHER_TYPES: [&str; 5] = [
    "aws_access_key_id",
    "web_identity_token_file",
    "sso_session",
    "sso_account_id",
    "login_session",
];

/// What will not work for some SDK, in these surroundings.
pub(super) fn check(config: &AwsConfig, surroundings: &Surroundings<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for profile in config.profiles() {
        types(profile, &mut found);
        source(config, profile, surroundings, &mut found);
        if let Some(process) = profile.property("credential_process") {
            found.extend(program(process, surroundings).map(|flaw| at(process, flaw)));
        }
    }
    found.extend(used(config, surroundings));
    found
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

/// The key of this profile for credentials that are none of ours, if it has one.
pub(in crate::cli) fn other_type(profile: &Section) -> Option<&'static str> {
    OTHER_TYPES
        .into_iter()
        .find(|key| profile.property(key).is_some())
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
            found.push(at(process, Flaw::TwoTypes(other)));
            return;
        }
    }
    if let (Some(_), Some(container)) = (source, container) {
        found.push(at(container, Flaw::TwoSources));
    }
    let has_source = source.is_some() || container.is_some() || other_type(profile).is_some();
    match role {
        Some(role) if !has_source => found.push(at(role, Flaw::RoleWithoutSource)),
        Some(_) => {}
        None => {
            for (key, property) in [("source_profile", source), ("credential_source", container)] {
                found.extend(property.map(|it| at(it, Flaw::SourceWithoutRole(key))));
            }
        }
    }
    if let Some(role) = role.filter(|role| !is_role_arn(&role.value)) {
        found.push(at(role, Flaw::NotARole));
    }
    if let Some(container) = container {
        let known = ["EcsContainer", "Ec2InstanceMetadata", "Environment"];
        if !known.contains(&&*container.value) {
            found.push(at(container, Flaw::NotASource));
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
                found.push(at(duration, Flaw::ChainedDuration))
            }
            Ok(900..=43200) => {}
            _ => found.push(at(duration, Flaw::Duration)),
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
            found.push(at(source, Flaw::NoSuchSource(source.value.clone())));
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
        found.push(at(source, Flaw::Cycle));
        return;
    }
    let has_credentials = keys
        || in_credentials
        || next.is_some()
        || of.property("credential_process").is_some()
        || of.property("credential_source").is_some()
        || other_type(of).is_some();
    if !has_credentials {
        let flaw = Flaw::SourceWithoutCredentials(source.value.clone());
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
fn program(process: &Property, surroundings: &Surroundings<'_>) -> Option<Flaw> {
    match command::program(&process.value) {
        Err(flaw) => Some(flaw),
        Ok(program) => match (surroundings.look)(&program) {
            Presence::Program => None,
            Presence::Missing => Some(Flaw::NoProgram(program)),
            Presence::NotExecutable => Some(Flaw::NotExecutable(program)),
        },
    }
}

/// Whether there is the profile that an SDK would use, and a region.
fn used(config: &AwsConfig, surroundings: &Surroundings<'_>) -> Option<Found> {
    let everywhere = |flaw| Some(Found { line: None, flaw });
    let named = surroundings.profile.as_deref();
    let name = named.unwrap_or("default");
    let Some(profile) = config.profile(name) else {
        if surroundings.credentials.iter().any(|known| known == name) {
            return None;
        }
        return everywhere(match named {
            Some(name) => Flaw::NoSuchProfile(name.to_owned()),
            None => Flaw::NoDefault,
        });
    };
    if surroundings.region || profile.property("region").is_some() {
        return None;
    }
    everywhere(Flaw::NoRegion(name.to_owned()))
}

fn at(property: &Property, flaw: Flaw) -> Found {
    Found {
        line: Some(property.line),
        flaw,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::aws_config::{self, CommandFlaw};

    const ROLE: &str = "role_arn = arn:aws:iam::222222222222:role/dest";

    fn flaws(text: &str) -> Vec<(Option<usize>, Flaw)> {
        let surroundings = Surroundings {
            profile: Some("p".to_owned()),
            credentials: vec!["keys".to_owned()],
            region: true,
            look: &|program| match program {
                "/opt/epicac" => Presence::Program,
                "/opt/text" => Presence::NotExecutable,
                _ => Presence::Missing,
            },
        };
        let (_, found) = aws_config::check(text, &surroundings);
        found.into_iter().map(|it| (it.line, it.flaw)).collect()
    }

    #[test]
    fn what_works_with_every_sdk_passes() {
        for text in [
            "[profile p]\ncredential_process = /opt/epicac\n".to_owned(),
            format!(
                "[profile p]\n{ROLE}\nsource_profile = s\nduration_seconds = 3600\n\
                 [profile s]\ncredential_process = /opt/epicac --policy /p\n"
            ),
            format!("[profile p]\n{ROLE}\nsource_profile = keys\nduration_seconds = 43200\n"),
            format!("[profile p]\n{ROLE}\nsource_profile = p\naws_access_key_id = A\n"),
            format!("[profile p]\n{ROLE}\ncredential_source = EcsContainer\n"),
            format!("[profile p]\n{ROLE}\nweb_identity_token_file = /token\n"),
            format!(
                "[profile p]\n{ROLE}\nsource_profile = q\n[profile q]\n{ROLE}\nsource_profile = s\n\
                 [profile s]\ncredential_process = /opt/epicac\n"
            ),
            "[profile p]\nregion = x\n[profile unused]\nregion = y\n".to_owned(),
        ] {
            assert_eq!(flaws(&text), [], "{text}");
        }
    }

    #[test]
    fn what_does_not_is_found_at_its_line() {
        let source = "[profile s]\ncredential_process = /opt/epicac\n";
        let s = || "s".to_owned();
        for (text, line, flaw) in [
            (
                format!(
                    "[profile p]\n{ROLE}\nsource_profile = p\ncredential_process = /opt/epicac\n"
                ),
                4,
                Flaw::TwoTypes("role_arn"),
            ),
            (
                format!(
                    "{source}[profile p]\nsource_profile = s\ncredential_process = /opt/epicac\n"
                ),
                5,
                Flaw::TwoTypes("source_profile"),
            ),
            (
                "[profile p]\naws_access_key_id = A\ncredential_process = /opt/epicac\n".to_owned(),
                3,
                Flaw::TwoTypes("aws_access_key_id"),
            ),
            (
                format!(
                    "{source}[profile p]\n{ROLE}\nsource_profile = s\ncredential_source = EcsContainer\n"
                ),
                6,
                Flaw::TwoSources,
            ),
            (format!("[profile p]\n{ROLE}\n"), 2, Flaw::RoleWithoutSource),
            (
                format!("{source}[profile p]\nsource_profile = s\n"),
                4,
                Flaw::SourceWithoutRole("source_profile"),
            ),
            (
                format!("{source}[profile p]\nrole_arn = dest\nsource_profile = s\n"),
                4,
                Flaw::NotARole,
            ),
            (
                format!("{source}[profile p]\n{ROLE}\nsource_profile = s\nduration_seconds = 1h\n"),
                6,
                Flaw::Duration,
            ),
            (
                format!(
                    "{source}[profile p]\n{ROLE}\nsource_profile = s\nduration_seconds = 899\n"
                ),
                6,
                Flaw::Duration,
            ),
            (
                format!(
                    "{source}[profile p]\n{ROLE}\nsource_profile = s\nduration_seconds = 3601\n"
                ),
                6,
                Flaw::ChainedDuration,
            ),
            (
                format!("[profile p]\n{ROLE}\ncredential_source = Container\n"),
                3,
                Flaw::NotASource,
            ),
            (
                format!("[profile p]\n{ROLE}\nsource_profile = s\n"),
                3,
                Flaw::NoSuchSource(s()),
            ),
            (
                format!("[profile p]\n{ROLE}\nsource_profile = p\n"),
                3,
                Flaw::Cycle,
            ),
            (
                format!("[profile p]\n{ROLE}\nsource_profile = s\n[profile s]\nregion = x\n"),
                3,
                Flaw::SourceWithoutCredentials(s()),
            ),
            (
                "[profile p]\ncredential_process = /opt/epicac | cat\n".to_owned(),
                2,
                Flaw::Command(CommandFlaw::Shell('|')),
            ),
            (
                "[profile p]\ncredential_process = /nowhere\n".to_owned(),
                2,
                Flaw::NoProgram("/nowhere".to_owned()),
            ),
            (
                "[profile p]\ncredential_process = /opt/text\n".to_owned(),
                2,
                Flaw::NotExecutable("/opt/text".to_owned()),
            ),
        ] {
            assert_eq!(flaws(&text), [(Some(line), flaw)], "{text}");
        }
    }

    #[test]
    fn a_role_that_is_assumed_by_a_role_lasts_an_hour() {
        const KEYS: &str = "aws_access_key_id = A\n";
        let role = |source: &str| format!("{ROLE}\nsource_profile = {source}\n");
        let web_identity = format!("{ROLE}\nweb_identity_token_file = /token\n");
        for (source, is_chained) in [
            ("credential_process = /opt/epicac\n".to_owned(), true),
            (role("keys"), true),
            (role("q"), true),
            (web_identity.clone(), true),
            (format!("{ROLE}\ncredential_source = Environment\n"), true),
            (KEYS.to_owned(), false),
            (role("s") + KEYS, false),
        ] {
            let used = role("s");
            let text = format!(
                "[profile p]\n{used}duration_seconds = 43200\n[profile s]\n{source}[profile q]\n{KEYS}"
            );
            let expected = is_chained.then_some((Some(4), Flaw::ChainedDuration));
            let expected: Vec<_> = expected.into_iter().collect();
            assert_eq!(flaws(&text), expected, "{text}");
        }
        let itself = format!("[profile p]\n{web_identity}duration_seconds = 43200\n");
        assert_eq!(flaws(&itself), []);
    }

    #[test]
    fn each_profile_of_a_cycle_is_found() {
        let text = format!(
            "[profile p]\n{ROLE}\nsource_profile = q\n[profile q]\n{ROLE}\nsource_profile = p\n"
        );
        assert_eq!(
            flaws(&text),
            [(Some(3), Flaw::Cycle), (Some(6), Flaw::Cycle)]
        );
    }

    #[test]
    fn the_profile_that_is_used_has_to_exist() {
        let text = "[profile q]\ncredential_process = /opt/epicac\n";
        let missing = Flaw::NoSuchProfile("p".to_owned());
        assert_eq!(flaws(text), [(None, missing)]);
    }

    #[test]
    fn what_an_sdk_may_work_without_is_a_note() {
        let surroundings = |profile: Option<&str>| Surroundings {
            profile: profile.map(str::to_owned),
            credentials: Vec::new(),
            region: false,
            look: &|_| Presence::Program,
        };
        let text = "[profile p]\ncredential_process = /opt/epicac\n";
        for (profile, flaw) in [
            (Some("p"), Flaw::NoRegion("p".to_owned())),
            (None, Flaw::NoDefault),
        ] {
            let (_, found) = aws_config::check(text, &surroundings(profile));
            assert!(flaw.is_note());
            assert_eq!(found, [Found { line: None, flaw }]);
        }
    }

    #[test]
    fn a_chain_leads_from_the_profile_to_its_credentials() {
        let text = format!(
            "[profile p]\n{ROLE}\nsource_profile = q\n[profile q]\n{ROLE}\nsource_profile = p\n"
        );
        let (config, _) = aws_config::parse::parse(&text);
        let names = |name| -> Vec<_> {
            let chain = chain(&config, name);
            chain.iter().map(|profile| &*profile.name).collect()
        };
        assert_eq!(names("p"), ["p", "q"]);
        assert_eq!(names("x"), [""; 0]);
    }
}
