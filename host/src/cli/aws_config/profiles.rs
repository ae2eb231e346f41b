//! The profiles of a config file: each by itself, and as the chains that `source_profile` makes of them.

use super::chain::{chain, circles};
use super::error::{LineError, Reach};
use super::found::{Found, short, spelled};
use super::parse::{AwsConfig, Property, Section, parse};
use super::surroundings::Surroundings;
use super::values;
use std::collections::BTreeSet;

/// The most findings: of a file that is something else altogether, the beginning is enough.
const FLAWS: usize = 100;

/// Keys for credentials of other sources than a role or a process. SDKs differ in which source they take first.
/// `sso_session` alone is none: it gives tokens, and no credentials.
#[rustfmt::skip]
const OTHER_SOURCES: [&str; 5] =
    ["aws_access_key_id", "web_identity_token_file", "sso_account_id", "sso_role_name", "login_session"];

/// Those of a role.
const ROLE_SOURCES: [&str; 3] = [
    "source_profile",
    "credential_source",
    "web_identity_token_file",
];

/// The content of the file, and the findings: the errors, the warnings, and the notes. Of each, those without a line
/// come first, then the lines in their order.
pub(in crate::cli) fn check(bytes: &[u8], surroundings: &Surroundings) -> (AwsConfig, Vec<Found>) {
    let (config, mut found) = match parse(bytes) {
        Ok(parsed) => parsed,
        Err(not_text) => return (AwsConfig::default(), vec![not_text]),
    };
    add(&config, surroundings, &mut found);
    let used = used_sections(&config, surroundings.used());
    let is_used = |line| config.sections_at(line).any(|name| used.contains(name));
    for it in &mut found {
        it.is_error = match it.reach {
            Reach::File => true,
            Reach::Profile => it.line.is_none_or(is_used),
            Reach::Nothing => false,
        };
    }
    // The errors first, as they decide whether the check fails: no number of warnings hides them.
    found.sort_by_key(|it| (!it.is_error, it.reach == Reach::Nothing, it.line));
    let of_no_line = found.iter().filter(|it| it.line.is_none()).count();
    found.truncate(FLAWS + of_no_line);
    (config, found)
}

/// Adds what will not work for some SDK, in these surroundings, to what was found; of a line, only one thing.
fn add(config: &AwsConfig, surroundings: &Surroundings, found: &mut Vec<Found>) {
    let mut more = Vec::new();
    for profile in config.profiles() {
        types(config, profile, &mut more);
        more.extend(source(config, profile, surroundings));
        for (key, property) in &profile.properties {
            if !property.is_cut {
                let flaw = values::flaw(config, profile, key, property, surroundings);
                more.extend(flaw.map(|it| at(property, it)));
            }
        }
    }
    let has_keys = |profile: &Section| {
        profile.value(ACCESS_KEY).is_some() || surroundings.knows(&profile.name)
    };
    let circles = circles(config, surroundings.used(), has_keys);
    let circles = circles
        .iter()
        .filter_map(|it| it.property("source_profile"));
    more.extend(circles.map(|it| at(it, LineError::Cycle)));
    more.extend(in_use(config, surroundings));
    more.extend(region(config, surroundings));
    let mut told: BTreeSet<_> = found.iter().filter_map(|it| it.line).collect();
    // Of two values of a key, nobody knows which one is meant.
    let twice = found.iter().filter_map(|it| match it.flaw {
        LineError::KeyTwice(_, first) => Some(first),
        _ => None,
    });
    let twice: BTreeSet<_> = twice.collect();
    more.retain(|it| {
        it.line
            .is_none_or(|line| !twice.contains(&line) && told.insert(line))
    });
    found.extend(more);
}

/// The names of the sections that the profile of this name depends on.
fn used_sections(config: &AwsConfig, name: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for profile in chain(config, name) {
        used.insert(profile.name.clone());
        for (key, kind) in [("sso_session", "sso-session"), ("services", "services")] {
            used.extend(profile.value(key).map(|name| format!("{kind} {name}")));
        }
    }
    used
}

/// The key of this profile for credentials of another source, if it has one.
pub(in crate::cli) fn other_source(profile: &Section) -> Option<&'static str> {
    OTHER_SOURCES
        .into_iter()
        .find(|key| profile.value(key).is_some())
}

/// Whether SDKs take credentials from this profile, or refuse it aloud. An empty value and half a pair of keys are told
/// by themselves.
fn is_source(profile: &Section) -> bool {
    let others = ROLE_SOURCES.into_iter().chain(OTHER_SOURCES);
    let mut keys = others.chain(["credential_process", "role_arn", SECRET_KEY]);
    keys.any(|key| profile.has(key))
}

const ACCESS_KEY: &str = "aws_access_key_id";
const SECRET_KEY: &str = "aws_secret_access_key";

/// The kinds of credentials of one profile.
fn types(config: &AwsConfig, profile: &Section, found: &mut Vec<Found>) {
    if let Some(process) = profile.property("credential_process") {
        found.extend(beside(profile).map(|it| at(process, it)));
        return;
    }
    let mut sources = ROLE_SOURCES
        .into_iter()
        .filter_map(|key| Some((key, profile.property(key)?)));
    if let (Some((first, _)), Some((second, property))) = (sources.next(), sources.next()) {
        found.push(at(property, LineError::TwoSources(first, second)));
    }
    // A key without a value is told by itself.
    match profile.property("role_arn") {
        Some(role) if !ROLE_SOURCES.iter().any(|key| profile.has(key)) => {
            found.push(at(role, LineError::RoleWithoutSource));
        }
        None if !profile.has("role_arn") => {
            found.extend(ROLE_SOURCES.into_iter().filter_map(|key| {
                let property = profile.property(key)?;
                Some(at(property, LineError::SourceWithoutRole(key)))
            }));
            found.extend(half_of_keys(profile));
            found.extend(part_of_sso(config, profile));
        }
        _ => {}
    }
}

/// What a profile has beside its `credential_process`, so that SDKs take different credentials from it.
fn beside(profile: &Section) -> Option<LineError> {
    let has = |key: &&str| profile.value(key).is_some();
    if has(&"role_arn") && !has(&"web_identity_token_file") {
        return Some(LineError::RoleBeside);
    }
    let refused = ROLE_SOURCES.into_iter().find(has);
    let refused = refused.map(LineError::RefusedBeside);
    refused.or_else(|| OTHER_SOURCES.into_iter().find(has).map(LineError::Beside))
}

/// One of the two parts of an access key, without the other one.
fn half_of_keys(profile: &Section) -> Option<Found> {
    let pair = [ACCESS_KEY, SECRET_KEY];
    let [id, secret] = pair.map(|key| profile.properties.get(key));
    let (property, missing) = match (id, secret) {
        (Some(id), None) => (id, SECRET_KEY),
        (None, Some(secret)) => (secret, ACCESS_KEY),
        _ => return None,
    };
    // What is nested in the place of a value is told by itself.
    let is_plain = property.nested.is_empty();
    is_plain.then(|| at(property, LineError::Part(missing.to_owned())))
}

/// What keeps SDKs from the single sign-on that the profile asks for.
fn part_of_sso(config: &AwsConfig, profile: &Section) -> Option<Found> {
    const OF_PROFILE: [&str; 2] = ["sso_account_id", "sso_role_name"];
    const OF_SESSION: [&str; 2] = ["sso_start_url", "sso_region"];
    let asked = OF_PROFILE.into_iter().find_map(|it| profile.property(it))?;
    let without = |mut keys: Vec<&str>, has: &dyn Fn(&str) -> bool| {
        keys.retain(|key| !has(key));
        (!keys.is_empty()).then(|| LineError::Part(keys.join(" and ")))
    };
    let mut keys = OF_PROFILE.to_vec();
    if !profile.has("sso_session") {
        keys.extend(OF_SESSION);
    }
    // An empty one of the profile is told by itself.
    if let Some(flaw) = without(keys, &|key| profile.has(key)) {
        return Some(at(asked, flaw));
    }
    let named = profile.property("sso_session")?;
    let Some(session) = config.other("sso-session", &named.value) else {
        let flaw = LineError::NoSuchSession(spelled(&named.value));
        return Some(at(named, flaw));
    };
    if let Some(flaw) = without(OF_SESSION.to_vec(), &|key| session.value(key).is_some()) {
        let reach = flaw.reach();
        return Some(Found::at(session.line, flaw, reach));
    }
    // Python and Go refuse two values of one key.
    session.properties.iter().find_map(|(key, of_session)| {
        let own = profile.property(key)?;
        let again = LineError::Again(short(key), of_session.line);
        (own.value != of_session.value).then(|| at(own, again))
    })
}

/// What is wrong with the source of one profile's role.
fn source(config: &AwsConfig, profile: &Section, surroundings: &Surroundings) -> Option<Found> {
    let source = profile.property("source_profile")?;
    // A profile with both is told already.
    if surroundings.knows(&source.value) || profile.has("credential_process") {
        return None;
    }
    let name = source.value.clone();
    let Some(of) = config.profile(&name) else {
        return Some(at(source, LineError::NoSuchSource(spelled(&name))));
    };
    let flaw = LineError::SourceWithoutCredentials(short(&name));
    (!is_source(of)).then(|| at(source, flaw))
}

/// Whether there is the profile that an SDK would use, and whether it gives credentials.
fn in_use(config: &AwsConfig, surroundings: &Surroundings) -> Option<Found> {
    let name = surroundings.used();
    if surroundings.knows(name) || config.all_of(name).any(is_source) {
        return None;
    }
    let (line, flaw) = match (config.profile(name), &surroundings.profile) {
        (None, None) => (None, LineError::NoDefault),
        (None, Some((variable, _))) => (None, LineError::NoSuchProfile(variable, spelled(name))),
        (Some(_), None) => (None, LineError::DefaultWithoutCredentials),
        (Some(profile), Some(_)) => {
            let line = Some(profile.line);
            (line, LineError::WithoutCredentials(spelled(name)))
        }
    };
    let reach = flaw.reach();
    Some(Found::at(line, flaw, reach))
}

/// Whether anything says which region it is.
fn region(config: &AwsConfig, surroundings: &Surroundings) -> Option<Found> {
    let profile = config.profile(surroundings.used())?;
    let is_said = surroundings.region || profile.has("region");
    let flaw = LineError::NoRegion(short(&profile.name));
    (!is_said).then(|| Found::at(None, flaw, Reach::Nothing))
}

fn at(property: &Property, flaw: LineError) -> Found {
    let reach = flaw.reach();
    Found::at(property.line, flaw, reach)
}
