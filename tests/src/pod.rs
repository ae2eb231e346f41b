//! A pod: the environment that EKS gives it, and the AWS config that its owner mounts.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::aws::{ACCOUNT, Aws};
use crate::{Agent, Serving, paths, test_token};

/// The region of the cluster.
const REGION: &str = "us-west-2";

/// A pod whose `credential_process` is still to be said.
pub struct Pod {
    /// EKS Pod Identity.
    pub agent: Agent,
    folder: TempDir,
}

impl Pod {
    /// A pod whose agent answers as EKS does.
    pub fn new() -> Self {
        Self::with(Agent::start().expect("the stand-in agent starts"))
    }

    /// A pod with an agent of its own.
    pub fn with(agent: Agent) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let pod = Self { agent, folder };
        fs::write(pod.token_file(), test_token(3600)).expect("the token can be written");
        pod
    }

    /// The command that runs the native host.
    pub fn epicac(&self) -> Option<String> {
        Some(quoted(&paths::epicac()?))
    }

    /// The command that runs the component with the wasmtime CLI: HTTP, the variables that name the
    /// endpoint and the token, and the folder of the token are all that is granted.
    pub fn wasmtime_run(&self) -> Option<String> {
        let (wasmtime, wasm) = (paths::wasmtime()?, paths::wasm()?);
        Some(format!(
            "{} run -S http --env AWS_CONTAINER_CREDENTIALS_FULL_URI \
             --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE --dir {} {}",
            quoted(&wasmtime),
            quoted(self.folder.path()),
            quoted(&wasm)
        ))
    }

    /// Runs a program in the pod, as the role of the other account by way of `credential_process`.
    pub fn run(&self, program: &mut Command, credential_process: &str, aws: &Aws) -> Output {
        self.prepare(program, credential_process, aws)
            .output()
            .expect("the program starts")
    }

    /// Gives a program the pod's environment and nothing else.
    pub fn prepare<'a>(
        &self,
        program: &'a mut Command,
        credential_process: &str,
        aws: &Aws,
    ) -> &'a mut Command {
        let config = format!(
            "[profile dest_role]\n\
             role_arn = arn:aws:iam::{ACCOUNT}:role/destination\n\
             role_session_name = real-flow\n\
             source_profile = src_role\n\
             [profile src_role]\n\
             credential_process = {credential_process}\n"
        );
        self.prepare_with(program, &config, aws)
    }

    /// The same with this aws-config.
    pub fn prepare_with<'a>(
        &self,
        program: &'a mut Command,
        aws_config: &str,
        aws: &Aws,
    ) -> &'a mut Command {
        let config = self.folder.path().join("aws-config");
        fs::write(&config, aws_config).expect("the config can be written");
        self.prepare_bare(program, aws)
            .env("AWS_CONFIG_FILE", config)
            .env("AWS_PROFILE", "dest_role")
            .envs(self.added_by_eks(&self.token_file()))
    }

    /// Gives a program the environment of a container beside `epicac serve`: no aws-config, and not the variables of
    /// the agent, because EKS leaves a container alone that has them already.
    pub fn prepare_beside<'a>(
        &self,
        program: &'a mut Command,
        serving: &Serving,
        aws: &Aws,
    ) -> &'a mut Command {
        self.prepare_bare(program, aws)
            .env("AWS_REGION", REGION)
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", serving.uri())
            .env(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                serving.token_file(),
            )
    }

    fn prepare_bare<'a>(&self, program: &'a mut Command, aws: &Aws) -> &'a mut Command {
        program
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &aws.endpoint)
            // What the Go SDK assumes the role with knows only this one.
            .env("AWS_ENDPOINT_URL_STS", &aws.endpoint)
    }

    /// The variables that EKS adds to each container of a pod whose service account has an association, where
    /// the token is mounted as `token_file`.
    pub fn added_by_eks(&self, token_file: &Path) -> [(&'static str, OsString); 4] {
        [
            ("AWS_REGION", REGION.into()),
            ("AWS_DEFAULT_REGION", REGION.into()),
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                self.agent.url().into(),
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token_file.into()),
        ]
    }

    /// The folder of the token, and of nothing else that epicac should read.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The file of the token.
    pub fn token_file(&self) -> PathBuf {
        self.folder.path().join("eks-pod-identity-token")
    }
}

impl Default for Pod {
    fn default() -> Self {
        Self::new()
    }
}

/// A path as one word of a `credential_process`. Quotes only where they must be: the Go SDK takes the first
/// and the last of a value that begins and ends with one for quotes around the whole of it.
fn quoted(path: &Path) -> String {
    let path = path.display().to_string();
    if path.contains(char::is_whitespace) {
        format!("\"{path}\"")
    } else {
        path
    }
}
