//! The aws-config: what `epicac config` prints, and `epicac install` writes beside the program.

use crate::cli::words::{ExternalId, ProgramPath, Region, RoleProfile};
use clap::ValueEnum;
use std::fmt::{self, Write as _};

/// The profile of the pod's own role, in which the chains begin.
const BASE: &str = "src_role";

/// Where the README puts the program, and the component for `wasmtime run`.
const PROGRAM: &str = "/opt/epicac";
const COMPONENT: &str = "/opt/epicac.wasm";

/// Where the token of EKS Pod Identity is.
const TOKEN_FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";

/// The options that say what is in an aws-config.
#[derive(clap::Args)]
pub(in crate::cli) struct Roles {
    /// A profile NAME that becomes the role ROLE_ARN; give it once for each role
    #[arg(long = "profile", value_name = "NAME=ROLE_ARN")]
    pub(in crate::cli) profiles: Vec<RoleProfile>,

    /// The region of the profiles
    #[arg(long)]
    pub(in crate::cli) region: Option<Region>,

    /// The external id that the roles ask for
    #[arg(long, value_name = "ID", requires = "profiles")]
    external_id: Option<ExternalId>,

    /// How long the credentials of the roles last: from 900 to 3600, the most for a role assumed by a role
    #[arg(long, value_name = "SECONDS", requires = "profiles", value_parser = clap::value_parser!(u16).range(900..=3600))]
    duration: Option<u16>,

    /// Who assumes the roles: the SDK, from the profile of the pod's own role, or epicac itself
    #[arg(long, value_enum, default_value_t = Chain::Sdk)]
    chain: Chain,

    /// The path of the program for the application, where it is not the usual one
    #[arg(long)]
    pub(in crate::cli) path: Option<ProgramPath>,
}

/// Who assumes a role.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Chain {
    /// role_arn and source_profile
    Sdk,
    /// credential_process with --role-arn
    Epicac,
}

/// What runs the component.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Runtime {
    /// epicac
    Native,
    /// `wasmtime run`, which has to be on the application's PATH
    Wasmtime,
}

/// The command that gives the credentials of the pod's own role, and with `--role-arn` behind it those of
/// another.
pub(in crate::cli) struct Launch {
    command: String,
    /// The same, where a role is assumed by it.
    for_roles: String,
}

impl Launch {
    /// By this runtime, at this path or where the README has it.
    pub(in crate::cli) fn new(runtime: Runtime, path: Option<&ProgramPath>) -> Self {
        let or_usual = |usual: &str| path.map_or_else(|| usual.to_owned(), ToString::to_string);
        match runtime {
            Runtime::Native => Self {
                command: or_usual(PROGRAM),
                for_roles: or_usual(PROGRAM),
            },
            Runtime::Wasmtime => {
                let run = "wasmtime run -S http --env AWS_CONTAINER_CREDENTIALS_FULL_URI \
                           --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
                let region = "--env AWS_REGION --env AWS_DEFAULT_REGION";
                let component = or_usual(COMPONENT);
                Self {
                    command: format!("{run} --dir {TOKEN_FOLDER} {component}"),
                    for_roles: format!("{run} {region} --dir {TOKEN_FOLDER} {component}"),
                }
            }
        }
    }
}

/// Why profiles do not go together. Displays as `why (what to do)`.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) enum RolesFlaw {
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
    pub(in crate::cli) fn aws_config(&self, launch: &Launch) -> Result<String, RolesFlaw> {
        self.check()?;
        let mut text = String::new();
        for profile in &self.profiles {
            let RoleProfile { name, role } = profile;
            let name = name.to_string();
            let mut section = Section::new(&name);
            match self.chain {
                Chain::Sdk => {
                    section.set("role_arn", role);
                    section.set("source_profile", BASE);
                    section.set_some("external_id", self.external_id.as_ref());
                    section.set_some("duration_seconds", self.duration.as_ref());
                }
                Chain::Epicac => section.set("credential_process", self.assuming(launch, role)),
            }
            section.set_some("region", self.region.as_ref());
            text.push_str(&section.text);
            text.push('\n');
        }
        if self.chain == Chain::Sdk || self.profiles.is_empty() {
            let mut section = Section::new(BASE);
            section.set("credential_process", &launch.command);
            section.set_some("region", self.region.as_ref());
            text.push_str(&section.text);
        } else {
            // The last of the empty lines between sections.
            text.pop();
        }
        Ok(text)
    }

    fn check(&self) -> Result<(), RolesFlaw> {
        let mut names: Vec<String> = self.profiles.iter().map(|it| it.name.to_string()).collect();
        names.sort();
        for pair in names.windows(2) {
            if let [first, second] = pair
                && first == second
            {
                return Err(RolesFlaw::Twice(first.clone()));
            }
        }
        if names.iter().any(|name| name == BASE) {
            return Err(RolesFlaw::Base);
        }
        Ok(())
    }

    /// The command that assumes the role by itself.
    fn assuming(&self, launch: &Launch, role: impl fmt::Display) -> String {
        let mut command = format!("{} --role-arn {role}", launch.for_roles);
        // Writing to a string cannot fail.
        if let Some(id) = &self.external_id {
            let _ = write!(command, " --external-id {id}");
        }
        if let Some(seconds) = self.duration {
            let _ = write!(command, " --duration {seconds}");
        }
        if let Some(region) = &self.region {
            let _ = write!(command, " --region {region}");
        }
        command
    }
}

/// A section as it is written.
struct Section {
    text: String,
}

impl Section {
    fn new(profile: &str) -> Self {
        // Every SDK knows the default profile without the prefix, and not every one with it.
        let text = match profile {
            "default" => "[default]\n".to_owned(),
            name => format!("[profile {name}]\n"),
        };
        Self { text }
    }

    fn set(&mut self, key: &str, value: impl fmt::Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{key} = {value}");
    }

    fn set_some(&mut self, key: &str, value: Option<impl fmt::Display>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }
}

impl fmt::Display for RolesFlaw {
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
