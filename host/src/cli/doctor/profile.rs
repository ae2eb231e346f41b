//! The aws-config, the profile that an SDK would use, and what that leads to: epicac, the endpoint, or something else.

use super::report::{Check, Claim};
use crate::cli::aws_config::{
    AwsConfig, Presence, Section, Surroundings, chain, is_called_epicac, other_type, words,
};
use crate::cli::config::{checked, located, profile_of_python, surroundings};
use crate::cli::roles::RoleOptions;
use clap::error::{ContextKind, ContextValue};
use epicac::file::{self, FileError};
use epicac_component::printable::Line;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const CONFIG: &str = "config";
const NAME: &str = "profile";

/// What the command line says of words that are to give credentials: the policy and the roles, if they do.
pub(in crate::cli) type Parsed = Result<Option<(Option<PathBuf>, RoleOptions)>, clap::Error>;

type Parse = fn(&[String]) -> Parsed;

/// What an SDK does by its profile, and what may be said of it.
#[derive(Default)]
pub(super) struct Used {
    pub(super) checks: Vec<Check>,
    /// The policy of the command, and the roles that it assumes.
    pub(super) policy: Option<PathBuf>,
    pub(super) roles: Option<RoleOptions>,
    pub(super) claim: Claim,
    /// Whether the credentials come from another program or source, so that epicac has no part in them.
    pub(super) is_elsewhere: bool,
}

/// Reads the aws-config, and follows the profile that an SDK would use.
pub(super) fn read(parse: Parse) -> Used {
    let mut used = follow(&surroundings(), parse);
    used.checks.extend(of_python());
    used
}

fn follow(surroundings: &Surroundings<'_>, parse: Parse) -> Used {
    let mut used = Used::default();
    let source = located().filter(|source| source.is_named || source.path.exists());
    let Some(source) = source else {
        let name = surroundings.used();
        if surroundings.credentials.iter().any(|known| known == name) {
            used.checks.push(Check::skipped(CONFIG, "there is none"));
            used.profile(&AwsConfig::default(), surroundings, parse);
            return used;
        }
        used.checks.push(match &surroundings.profile {
            Some(name) => Check::fail(
                CONFIG,
                format_args!(
                    "AWS_PROFILE names {}, and there is no aws-config",
                    Line(name)
                ),
                "set AWS_CONFIG_FILE to the path of one: `epicac config` prints it",
            ),
            None => Check::skipped(
                CONFIG,
                "there is none: SDKs ask the endpoint by themselves, as the pod's own role",
            ),
        });
        return used;
    };
    let (config, found) = match checked(&source.path, surroundings) {
        Ok(read) => read,
        Err(error) => {
            used.checks.push(Check::failed(CONFIG, error));
            return used;
        }
    };
    let path = source.path.to_string_lossy();
    let path = Line(&path);
    used.checks.extend(found.iter().map(|found| {
        let check = Check::failed(CONFIG, format_args!("{path}: {found}"));
        if found.is_error {
            check
        } else {
            check.into_warning()
        }
    }));
    if found.is_empty() {
        used.checks
            .push(Check::ok(CONFIG, format_args!("{path}: nothing wrong")));
    }
    if !found.iter().any(|found| found.is_error) {
        used.profile(&config, surroundings, parse);
        return used;
    }
    used.checks.push(Check::skipped(
        NAME,
        "the aws-config has to be put right first",
    ));
    // Even with problems in the file, the command of the profile is tried.
    let checks = std::mem::take(&mut used.checks);
    used.profile(&config, surroundings, parse);
    used.checks = checks;
    used
}

impl Used {
    /// The way from the profile to its credentials, and what they come from.
    fn profile(&mut self, config: &AwsConfig, surroundings: &Surroundings<'_>, parse: Parse) {
        let chain = chain(config, surroundings.used());
        let process = chain
            .last()
            .and_then(|origin| origin.value("credential_process"));
        // Where it cannot be split, that is a flaw of the file.
        let words = words(process.unwrap_or_default()).unwrap_or_default();
        let roles = chain.iter().filter_map(|profile| profile.value("role_arn"));
        let roles: Vec<&str> = roles.collect();
        if !roles.is_empty() {
            self.claim = Claim::ButRoles(roles.join(" and "));
        }
        self.checks.push(way(&chain, &words, !roles.is_empty()));
        if let Some(other) = source(&chain, surroundings) {
            self.is_elsewhere = true;
            self.is_not_tried("source", &other);
        } else if let Some(program) = words.first() {
            self.runs(program, &words, parse);
            if !self.is_elsewhere {
                self.checks.extend(shell(surroundings.look));
            }
        }
    }

    /// The credentials come from this program, with these words as its command.
    fn runs(&mut self, program: &str, words: &[String], parse: Parse) {
        let reason = if !is_epicac(program) {
            self.is_elsewhere = true;
            return self.is_not_tried("program", program);
        } else if is_another_file(Path::new(program)) {
            return self.is_not_tried("file called epicac", program);
        } else {
            match parse(words) {
                Ok(Some((policy, roles))) => {
                    self.policy = policy;
                    self.roles = Some(roles);
                    return;
                }
                Ok(None) => NO_CREDENTIALS.to_owned(),
                Err(error) => reason(&error),
            }
        };
        self.checks.push(Check::fail(
            NAME,
            format_args!(
                "epicac gives no credentials with the arguments of credential_process: {reason}"
            ),
            "write them as `epicac --help` has them",
        ));
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

const NO_CREDENTIALS: &str = "they ask for something else than credentials";

/// By its name, or because it is the program that runs now.
fn is_epicac(program: &str) -> bool {
    let file = |path: &Path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    let own = || env::current_exe().ok().and_then(|path| file(&path));
    let path = Path::new(program);
    is_called_epicac(program)
        || path.is_absolute() && file(path).is_some_and(|file| own() == Some(file))
}

/// Whether this path leads to something else than the program that runs now, as far as both can be read.
fn is_another_file(program: &Path) -> bool {
    let own = env::current_exe().ok().and_then(|path| fs::read(path).ok());
    let Some(own) = own.filter(|_| program.is_absolute()) else {
        return false;
    };
    match file::read(program, own.len()) {
        Ok(file) => file != own,
        Err(FileError::Io(_)) => false,
        Err(_) => true,
    }
}

/// What clap says of the arguments, on one line. A word that is no option may be anything, a secret, too, and
/// is not shown.
fn reason(error: &clap::Error) -> String {
    if !error.use_stderr() {
        return NO_CREDENTIALS.to_owned();
    }
    let is_word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => !word.starts_with('-'),
        _ => false,
    };
    if is_word(ContextKind::InvalidArg) || is_word(ContextKind::InvalidSubcommand) {
        return "a word is neither an option nor the value of one".to_owned();
    }
    let said = error.to_string();
    let line = said.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Where the credentials come from, if it is neither a command nor the endpoint.
fn source(chain: &[&Section], surroundings: &Surroundings<'_>) -> Option<String> {
    let origin = chain.last().copied();
    let source = origin.and_then(|origin| origin.value("source_profile"));
    // The first one counts only where it is the last: it may have a role beside keys of the same name.
    let alone = Some(surroundings.used()).filter(|_| chain.len() < 2);
    let names = chain.iter().skip(1).map(|profile| profile.name.as_str());
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

/// The way from the profile to its credentials. Of the command at its end only the program is shown: an argument may
/// be anything, a secret, too.
fn way(chain: &[&Section], words: &[String], has_role: bool) -> Check {
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
    let untried = if has_role {
        "; that the role may be assumed is not tried here"
    } else {
        ""
    };
    Check::ok(NAME, format_args!("{}{untried}", steps.join(" by ")))
}

/// Whether there is the shell that most SDKs start the command by (`behaviour.md` §6).
fn shell(look: &dyn Fn(&str) -> Presence) -> Option<Check> {
    if Path::new("/bin/sh").is_dir() {
        return Some(Check::warn(
            NAME,
            "/bin/sh is a folder: the SDKs for Go, Rust, Java and JavaScript start the command by it",
            "mount an image volume of epicac at /bin, where it has a file sh (docs/images.md)",
        ));
    }
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
fn of_python() -> Option<Check> {
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
