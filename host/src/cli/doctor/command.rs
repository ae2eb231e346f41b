//! What a `credential_process` runs: epicac, with which arguments, or another program.

use crate::cli::Arguments;
use crate::cli::roles::RoleOptions;
use clap::Parser as _;
use clap::error::{ContextKind, ContextValue};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// What becomes of the words of a command.
pub(super) enum Command {
    /// epicac prints credentials: within this policy, and of these roles, if there are any.
    Epicac {
        policy: Option<PathBuf>,
        roles: RoleOptions,
    },
    /// epicac prints none, for this reason.
    Refused(String),
    /// Nobody knows here: it is another program.
    Other,
    /// Nor here: it is called epicac, and is another file than the one that runs now.
    Unlike,
}

impl Command {
    /// Tells by the words, the first of which is the program.
    pub(super) fn of(words: &[String]) -> Self {
        let Some(program) = words.first().filter(|program| is_epicac(program)) else {
            return Self::Other;
        };
        if is_another_file(Path::new(program)) {
            return Self::Unlike;
        }
        match Arguments::try_parse_from(words) {
            Ok(Arguments {
                verb: None,
                policy,
                roles,
            }) => Self::Epicac { policy, roles },
            Ok(_) => Self::Refused(NO_CREDENTIALS.to_owned()),
            Err(error) => Self::Refused(reason(&error)),
        }
    }
}

const NO_CREDENTIALS: &str = "they ask for something else than credentials";

/// By its name, or because it is the program that runs now.
fn is_epicac(program: &str) -> bool {
    let program = Path::new(program);
    let file = |path: &Path| {
        let metadata = fs::metadata(path).ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    let own = || env::current_exe().ok().and_then(|path| file(&path));
    program.file_name().is_some_and(|name| name == "epicac")
        || program.is_absolute() && file(program).is_some_and(|file| own() == Some(file))
}

/// Whether the file at this path holds something else than the program that runs now, as far as both can be read.
fn is_another_file(program: &Path) -> bool {
    let read = |path: PathBuf| fs::read(path).ok();
    let Some(own) = env::current_exe().ok().and_then(read) else {
        return false;
    };
    program.is_absolute() && read(program.to_owned()).is_some_and(|file| file != own)
}

/// What clap says of the arguments, on one line. A word that is no option may be anything, a secret, too, and
/// is not shown.
fn reason(error: &clap::Error) -> String {
    if !error.use_stderr() {
        return NO_CREDENTIALS.to_owned();
    }
    let is_word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => !word.starts_with('-'),
        _ => false,
    };
    if is_word(ContextKind::InvalidArg) || is_word(ContextKind::InvalidSubcommand) {
        return "a word is neither an option nor the value of one".to_owned();
    }
    let said = error.to_string();
    let line = said.lines().next().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(command: &str) -> Command {
        let words: Vec<_> = command.split(' ').map(str::to_owned).collect();
        Command::of(&words)
    }

    #[test]
    fn epicac_is_known_by_its_name_or_as_this_program() {
        let own = env::current_exe().unwrap();
        for program in ["/opt/epicac", "epicac", own.to_str().unwrap()] {
            assert!(matches!(of(program), Command::Epicac { .. }), "{program}");
        }
        for program in ["/bin/true", "wasmtime run /opt/epicac", ""] {
            assert!(matches!(of(program), Command::Other), "{program}");
        }
    }

    #[test]
    fn its_policy_and_its_roles_are_read() {
        let command = "/opt/epicac --policy=/p --role-arn nonsense";
        let Command::Epicac { policy, roles } = of(command) else {
            panic!("{command}");
        };
        assert_eq!(policy, Some("/p".into()));
        // A role, or else it could be granted.
        assert!(roles.grants().is_err());
    }

    #[test]
    fn what_epicac_refuses_is_told_without_what_may_be_secret() {
        for (arguments, expected) in [
            ("--polcy=hunter2", "unexpected argument '--polcy' found"),
            ("hunter2", "a word is neither"),
            ("--policy /p hunter2", "a word is neither"),
            ("policy check /p hunter2", "a word is neither"),
            ("--policy", "a value is required for '--policy <FILE>'"),
            (
                "--external-id hunter2",
                "--external-id comes before any role",
            ),
            ("--role-arn a --duration hunter2", "--duration"),
            ("--version", NO_CREDENTIALS),
            ("--help", NO_CREDENTIALS),
            ("doctor", NO_CREDENTIALS),
        ] {
            let Command::Refused(reason) = of(&format!("/opt/epicac {arguments}")) else {
                panic!("{arguments}");
            };
            assert!(reason.contains(expected), "{arguments}: {reason}");
            assert!(
                !reason.contains('\n') && !reason.contains("hunter2"),
                "{reason}"
            );
        }
    }
}
