//! The aws-config: what `epicac config` prints, and `epicac install` writes beside the program.

use crate::cli::words::{DURATION, EXTERNAL_ID, PROGRAM_PATH, REGION, ROLE_PROFILE, Word};
use std::fmt;

/// The profile of the pod's own role, in which the chains begin.
const BASE: &str = "src_role";

/// The usual paths of the program, and of the component for `wasmtime run`.
const PROGRAM: &str = "/opt/epicac";
const COMPONENT: &str = "/opt/epicac.wasm";

/// Where the token of EKS Pod Identity is.
const TOKEN_FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";

/// The options that say what is in an aws-config.
#[derive(clap::Args)]
pub(in crate::cli) struct Roles {
    /// A profile NAME that becomes the role ROLE_ARN; give it once for each role
    #[arg(long = "profile", value_name = "NAME=ROLE_ARN", value_parser = ROLE_PROFILE)]
    profiles: Vec<Word>,

    /// The region of the profiles
    #[arg(long, value_parser = REGION)]
    region: Option<Word>,

    /// The external id that the roles ask for
    #[arg(long, value_name = "ID", requires = "profiles", value_parser = EXTERNAL_ID)]
    external_id: Option<Word>,

    /// How long the credentials of the roles last: from 900 to 3600, the most for a role assumed by a role
    #[arg(long, value_name = "SECONDS", requires = "profiles", value_parser = DURATION)]
    duration: Option<Word>,

    /// Who assumes the roles: the SDK, from the profile of the pod's own role, or epicac itself
    #[arg(long, default_value = "sdk", requires = "profiles", value_parser = CHAINS)]
    chain: String,

    /// The path of the program for the application, where it is not the usual one
    #[arg(long, value_parser = PROGRAM_PATH)]
    pub(in crate::cli) path: Option<Word>,
}

/// Who assumes a role: the SDK, or epicac. As texts, these and the runtimes share one parser of clap's.
const CHAINS: [&str; 2] = [SDK, "epicac"];
const SDK: &str = "sdk";

/// The command that gives the credentials of the pod's own role, and with `--role-arn` behind it those of
/// another.
pub(in crate::cli) struct Launch {
    command: String,
    /// The same, where a role is assumed by it.
    for_roles: String,
}

impl Launch {
    /// By the native program, at this path or at the usual one.
    pub(in crate::cli) fn native(path: Option<&Word>) -> Self {
        let command = path.map_or(PROGRAM, Word::as_str);
        Self {
            command: command.to_owned(),
            for_roles: command.to_owned(),
        }
    }

    /// By the wasmtime command line, with the component at this path or at the usual one.
    pub(in crate::cli) fn wasmtime(path: Option<&Word>) -> Self {
        const RUN: &str = "wasmtime run -S http --env AWS_CONTAINER_CREDENTIALS_FULL_URI \
                           --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
        const REGION: &str = " --env AWS_REGION --env AWS_DEFAULT_REGION";
        let component = path.map_or(COMPONENT, Word::as_str);
        let granting = |region| [RUN, region, " --dir ", TOKEN_FOLDER, " ", component].concat();
        Self {
            command: granting(""),
            for_roles: granting(REGION),
        }
    }
}

/// Why profiles do not go together. Displays as `why (what to do)`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) enum RolesError {
    /// Two of this name.
    Twice(String),
    /// One has the name of the profile in which the chains begin.
    Base,
}

impl Roles {
    /// Whether anything is asked for that only an aws-config can hold.
    pub(in crate::cli) fn are_given(&self) -> bool {
        !self.profiles.is_empty() || self.region.is_some() || self.path.is_some()
    }

    /// The text of the aws-config.
    pub(in crate::cli) fn aws_config(&self, launch: &Launch) -> Result<String, RolesError> {
        self.check()?;
        let by_sdk = self.chain == SDK;
        let mut text = String::new();
        for (name, role) in self.named() {
            open(&mut text, name);
            if by_sdk {
                set(&mut text, "role_arn", Some(role));
                set(&mut text, "source_profile", Some(BASE));
                set(&mut text, "external_id", word(&self.external_id));
                set(&mut text, "duration_seconds", word(&self.duration));
            } else {
                let command = self.assuming(launch, role);
                set(&mut text, "credential_process", Some(&command));
            }
            set(&mut text, "region", word(&self.region));
        }
        if by_sdk || self.profiles.is_empty() {
            open(&mut text, BASE);
            set(&mut text, "credential_process", Some(&launch.command));
            set(&mut text, "region", word(&self.region));
        }
        Ok(text)
    }

    /// The profiles, as name and role.
    fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        let profiles = self.profiles.iter();
        profiles.filter_map(|profile| profile.as_str().split_once('='))
    }

    fn check(&self) -> Result<(), RolesError> {
        for (index, (name, _)) in self.named().enumerate() {
            if name == BASE {
                return Err(RolesError::Base);
            }
            if self.named().skip(index + 1).any(|(other, _)| other == name) {
                return Err(RolesError::Twice(name.to_owned()));
            }
        }
        Ok(())
    }

    /// The command that assumes the role by itself.
    fn assuming(&self, launch: &Launch, role: &str) -> String {
        let mut command = launch.for_roles.clone();
        for (option, value) in [
            // A value that begins with `-` is one only behind a `=`.
            (" --role-arn=", Some(role)),
            (" --external-id=", word(&self.external_id)),
            (" --duration=", word(&self.duration)),
            (" --region=", word(&self.region)),
        ] {
            if let Some(value) = value {
                command.push_str(option);
                command.push_str(value);
            }
        }
        command
    }
}

fn word(word: &Option<Word>) -> Option<&str> {
    word.as_ref().map(Word::as_str)
}

/// Begins the section of a profile, after an empty line.
fn open(text: &mut String, profile: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    // Every SDK knows the default profile without the prefix, and not every one with it.
    let prefix = if profile == "default" {
        "["
    } else {
        "[profile "
    };
    text.push_str(&[prefix, profile, "]\n"].concat());
}

/// Adds a property, if it has a value.
fn set(text: &mut String, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        text.push_str(&[key, " = ", value, "\n"].concat());
    }
}

impl fmt::Display for RolesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(name) => write!(
                f,
                "two of them are called {name} (give each --profile a name of its own)"
            ),
            Self::Base => write!(
                f,
                "{BASE} is the profile of the pod's own role, in which the others begin (give --profile another name)"
            ),
        }
    }
}
