//! The command of a `credential_process`. Some SDKs pass it to `sh -c`, and Python splits it into words by itself
//! (`behaviour.md` §6). A command works with every SDK only if both read it in the same way.

use super::error::LineError;
use std::path::Path;

/// The program that the command runs, or what is wrong with the command.
pub(super) fn program(command: &str) -> Result<String, LineError> {
    match words(command)?.into_iter().next() {
        None => Err(LineError::NoCommand),
        Some(program) if program.is_empty() => Err(LineError::NoCommand),
        Some(program) if sets_variable(&program) => Err(LineError::Assignment),
        Some(program) if program.contains('/') && !program.starts_with('/') => {
            Err(LineError::Relative)
        }
        Some(program) => Ok(program),
    }
}

/// Whether a shell takes the first word of a command for a variable and its value.
pub(in crate::cli) fn sets_variable(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.contains('/'))
}

/// The words of the command, by the rules of a POSIX shell for words and quotation marks. What else only a shell knows is
/// an error.
pub(in crate::cli) fn words(command: &str) -> Result<Vec<String>, LineError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let (quoted, behind) =
                    rest.as_str().split_once('\'').ok_or(LineError::OpenQuote)?;
                word.get_or_insert_default().push_str(quoted);
                rest = behind.chars();
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(LineError::OpenQuote)? {
                        '"' => break,
                        c @ ('$' | '`') => return Err(LineError::Shell(c)),
                        '\\' => match rest.next().ok_or(LineError::OpenQuote)? {
                            c @ ('"' | '\\') => word.push(c),
                            // A shell drops the backslash before these, Python keeps it.
                            c @ ('$' | '`') => return Err(LineError::Shell(c)),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => {
                let c = rest.next().ok_or(LineError::OpenQuote)?;
                word.get_or_insert_default().push(c);
            }
            '$' | '`' | '|' | '&' | ';' | '<' | '>' | '(' | ')' | '*' | '?' | '[' => {
                return Err(LineError::Shell(c));
            }
            '~' | '#' if word.is_none() => return Err(LineError::Shell(c)),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Whether the program of this path is epicac, by its name.
pub(in crate::cli) fn is_called_epicac(program: &str) -> bool {
    Path::new(program).file_name() == Some("epicac".as_ref())
}
