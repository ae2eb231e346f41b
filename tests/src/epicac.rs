//! Running the built `epicac`.
#![allow(
    clippy::panic,
    clippy::expect_used,
    reason = "these are assertions of tests"
)]

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use crate::credentials::{SECRET_ACCESS_KEY, SESSION_TOKEN};
use crate::{Agent, Outcome, paths};

/// Longer than any run may take; a run that takes this long is killed, and the test fails.
const DEADLINE: Duration = Duration::from_secs(40);

/// One run of `epicac`, with no environment but the given variables.
///
/// The binary is the one that the variable `EPICAC` names, or else the static one of a release for this processor.
#[derive(Debug)]
pub struct Epicac {
    prefix: Vec<OsString>,
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, OsString)>,
    secrets: Vec<String>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
    user: Option<u32>,
}

impl Epicac {
    /// A run with an empty environment.
    pub fn new() -> Epicac {
        Epicac {
            prefix: Vec::new(),
            program: None,
            arguments: Vec::new(),
            variables: Vec::new(),
            secrets: vec![SECRET_ACCESS_KEY.to_owned(), SESSION_TOKEN.to_owned()],
            stdout: None,
            stderr: None,
            user: None,
        }
    }

    /// A run whose full URI is that of the agent's credentials.
    pub fn asking(agent: &Agent) -> Epicac {
        Epicac::new().full_uri(agent.url())
    }

    /// The binary under test. Panics with the command that builds it when it is not there.
    pub fn path() -> PathBuf {
        let path = env::var_os("EPICAC").map_or_else(paths::static_epicac_path, PathBuf::from);
        path.canonicalize().unwrap_or_else(|error| {
            panic!(
                "{}: {error}; `cargo xtask test behaviour` builds it, or name another one by the \
                 variable EPICAC",
                path.display()
            )
        })
    }

    /// With a variable.
    #[must_use]
    pub fn var(mut self, name: &str, value: impl AsRef<OsStr>) -> Epicac {
        self.variables
            .push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// With `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
    #[must_use]
    pub fn full_uri(self, uri: impl AsRef<OsStr>) -> Epicac {
        self.var("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri)
    }

    /// With `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`.
    #[must_use]
    pub fn relative_uri(self, uri: impl AsRef<OsStr>) -> Epicac {
        self.var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", uri)
    }

    /// With `AWS_CONTAINER_AUTHORIZATION_TOKEN`, a secret from then on.
    #[must_use]
    pub fn token(self, token: &str) -> Epicac {
        self.secret(token)
            .var("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)
    }

    /// With `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`. Its content is for [`Epicac::secret`] to tell.
    #[must_use]
    pub fn token_file(self, path: impl AsRef<Path>) -> Epicac {
        self.var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path.as_ref())
    }

    /// With text that must not occur on stderr. The secrets of [`credentials`](crate::credentials) never
    /// may.
    #[must_use]
    pub fn secret(mut self, text: &str) -> Epicac {
        self.secrets.push(text.to_owned());
        self
    }

    /// With a command-line argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Epicac {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Run by another program, which gets the path of `epicac` and its arguments after its own.
    #[must_use]
    pub fn under<S: AsRef<OsStr>>(mut self, prefix: impl IntoIterator<Item = S>) -> Epicac {
        self.prefix
            .extend(prefix.into_iter().map(|part| part.as_ref().to_owned()));
        self
    }

    /// Run by another path, which leads to it.
    #[must_use]
    pub fn at(mut self, path: impl Into<PathBuf>) -> Epicac {
        self.program = Some(path.into());
        self
    }

    /// With another standard error, which is then not captured.
    #[must_use]
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Epicac {
        self.stderr = Some(stderr.into());
        self
    }

    /// Run as another user, which only root can do.
    #[must_use]
    pub fn user(mut self, id: u32) -> Epicac {
        self.user = Some(id);
        self
    }

    /// With another standard output, which is then not captured.
    #[must_use]
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Epicac {
        self.stdout = Some(stdout.into());
        self
    }

    /// Starts it, for a test that talks to it. Its output is piped.
    pub fn start(self) -> Child {
        self.spawn().0
    }

    fn spawn(self) -> (Child, Vec<String>) {
        let program = self.program.unwrap_or_else(Epicac::path);
        let words: Vec<OsString> = [self.prefix, vec![program.into()], self.arguments].concat();
        let (program, arguments) = words.split_first().expect("at least epicac");
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(self.variables);
        command.stdin(Stdio::null());
        command.stdout(self.stdout.unwrap_or_else(Stdio::piped));
        command.stderr(self.stderr.unwrap_or_else(Stdio::piped));
        if let Some(user) = self.user {
            use std::os::unix::process::CommandExt as _;
            command.uid(user).gid(user);
        }
        (
            command.spawn().expect("epicac can be started"),
            self.secrets,
        )
    }

    /// Runs it to its end.
    pub fn run(self) -> Outcome {
        let started = Instant::now();
        let (mut child, secrets) = self.spawn();
        let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
        let stdout = receive(&stdout, started, &mut child);
        let stderr = receive(&stderr, started, &mut child);
        let status = child.wait().expect("a child can be waited for");
        Outcome {
            status,
            stdout,
            stderr,
            took: started.elapsed(),
            secrets,
        }
    }
}

impl Default for Epicac {
    fn default() -> Epicac {
        Epicac::new()
    }
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes));
        sender.send(read.map(|_| bytes))
    });
    receiver
}

fn receive(pipe: &Receiver<io::Result<Vec<u8>>>, started: Instant, child: &mut Child) -> Vec<u8> {
    let left = DEADLINE.saturating_sub(started.elapsed());
    let Ok(bytes) = pipe.recv_timeout(left) else {
        let _ = child.kill();
        let _ = child.wait();
        panic!("epicac was killed: it still ran after {DEADLINE:?}");
    };
    bytes.expect("a pipe can be read")
}
