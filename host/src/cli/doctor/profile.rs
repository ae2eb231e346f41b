//! The profile that an SDK would use, the way from it to its credentials, and what these come from.

use super::command::Command;
use super::report::{Check, Claim};
use crate::cli::aws_config::{
    AwsConfig, Presence, Section, Surroundings, chain, other_type, words,
};
use crate::cli::config::profile_of_python;
use crate::cli::roles::RoleOptions;
use std::path::PathBuf;

const NAME: &str = "profile";

/// What an SDK runs, and what may be said of it.
#[derive(Default)]
pub(super) struct Used {
    pub(super) checks: Vec<Check>,
    /// The policy of the command, and the roles that it assumes.
    pub(super) policy: Option<PathBuf>,
    pub(super) roles: Option<RoleOptions>,
    pub(super) claim: Claim,
}

/// Follows the profile that an SDK would use.
pub(super) fn used(config: &AwsConfig, surroundings: &Surroundings<'_>) -> Used {
    let name = surroundings.profile.as_deref().unwrap_or("default");
    let chain = chain(config, name);
    let origin = chain.last().copied();
    let process = origin.and_then(|origin| origin.value("credential_process"));
    // Where it cannot be split, that is a flaw of the file.
    let words = words(process.unwrap_or_default()).unwrap_or_default();
    let program = words.first().map(String::as_str);
    let command = Command::of(&words);
    let roles: Vec<&str> = chain
        .iter()
        .filter_map(|profile| profile.value("role_arn"))
        .collect();
    let mut used = Used {
        checks: vec![way(&chain, &words)],
        claim: if roles.is_empty() {
            Claim::Credentials
        } else {
            Claim::ButRoles(roles.join(" and "))
        },
        ..Used::default()
    };
    if let Some(other) = elsewhere(name, &chain, surroundings) {
        used.is_not_tried("source", &other);
    } else if let Some(program) = program {
        used.runs(command, program);
        used.checks.extend(shell(surroundings.look));
    }
    used
}

impl Used {
    /// The program of the profile gives the credentials, by this command.
    fn runs(&mut self, command: Command, program: &str) {
        match command {
            Command::Epicac { policy, roles } => {
                self.policy = policy;
                self.roles = Some(roles);
            }
            Command::Refused(reason) => self.checks.push(Check::fail(
                NAME,
                format_args!(
                    "epicac gives no credentials with the arguments of credential_process: {reason}"
                ),
                "write them as `epicac --help` has them",
            )),
            Command::Other => self.is_not_tried("program", program),
            Command::Unlike => self.is_not_tried("file called epicac", program),
        }
    }

    /// Nothing is claimed of what is not run.
    fn is_not_tried(&mut self, kind: &str, what: &str) {
        self.claim = Claim::Nothing;
        self.checks.push(Check::warn(
            NAME,
            format_args!("another {kind}, {what}: not tried here"),
            "make a call with the SDK to see",
        ));
    }
}

/// Where the credentials come from, if it is neither a command nor the endpoint.
fn elsewhere(name: &str, chain: &[&Section], surroundings: &Surroundings<'_>) -> Option<String> {
    let origin = chain.last().copied();
    let source = origin.and_then(|origin| origin.value("source_profile"));
    // The first one counts only where it is the last: it may have a role beside keys of the same name.
    let names = chain.iter().skip(1).map(|profile| profile.name.as_str());
    let alone = Some(name).filter(|_| chain.len() < 2);
    let mut names = alone.into_iter().chain(names).chain(source);
    let known = &surroundings.credentials;
    if let Some(name) = names.find(|name| known.iter().any(|known| known == name)) {
        return Some(format!("the profile {name} of the credentials file"));
    }
    let origin = origin?;
    if let Some(key) = other_type(origin) {
        return Some(key.to_owned());
    }
    let container = origin.value("credential_source")?;
    (container != "EcsContainer").then(|| format!("credential_source {container}"))
}

/// The way from the profile to its credentials, of which the roles are the SDK's to assume, and the words of the
/// command at its end. Of these only the first one is shown: others may be anything, a secret, too.
fn way(chain: &[&Section], words: &[String]) -> Check {
    if chain.is_empty() {
        return Check::skipped(
            NAME,
            "the one that an SDK would use is not in the aws-config",
        );
    }
    let process = words.split_first().map(|(program, arguments)| {
        let more = if arguments.is_empty() { "" } else { " …" };
        program.clone() + more
    });
    let step = |profile: &&Section| {
        let value = |key| match key {
            "credential_process" => profile.value(key).and(process.as_deref()),
            _ => profile.value(key),
        };
        let what = ["credential_process", "credential_source", "role_arn"]
            .into_iter()
            .find_map(|key| value(key).map(|value| format!(" ({key} {value})")));
        profile.name.clone() + &what.unwrap_or_default()
    };
    let steps: Vec<String> = chain.iter().map(step).collect();
    let has_role = chain
        .iter()
        .any(|profile| profile.value("role_arn").is_some());
    let untried = if has_role {
        "; that the role may be assumed is not tried here"
    } else {
        ""
    };
    Check::ok(NAME, format_args!("{}{untried}", steps.join(" by ")))
}

/// Whether there is the shell that most SDKs start the command by (`behaviour.md` §6).
fn shell(look: &dyn Fn(&str) -> Presence) -> Option<Check> {
    let is_there = |shell| look(shell) == Presence::Program;
    (!is_there("/bin/sh") && !is_there("sh")).then(|| {
        Check::warn(
            NAME,
            "there is no sh: Python and the AWS CLI start the command by themselves, \
             the SDKs for Go, Rust, Java and JavaScript by sh",
            "copy or mount epicac as /bin/sh too (docs/images.md)",
        )
    })
}

/// What to know where Python takes another profile than the other SDKs do.
pub(super) fn of_python() -> Option<Check> {
    let (name, is_alone) = profile_of_python()?;
    Some(if is_alone {
        Check::warn(
            NAME,
            format_args!(
                "AWS_DEFAULT_PROFILE names {name}, and the SDKs for Rust, Java and JavaScript do not know it"
            ),
            "set AWS_PROFILE to the same",
        )
    } else {
        Check::warn(
            NAME,
            format_args!(
                "Python and the AWS CLI take AWS_DEFAULT_PROFILE first, which names {name}"
            ),
            "unset it, or set both to the same",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::report::Verdict;
    use super::*;
    use crate::cli::aws_config;

    /// What is told of the profile `p` in this text, where there are these programs.
    fn told(text: &str, programs: &[&str]) -> (Vec<(Verdict, String)>, Claim) {
        let surroundings = Surroundings {
            profile: Some("p".to_owned()),
            credentials: vec!["keys".to_owned()],
            region: true,
            look: &|program| {
                if programs.contains(&program) {
                    Presence::Program
                } else {
                    Presence::Missing
                }
            },
        };
        let (config, _) = aws_config::check(text, &surroundings);
        let used = used(&config, &surroundings);
        let told = used.checks.iter().map(Check::told);
        let told = told.map(|(verdict, detail)| (verdict, detail.to_owned()));
        (told.collect(), used.claim)
    }

    #[test]
    fn what_is_not_tried_is_told_and_nothing_is_claimed() {
        const ROLE: &str = "role_arn = arn:aws:iam::222222222222:role/dest\n";
        for (text, what) in [
            (
                format!(
                    "{ROLE}source_profile = s\n[profile s]\naws_access_key_id = x\nsource_profile = t\n\
                     [profile t]\ncredential_process = /opt/epicac\n"
                ),
                "another source, aws_access_key_id: not",
            ),
            (
                "credential_process = /bin/true hunter2\n".to_owned(),
                "another program, /bin/true: not",
            ),
            (
                format!("{ROLE}source_profile = keys\n"),
                "another source, the profile keys of the credentials file: not",
            ),
            (
                "aws_access_key_id = AKIA\n".to_owned(),
                "another source, aws_access_key_id: not",
            ),
            (
                format!("{ROLE}credential_source = Ec2InstanceMetadata\n"),
                "another source, credential_source Ec2InstanceMetadata: not",
            ),
        ] {
            let (told, claim) = told(&format!("[profile p]\n{text}"), &["sh"]);
            let [(Verdict::Ok, way), (Verdict::Warn, warning)] = told.as_slice() else {
                panic!("{text}: {told:?}");
            };
            assert!(warning.starts_with(what), "{warning}");
            assert!(!way.contains("hunter2"), "{way}");
            assert_eq!(claim, Claim::Nothing);
        }
    }

    #[test]
    fn a_role_that_the_sdk_assumes_is_not_claimed() {
        let role = |n| format!("role_arn = arn:aws:iam::222222222222:role/{n}\n");
        let text = format!(
            "[profile p]\n{}source_profile = q\n[profile q]\n{}source_profile = s\n\
             [profile s]\ncredential_process = /opt/epicac\n",
            role(1),
            role(2)
        );
        let arn = "arn:aws:iam::222222222222:role/";
        let both = Claim::ButRoles(format!("{arn}1 and {arn}2"));
        assert_eq!(told(&text, &["/bin/sh"]).1, both);
        let container = format!("[profile p]\n{}credential_source = EcsContainer\n", role(3));
        assert_eq!(told(&container, &[]).1, Claim::ButRoles(format!("{arn}3")));
        let alone = "[profile p]\ncredential_process = /opt/epicac --role-arn x\n";
        let (told, claim) = told(alone, &["sh"]);
        assert_eq!(claim, Claim::Credentials);
        let way = "p (credential_process /opt/epicac …)".to_owned();
        assert_eq!(told, [(Verdict::Ok, way)]);
    }

    #[test]
    fn a_command_needs_a_shell_with_most_sdks() {
        let text = "[profile p]\ncredential_process = /opt/epicac\n";
        for (programs, expected) in [(&["/bin/sh"][..], 1), (&["sh"], 1), (&["/usr/bin/sh"], 2)] {
            let (told, claim) = told(text, programs);
            assert_eq!(told.len(), expected, "{told:?}");
            assert!(told.iter().skip(1).all(|(verdict, detail)| {
                *verdict == Verdict::Warn && detail.starts_with("there is no sh: ")
            }));
            assert_eq!(claim, Claim::Credentials);
        }
        assert_eq!(told("[profile p]\nregion = x\n", &[]).0.len(), 1);
    }
}
