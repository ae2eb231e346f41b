//! Under the name `sh`: what the AWS SDKs want of a shell, in images that have none.
//!
//! The SDKs for Go, Rust, Java and JavaScript start a credential process by `sh -c`. Copied or mounted as
//! `/bin/sh`, epicac answers that by running itself, and nothing else: it is no shell, and nobody who gets into
//! the container can start another program by it.

use super::aws_config::words;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;

/// The exit status where there is no shell, or not the command that one was asked for: as POSIX has it.
pub(super) const NOT_FOUND: u8 = 127;

/// Whether this is the name of a shell, by which the program was called.
pub(crate) fn is_called_so(name: &OsStr) -> bool {
    // With a hyphen a login shell is called.
    matches!(
        Path::new(name).file_name().and_then(OsStr::to_str),
        Some("sh" | "-sh")
    )
}

/// Why a shell was asked for in vain. Displays as `why (what to do)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShellFlaw {
    /// Not by `sh -c COMMAND`.
    NoCommand,
    /// More than epicac and its arguments.
    NotAlone,
}

impl fmt::Display for ShellFlaw {
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
    /// Whether what goes to standard error is to go to standard output.
    pub(super) merges_output: bool,
}

/// What the SDK for C++, and others on its libraries, put behind every command.
const MERGED: &str = " 2>&1";

/// The command that a shell is asked to run.
pub(super) fn command(arguments: &[OsString]) -> Result<Command, ShellFlaw> {
    let arguments: Vec<_> = arguments.iter().map(|it| it.to_str()).collect();
    // What ends the options is what the C library's `popen` sends.
    let ([Some("-c"), Some(command)] | [Some("-c"), Some("--"), Some(command)]) = arguments[..]
    else {
        return Err(ShellFlaw::NoCommand);
    };
    let command = command.trim();
    let (command, merges_output) = match command.strip_suffix(MERGED) {
        Some(command) => (command, true),
        None => (command, false),
    };
    let words = words(command).map_err(|_| ShellFlaw::NotAlone)?;
    let is_epicac = |word: &String| {
        let sets_variable = word
            .split_once('=')
            .is_some_and(|(name, _)| !name.contains('/'));
        !sets_variable && Path::new(word).file_name() == Some(OsStr::new("epicac"))
    };
    // A line break would begin another command.
    if command.contains(['\n', '\r']) || !words.first().is_some_and(is_epicac) {
        return Err(ShellFlaw::NotAlone);
    }
    Ok(Command {
        words,
        merges_output,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Result<Command, ShellFlaw> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        command(&arguments)
    }

    fn words_of(arguments: &[&str]) -> Vec<String> {
        let command = asked(arguments).unwrap();
        assert!(!command.merges_output, "{arguments:?}");
        command.words
    }

    #[test]
    fn only_the_names_of_a_shell_are_one() {
        for name in ["sh", "/bin/sh", "./sh", "-sh"] {
            assert!(is_called_so(name.as_ref()), "{name}");
        }
        for name in ["epicac", "/opt/epicac", "bash", "sh/epicac", "zsh", ""] {
            assert!(!is_called_so(name.as_ref()), "{name}");
        }
    }

    #[test]
    fn a_command_of_epicac_is_taken_apart() {
        for (arguments, words) in [
            (&["-c", "/opt/epicac"][..], &["/opt/epicac"][..]),
            (&["-c", "--", " epicac\n"], &["epicac"]),
            (&["-c", "/opt/a=b/epicac"], &["/opt/a=b/epicac"]),
            (
                &["-c", "/opt/epicac --policy '/etc/a policy' \"--tag\" a=b"],
                &["/opt/epicac", "--policy", "/etc/a policy", "--tag", "a=b"],
            ),
        ] {
            assert_eq!(words_of(arguments), words, "{arguments:?}");
        }
    }

    #[test]
    fn the_one_redirection_of_the_sdk_for_cpp_is_known() {
        let command = asked(&["-c", "/opt/epicac --policy /p 2>&1"]).unwrap();
        assert_eq!(command.words, ["/opt/epicac", "--policy", "/p"]);
        assert!(command.merges_output);
        for other in [
            "/opt/epicac 2>&1 2>&1",
            "/opt/epicac2>&1",
            "2>&1",
            "/opt/epicac 2>&1 x",
        ] {
            assert_eq!(asked(&["-c", other]), Err(ShellFlaw::NotAlone), "{other}");
        }
    }

    #[test]
    fn whatever_else_a_shell_does_is_refused() {
        for arguments in [
            &[][..],
            &["-c"],
            &["-i"],
            &["script"],
            &["-ec", "/opt/epicac"],
            &["-c", "/opt/epicac", "name"],
        ] {
            assert_eq!(asked(arguments), Err(ShellFlaw::NoCommand), "{arguments:?}");
        }
        for command in [
            "",
            "ls",
            "/bin/sh -c /opt/epicac",
            "exec /opt/epicac",
            "epicac.wasm",
            "A=/opt/epicac",
            "A=b /opt/epicac",
            "/opt/epicac; ls",
            "/opt/epicac\nls",
            "/opt/epicac && ls",
            "/opt/epicac | cat",
            "/opt/epicac > /file",
            "/opt/epicac $HOME",
            "/opt/epicac `id`",
            "$(id)/epicac",
            "'/opt/epicac",
            "{ /opt/epicac; }",
        ] {
            assert_eq!(
                asked(&["-c", command]),
                Err(ShellFlaw::NotAlone),
                "{command}"
            );
        }
    }
}
