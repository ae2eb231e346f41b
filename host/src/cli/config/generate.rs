//! The aws-config: what `epicac config` prints, and `epicac install` writes beside the program.

use crate::cli::error::VerbError;
use crate::cli::words::{Parser, duration, external_id, program_path, region, role_profile};

/// The profile of the pod's own role, in which the chains begin.
const BASE: &str = "src_role";

/// The usual paths of the program, and of the component for `wasmtime run`.
const PROGRAM: &str = "/opt/epicac";
const COMPONENT: &str = "/opt/epicac.wasm";

/// Up to what is granted for roles alone.
const WASMTIME: &str = "wasmtime run -S http --env AWS_CONTAINER_CREDENTIALS_FULL_URI \
                        --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const FOR_ROLES: &str = " --env AWS_REGION --env AWS_DEFAULT_REGION";
/// Where the token of EKS Pod Identity is.
const TOKEN: &str = " --dir /var/run/secrets/pods.eks.amazonaws.com/serviceaccount ";

/// The options that say what is in an aws-config.
#[derive(clap::Args)]
pub(in crate::cli) struct Roles {
    /// A profile NAME that becomes the role ROLE_ARN; give it once for each role
    #[arg(long = "profile", value_name = "NAME=ROLE_ARN", value_parser = role_profile as Parser)]
    profiles: Vec<String>,

    /// The region of the profiles
    #[arg(long, value_parser = region as Parser)]
    region: Option<String>,

    /// The external id that the roles ask for
    #[arg(long, value_name = "ID", requires = "profiles", value_parser = external_id as Parser)]
    external_id: Option<String>,

    /// How long the credentials of the roles last: from 900 to 3600, the most for a role assumed by a role
    #[arg(long, value_name = "SECONDS", requires = "profiles", value_parser = duration as Parser)]
    duration: Option<String>,

    /// Who assumes the roles: the SDK, from the profile of the pod's own role, or epicac itself
    #[arg(long, default_value = SDK, requires = "profiles", value_parser = [SDK, "epicac"])]
    chain: String,

    /// The path of the program for the application, where it is not the usual one
    #[arg(long, value_parser = program_path as Parser)]
    pub(in crate::cli) path: Option<String>,
}

const SDK: &str = "sdk";

impl Roles {
    /// Whether anything is asked for that only an aws-config can hold.
    pub(in crate::cli) fn are_given(&self) -> bool {
        !self.profiles.is_empty() || self.region.is_some() || self.path.is_some()
    }

    /// The text of the aws-config, with the native program or with the wasmtime command line.
    pub(in crate::cli) fn aws_config(&self, by_wasmtime: bool) -> Result<String, VerbError> {
        let usual = if by_wasmtime { COMPONENT } else { PROGRAM };
        let path = self.path.as_deref().unwrap_or(usual);
        let command = |for_roles: &str| match by_wasmtime {
            true => [WASMTIME, for_roles, TOKEN, path].concat(),
            false => path.to_owned(),
        };
        let own = command("");
        let region = ("region", self.region.as_deref());
        let external_id = self.external_id.as_deref();
        let duration = self.duration.as_deref();
        let mut sections = Vec::new();
        let mut names = vec![BASE];
        for (name, role) in self.profiles.iter().filter_map(|it| it.split_once('=')) {
            match name {
                BASE => return Err(VerbError::OwnProfile(BASE)),
                _ if names.contains(&name) => return Err(VerbError::TwoProfiles(name.to_owned())),
                _ => names.push(name),
            }
            sections.push(if self.chain == SDK {
                let role = ("role_arn", Some(role));
                let source = ("source_profile", Some(BASE));
                let (id, seconds) = (("external_id", external_id), ("duration_seconds", duration));
                section(name, &[role, source, id, seconds, region])
            } else {
                let mut command = command(FOR_ROLES);
                for (option, value) in [
                    ("role-arn", Some(role)),
                    ("external-id", external_id),
                    ("duration", duration),
                    region,
                ] {
                    // A value that begins with `-` is one only behind a `=`.
                    command += &value.map_or(String::new(), |it| format!(" --{option}={it}"));
                }
                section(name, &[("credential_process", Some(&command)), region])
            });
        }
        if self.chain == SDK || sections.is_empty() {
            sections.push(section(BASE, &[("credential_process", Some(&own)), region]));
        }
        Ok(sections.join("\n"))
    }
}

/// The profile of this name, with the properties that have a value.
fn section(name: &str, properties: &[(&str, Option<&str>)]) -> String {
    // Every SDK knows the default profile without the prefix, and not every one with it.
    let prefix = if name == "default" { "" } else { "profile " };
    let mut text = format!("[{prefix}{name}]\n");
    for (key, value) in properties {
        text += &value.map_or(String::new(), |value| format!("{key} = {value}\n"));
    }
    text
}
