//! epicac under the name `sh`, for AWS SDKs in images without a shell.
//!
//! The SDKs for Go, Rust, Java and JavaScript start a credential process by `sh -c`. As `/bin/sh`, epicac accepts
//! such a call if the command is epicac itself, and runs that. It runs no other program, so it is of no use to
//! an intruder.

use super::aws_config::{is_called_epicac, words};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

/// The exit status of POSIX for a command that is not found.
pub(super) const NOT_FOUND: u8 = 127;

/// Whether this is the name of a shell, by which the program was called.
pub(super) fn is_called_so(name: &OsStr) -> bool {
    // With a hyphen a login shell is called.
    matches!(
        Path::new(name).file_name().and_then(OsStr::to_str),
        Some("sh" | "-sh")
    )
}

/// Why a command is refused. Displays as `why (what to do)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShellError {
    /// Not by `sh -c COMMAND`.
    NoCommand,
    /// More than epicac and its arguments.
    NotAlone,
}

impl fmt::Display for ShellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCommand => {
                "no shell: it was called as sh, and not as sh -c COMMAND (this is epicac, in the place of a shell for a credential_process)"
            }
            Self::NotAlone => {
                "no shell: the command is not that of epicac alone (write the path of epicac and its arguments, without anything that only a shell knows; for other programs add a shell to the image)"
            }
        })
    }
}

/// What a shell is asked to run.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// The name of this program, and its arguments.
    pub(super) words: Vec<String>,
    stderr: Option<Stderr>,
}

/// Where standard error goes instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stderr {
    /// `2>&1`: what the SDK for C++ puts behind every command, and the AWS Common Runtime did until 2024.
    Stdout,
    /// `2> /dev/null`: what the AWS Common Runtime puts behind every command now.
    Nowhere,
}

impl Command {
    /// Redirects standard error. If that fails, standard error stays as it is.
    pub(super) fn redirect(&self) {
        #[cfg(target_os = "linux")]
        match self.stderr {
            None => {}
            Some(Stderr::Stdout) => {
                let _ = rustix::stdio::dup2_stderr(io::stdout());
            }
            Some(Stderr::Nowhere) => {
                if let Ok(null) = OpenOptions::new().write(true).open(NULL) {
                    let _ = rustix::stdio::dup2_stderr(null);
                }
            }
        }
    }
}

const NULL: &str = "/dev/null";
const BLANK: [char; 2] = [' ', '\t'];

/// The command before a redirection of standard error at its end, if there is one.
fn before_redirection(command: &str) -> Option<(&str, Stderr)> {
    let (before, stderr) = match command.strip_suffix("&1") {
        Some(before) => (before, Stderr::Stdout),
        None => {
            let before = command.strip_suffix(NULL)?;
            (before.trim_end_matches(BLANK), Stderr::Nowhere)
        }
    };
    // Without white space before it, the digit belongs to a word.
    let command = before.strip_suffix("2>").filter(|it| it.ends_with(BLANK))?;
    Some((command.trim_end_matches(BLANK), stderr))
}

/// The command that a shell is asked to run.
pub(super) fn command(arguments: &[OsString]) -> Result<Command, ShellError> {
    let arguments: Vec<_> = arguments.iter().map(|it| it.to_str()).collect();
    // What ends the options is what the C library's `popen` sends.
    let ([Some("-c"), Some(command)] | [Some("-c"), Some("--"), Some(command)]) = arguments[..]
    else {
        return Err(ShellError::NoCommand);
    };
    let mut command = command.trim();
    let mut stderr = None;
    // One of the profile, and one that is put behind it: the last one counts.
    while let Some((before, to)) = before_redirection(command) {
        stderr = stderr.or(Some(to));
        command = before;
    }
    let words = words(command).map_err(|_| ShellError::NotAlone)?;
    let is_epicac = |word: &String| {
        let sets_variable = word
            .split_once('=')
            .is_some_and(|(name, _)| !name.contains('/'));
        !sets_variable && is_called_epicac(word)
    };
    // A line break would begin another command.
    if command.contains(['\n', '\r']) || !words.first().is_some_and(is_epicac) {
        return Err(ShellError::NotAlone);
    }
    Ok(Command { words, stderr })
}
