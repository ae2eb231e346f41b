//! The command of a `credential_process`. Some SDKs pass it to `sh -c`, and Python splits it into words by itself
//! (`behaviour.md` §6). A command works with every SDK only if both read it in the same way.

/// Why some SDK does not run the command as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum CommandError {
    /// No program.
    Empty,
    /// A quote without its end.
    OpenQuote,
    /// What only a shell expands, or acts upon.
    Shell(char),
    /// A variable set before the program.
    Assignment,
    /// A path that is relative to the working directory of the application.
    Relative,
}

/// The program that the command runs, or what is wrong with the command.
pub(super) fn program(command: &str) -> Result<String, CommandError> {
    let program = words(command)?.into_iter().next();
    let program = program
        .filter(|program| !program.is_empty())
        .ok_or(CommandError::Empty)?;
    match program.split_once('=') {
        Some((name, _)) if !name.contains('/') => return Err(CommandError::Assignment),
        _ => {}
    }
    if program.contains('/') && !program.starts_with('/') {
        return Err(CommandError::Relative);
    }
    Ok(program)
}

/// The words of the command, by the rules of a POSIX shell, and of nothing that only a shell knows.
pub(in crate::cli) fn words(command: &str) -> Result<Vec<String>, CommandError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(CommandError::OpenQuote)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(CommandError::OpenQuote)? {
                        '"' => break,
                        c @ ('$' | '`') => return Err(CommandError::Shell(c)),
                        '\\' => match rest.next().ok_or(CommandError::OpenQuote)? {
                            c @ ('"' | '\\') => word.push(c),
                            // A shell drops the backslash before these, Python keeps it.
                            c @ ('$' | '`') => return Err(CommandError::Shell(c)),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => {
                let c = rest.next().ok_or(CommandError::OpenQuote)?;
                word.get_or_insert_default().push(c);
            }
            '$' | '`' | '|' | '&' | ';' | '<' | '>' | '(' | ')' | '*' | '?' | '[' => {
                return Err(CommandError::Shell(c));
            }
            '~' | '#' if word.is_none() => return Err(CommandError::Shell(c)),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}
