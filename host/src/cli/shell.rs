//! epicac under the name `sh`, for AWS SDKs in images without a shell.
//!
//! The SDKs for Go, Rust, Java and JavaScript start a credential process by `sh -c`. As `/bin/sh`, epicac accepts
//! such a call if the command is epicac itself, and runs that. It runs no other program, so it is of no use to
//! an intruder.

use super::aws_config::{is_called_epicac, sets_variable, words};
use super::error::VerbError;
use std::ffi::{OsStr, OsString};
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

/// Where standard error goes instead.
enum Stderr {
    /// `2>&1`: what the SDK for C++ puts behind every command, and the AWS Common Runtime did until 2024.
    Stdout,
    /// `2> /dev/null`: what the AWS Common Runtime puts behind every command now.
    Nowhere,
}

const NULL: &str = "/dev/null";
const BLANK: [char; 2] = [' ', '\t'];

/// The arguments of this program in the command that a shell is asked to run. Standard error goes where the command
/// says.
pub(super) fn arguments(arguments: &[OsString]) -> Result<Vec<OsString>, VerbError> {
    let arguments: Vec<_> = arguments.iter().map(|it| it.to_str()).collect();
    // What ends the options is what the C library's `popen` sends.
    let ([Some("-c"), Some(command)] | [Some("-c"), Some("--"), Some(command)]) = arguments[..]
    else {
        return Err(VerbError::NoCommand);
    };
    let mut command = command.trim();
    let mut stderr = None;
    // One of the profile, and one that is put behind it: the last one counts.
    while let Some((before, to)) = before_redirection(command) {
        stderr = stderr.or(Some(to));
        command = before;
    }
    let mut words = words(command).map_err(|_| VerbError::NotAlone)?.into_iter();
    let program = words.next().unwrap_or_default();
    // A line break would begin another command.
    if !is_called_epicac(&program) || sets_variable(&program) || command.contains(['\n', '\r']) {
        return Err(VerbError::NotAlone);
    }
    #[cfg(target_os = "linux")]
    redirect(stderr);
    Ok(words.map(OsString::from).collect())
}

/// The command before a redirection of standard error at its end, if there is one.
fn before_redirection(command: &str) -> Option<(&str, Stderr)> {
    let (before, target) = command.rsplit_once("2>")?;
    let (target, expected, stderr) = match target.strip_prefix('&') {
        Some(descriptor) => (descriptor, "1", Stderr::Stdout),
        // `2>|` writes to a file that is there, whatever the shell's options say.
        None => {
            let file = target.strip_prefix('|').unwrap_or(target);
            (file, NULL, Stderr::Nowhere)
        }
    };
    // Without white space before it, the digit belongs to a word.
    let is_one = before.ends_with(BLANK) && words(target).is_ok_and(|it| it == [expected]);
    is_one.then(|| (before.trim_end_matches(BLANK), stderr))
}

/// Redirects standard error. If that fails, it stays as it is.
#[cfg(target_os = "linux")]
fn redirect(stderr: Option<Stderr>) {
    let _ = match stderr {
        None => Ok(()),
        Some(Stderr::Stdout) => rustix::stdio::dup2_stderr(io::stdout()),
        Some(Stderr::Nowhere) => match OpenOptions::new().write(true).open(NULL) {
            Ok(null) => rustix::stdio::dup2_stderr(null),
            Err(_) => Ok(()),
        },
    };
}
