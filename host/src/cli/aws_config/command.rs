//! The command of a `credential_process`. Some SDKs pass it to `sh -c`, and Python splits it into words by itself
//! (`behaviour.md` §6). A command works with every SDK only if both read it in the same way.

use crate::cli::sentences::LineError;
use std::path::Path;

/// The program that the command runs, or what is wrong with the command.
pub(super) fn program(command: &str) -> Result<String, LineError> {
    let program = words(command)?.into_iter().next();
    let program = program
        .filter(|program| !program.is_empty())
        .ok_or(LineError::NoCommand)?;
    match program.split_once('=') {
        Some((name, _)) if !name.contains('/') => return Err(LineError::Assignment),
        _ => {}
    }
    if program.contains('/') && !program.starts_with('/') {
        return Err(LineError::Relative);
    }
    Ok(program)
}

/// The words of the command, by the rules of a POSIX shell, and of nothing that only a shell knows.
pub(in crate::cli) fn words(command: &str) -> Result<Vec<String>, LineError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(LineError::OpenQuote)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
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
