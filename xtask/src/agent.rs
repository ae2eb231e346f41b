//! The stand-in agent as a process.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::{Result, process};

/// A stand-in agent on a free port of the loopback address; it ends when this is dropped.
pub struct Agent {
    process: Child,
    /// The URI of its credentials.
    pub uri: String,
    /// The URL of the stand-in for AWS STS, if one was asked for by `--sts`.
    pub sts: Option<String>,
    /// The file with an authorization token that it accepts.
    pub token_file: PathBuf,
}

impl Agent {
    /// Starts the program with more options and waits until it listens; its token file lies in `folder`.
    pub fn start(program: &Path, folder: &Path, options: &[&str]) -> Result<Self> {
        fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        let token_file = folder.join("eks-pod-identity-token");
        let mut command = process::command(program);
        command
            .args(["--listen", "127.0.0.1:0", "--write-token"])
            .arg(&token_file)
            .args(options);
        println!("  $ {}", process::shown(&command));
        let process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;

        let mut agent = Self {
            process,
            uri: String::new(),
            sts: None,
            token_file,
        };
        let stdout = agent
            .process
            .stdout
            .take()
            .ok_or("the stand-in agent has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let mut told = |prefix: &str| {
            let line = lines
                .next()
                .ok_or("the stand-in agent ended before it listened")?
                .map_err(|error| format!("cannot read from the stand-in agent: {error}"))?;
            let url = line.strip_prefix(prefix).map(str::to_owned);
            url.ok_or_else(|| format!("the stand-in agent says `{line}`, not where it listens"))
        };
        agent.uri = told("listening on ")?;
        if options.contains(&"--sts") {
            agent.sts = Some(told("sts on ")?);
        }
        Ok(agent)
    }

    /// The environment variables that EKS gives to a pod, for this agent.
    pub fn environment(&self) -> [(&'static str, String); 2] {
        [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.uri.clone()),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                self.token_file.display().to_string(),
            ),
        ]
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // It ends when its standard input does.
        drop(self.process.stdin.take());
        drop(self.process.wait());
    }
}
