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

/// The words of the command that a shell is asked to run: the name of this program, and its arguments.
pub(super) fn command(arguments: &[OsString]) -> Result<Vec<String>, ShellFlaw> {
    let arguments: Vec<_> = arguments.iter().map(|it| it.to_str()).collect();
    // What ends the options is what the C library's `popen` sends.
    let ([Some("-c"), Some(command)] | [Some("-c"), Some("--"), Some(command)]) = arguments[..]
    else {
        return Err(ShellFlaw::NoCommand);
    };
    let command = command.trim();
    let words = words(command).map_err(|_| ShellFlaw::NotAlone)?;
    let is_epicac = |word: &String| {
        // A line break would begin another command, and what holds `=` would set a variable.
        !word.contains('=') && Path::new(word).file_name() == Some(OsStr::new("epicac"))
    };
    if command.contains(['\n', '\r']) || !words.first().is_some_and(is_epicac) {
        return Err(ShellFlaw::NotAlone);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Result<Vec<String>, ShellFlaw> {
        let arguments: Vec<_> = arguments.iter().map(OsString::from).collect();
        command(&arguments)
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
            (
                &["-c", "/opt/epicac --policy '/etc/a policy' \"--tag\" a=b"],
                &["/opt/epicac", "--policy", "/etc/a policy", "--tag", "a=b"],
            ),
        ] {
            let words: Vec<_> = words.iter().map(ToString::to_string).collect();
            assert_eq!(asked(arguments), Ok(words), "{arguments:?}");
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
