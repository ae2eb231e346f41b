//! The aws-config and the profile that an SDK would use. The profile leads to epicac, to the endpoint, or to something
//! else.

use super::finding::{self, Finding, Verdict};
use super::report::Check;
use crate::cli::aws_config::{
    AwsConfig, Presence, Section, Surroundings, chain, is_called_epicac, other_source, words,
};
use crate::cli::config::{checked, located, profile_of_python, surroundings};
use crate::cli::roles::RoleOptions;
use clap::error::{ContextKind, ContextValue};
use epicac::file::{self, FileError};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The policy and the roles of words that are to give credentials. Without an error, they ask for something else.
pub(in crate::cli) type Parsed = Result<(Option<PathBuf>, RoleOptions), Option<clap::Error>>;

type Parse = fn(&[String]) -> Parsed;

/// What an SDK does by its profile, and what may be said of it.
#[derive(Default)]
pub(super) struct Used {
    pub(super) checks: Vec<Check>,
    /// The policy of the command, and the roles that it assumes.
    pub(super) policy: Option<PathBuf>,
    pub(super) roles: RoleOptions,
    /// What may be said at the end.
    pub(super) claim: String,
    /// Whether the credentials come from another program or source, so that epicac has no part in them.
    pub(super) is_elsewhere: bool,
}

/// Reads the aws-config, and follows the profile that an SDK would use.
pub(super) fn read(parse: Parse) -> Used {
    let mut used = Used {
        claim: finding::ALL_TRIED.into(),
        ..Used::default()
    };
    used.config(&surroundings(), parse);
    used.checks.extend(profile_of_python().map(Check::from));
    used
}

impl Used {
    fn config(&mut self, surroundings: &Surroundings, parse: Parse) {
        let located = located().filter(|(path, is_named)| *is_named || path.exists());
        let Some((path, _)) = located else {
            let name = surroundings.used();
            let is_known = surroundings.knows(name);
            self.tell(match &surroundings.profile {
                _ if is_known => Finding::OnlyCredentials,
                Some((variable, name)) => Finding::NoConfigFor(variable, name.clone()),
                None => Finding::NoConfig,
            });
            if is_known {
                self.profile(&AwsConfig::default(), surroundings, parse);
            }
            return;
        };
        let (config, found) = match checked(&path, surroundings) {
            Ok(read) => read,
            Err(error) => return self.checks.push(Check::failed("config", &error.into())),
        };
        for it in &found {
            let verdict = match it.is_error {
                true => Verdict::Fail,
                false => Verdict::Warn,
            };
            let told = it.message("config", Some(&path));
            let check = Check::new("config", verdict, &told.why, &told.remedy);
            self.checks.push(check);
        }
        if found.is_empty() {
            self.tell(Finding::Config(path.display().to_string()));
        }
        let before = self.checks.len();
        self.profile(&config, surroundings, parse);
        if found.iter().any(|it| it.is_error) {
            // Even with problems in the file, the command of the profile is tried. Nothing is said of the profile.
            self.checks.truncate(before);
            self.tell(Finding::ConfigFirst);
        }
    }

    fn tell(&mut self, finding: Finding) {
        self.checks.push(finding.into());
    }

    /// The way from the profile to its credentials, and what they come from.
    fn profile(&mut self, config: &AwsConfig, surroundings: &Surroundings, parse: Parse) {
        let chain = chain(config, surroundings.used());
        let origin = chain.last();
        let process = origin.and_then(|origin| origin.value("credential_process"));
        // Where it cannot be split, that is a flaw of the file.
        let words = words(process.unwrap_or_default()).unwrap_or_default();
        let roles = chain.iter().filter_map(|profile| profile.value("role_arn"));
        let roles: Vec<&str> = roles.collect();
        if !roles.is_empty() {
            self.claim = finding::but_roles(&roles.join(" and "));
        }
        self.tell(match chain.is_empty() {
            true => Finding::NoProfile,
            false if roles.is_empty() => Finding::Chain(steps(&chain, &words)),
            false => Finding::ChainOfRoles(steps(&chain, &words)),
        });
        if let Some(other) = source(&chain, surroundings) {
            return self.comes_from("source", other);
        }
        let Some(program) = words.first() else {
            return;
        };
        match (is_called_epicac(program), is_own(Path::new(program))) {
            (false, None | Some(false)) => return self.comes_from("program", program.clone()),
            (true, Some(false)) => self.is_not_tried("file called epicac", program.clone()),
            (_, Some(true)) | (true, None) => self.runs(&words, parse),
        }
        self.checks.extend(shell(surroundings.look));
    }

    /// The credentials come from epicac, with these words as its command.
    fn runs(&mut self, words: &[String], parse: Parse) {
        match parse(words) {
            Ok((policy, roles)) => (self.policy, self.roles) = (policy, roles),
            Err(error) => self.tell(Finding::WrongArguments(reason(error))),
        }
    }

    fn comes_from(&mut self, kind: &'static str, what: String) {
        self.is_elsewhere = true;
        self.is_not_tried(kind, what);
    }

    /// Nothing is claimed of what is not run.
    fn is_not_tried(&mut self, kind: &'static str, what: String) {
        self.claim = finding::NOT_TRIED.into();
        self.tell(Finding::NotTried(kind, what));
    }
}

/// Whether this path leads to the program that runs now, as far as both can be read.
fn is_own(program: &Path) -> Option<bool> {
    let own = fs::read(env::current_exe().ok()?).ok()?;
    match file::read(program, own.len()) {
        _ if !program.is_absolute() => None,
        Ok(file) => Some(file == own),
        Err(FileError::Io(_)) => None,
        Err(_) => Some(false),
    }
}

/// What is wrong with the arguments, on one line. A word that is no option may be anything, a secret, too, and
/// is not shown.
fn reason(error: Option<clap::Error>) -> String {
    let Some(error) = error.filter(clap::Error::use_stderr) else {
        return "they ask for something else than credentials".to_owned();
    };
    let is_word = |kind| {
        let word = error.get(kind);
        matches!(word, Some(ContextValue::String(word)) if !word.starts_with('-'))
    };
    if is_word(ContextKind::InvalidArg) || is_word(ContextKind::InvalidSubcommand) {
        return "a word is neither an option nor the value of one".to_owned();
    }
    let said = error.to_string();
    let line = said.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// Where the credentials come from, if it is neither a command nor the endpoint.
fn source(chain: &[&Section], surroundings: &Surroundings) -> Option<String> {
    let origin = chain.last().copied();
    let source = origin.and_then(|origin| origin.value("source_profile"));
    // The first one counts only where it is the last: it may have a role beside keys of the same name.
    let alone = Some(surroundings.used()).filter(|_| chain.len() < 2);
    let names = chain.iter().skip(1).map(|profile| profile.name.as_str());
    let mut names = alone.into_iter().chain(names).chain(source);
    if let Some(name) = names.find(|name| surroundings.knows(name)) {
        return Some(format!("the profile {name} of the credentials file"));
    }
    let origin = origin?;
    if let Some(key) = other_source(origin) {
        return Some(key.to_owned());
    }
    let container = origin.value("credential_source")?;
    (container != "EcsContainer").then(|| format!("credential_source {container}"))
}

/// The way from the profile to its credentials. Of the command at its end only the program is shown: an argument may
/// be anything, a secret, too.
fn steps(chain: &[&Section], words: &[String]) -> String {
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
    steps.join(" by ")
}

/// Whether there is the shell that most SDKs start the command by (`behaviour.md` §6).
fn shell(look: fn(&str) -> Presence) -> Option<Check> {
    let is_there = |shell| look(shell) == Presence::Program;
    if Path::new("/bin/sh").is_dir() {
        Some(Finding::ShellIsFolder.into())
    } else {
        (!is_there("/bin/sh") && !is_there("sh")).then(|| Finding::NoShell.into())
    }
}
