//! The command of a `credential_process`, which some SDKs hand to `sh -c`, and Python splits into words by
//! itself (`behaviour.md` §6): only what both do in the same way works with every SDK.

use super::flaw::Flaw;

/// Why some SDK does not run the command as it was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum CommandFlaw {
    /// No program.
    Empty,
    /// A quote without its end.
    OpenQuote,
    /// A quote around all of it, of which Go takes the first and the last off.
    QuotedWhole,
    /// What only a shell expands, or acts upon.
    Shell(char),
    /// A variable set before the program.
    Assignment,
    /// A path that is relative to the working directory of the application.
    Relative,
}

/// The program that the command runs, or what is wrong with the command.
pub(super) fn program(command: &str) -> Result<String, Flaw> {
    split(command).map_err(Flaw::Command)
}

fn split(command: &str) -> Result<String, CommandFlaw> {
    let program = words(command)?.into_iter().next();
    let program = program
        .filter(|program| !program.is_empty())
        .ok_or(CommandFlaw::Empty)?;
    for quote in ['"', '\''] {
        if command.starts_with(quote) && command.ends_with(quote) {
            return Err(CommandFlaw::QuotedWhole);
        }
    }
    match program.split_once('=') {
        Some((name, _)) if !name.contains('/') => return Err(CommandFlaw::Assignment),
        _ => {}
    }
    if program.contains('/') && !program.starts_with('/') {
        return Err(CommandFlaw::Relative);
    }
    Ok(program)
}

/// The words of the command, by the rules of a POSIX shell, and of nothing that only a shell knows.
pub(in crate::cli) fn words(command: &str) -> Result<Vec<String>, CommandFlaw> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = command.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(CommandFlaw::OpenQuote)? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next().ok_or(CommandFlaw::OpenQuote)? {
                        '"' => break,
                        c @ ('$' | '`') => return Err(CommandFlaw::Shell(c)),
                        '\\' => match rest.next().ok_or(CommandFlaw::OpenQuote)? {
                            c @ ('"' | '\\') => word.push(c),
                            // A shell drops the backslash before these, Python keeps it.
                            c @ ('$' | '`') => return Err(CommandFlaw::Shell(c)),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => {
                let c = rest.next().ok_or(CommandFlaw::OpenQuote)?;
                word.get_or_insert_default().push(c);
            }
            '$' | '`' | '|' | '&' | ';' | '<' | '>' | '(' | ')' | '*' | '?' | '[' => {
                return Err(CommandFlaw::Shell(c));
            }
            '~' | '#' if word.is_none() => return Err(CommandFlaw::Shell(c)),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_sdk_runs_passes() {
        for (command, program) in [
            ("/opt/epicac", "/opt/epicac"),
            ("/opt/epicac --policy '/etc/a policy.json'", "/opt/epicac"),
            ("\"/opt/a b/epicac\" --policy /p", "/opt/a b/epicac"),
            (r"/opt/a\ b/epicac --policy /p", "/opt/a b/epicac"),
            ("wasmtime run -S http /opt/epicac.wasm", "wasmtime"),
            (
                "/opt/epicac --role-arn arn:aws:iam::1:role/a=b@c '$x' a~b c#d",
                "/opt/epicac",
            ),
        ] {
            assert_eq!(split(command).as_deref(), Ok(program), "{command}");
        }
    }

    #[test]
    fn what_only_some_sdks_run_is_found() {
        for (command, flaw) in [
            ("''", CommandFlaw::Empty),
            ("'/opt/epicac", CommandFlaw::OpenQuote),
            ("/opt/epicac \"", CommandFlaw::OpenQuote),
            ("/opt/epicac \\", CommandFlaw::OpenQuote),
            ("\"/opt/epicac\"", CommandFlaw::QuotedWhole),
            ("'/opt/a b' 'c'", CommandFlaw::QuotedWhole),
            ("$HOME/epicac", CommandFlaw::Shell('$')),
            ("/opt/epicac \"$X\"", CommandFlaw::Shell('$')),
            ("/opt/epicac \"\\$X\"", CommandFlaw::Shell('$')),
            ("~/epicac", CommandFlaw::Shell('~')),
            ("/opt/epicac `id`", CommandFlaw::Shell('`')),
            ("/opt/epicac | jq .", CommandFlaw::Shell('|')),
            ("/opt/epicac 2>/dev/null", CommandFlaw::Shell('>')),
            ("/opt/epicac;", CommandFlaw::Shell(';')),
            ("/opt/epicac && true", CommandFlaw::Shell('&')),
            ("/opt/epi* ", CommandFlaw::Shell('*')),
            ("A=b /opt/epicac", CommandFlaw::Assignment),
            ("./epicac", CommandFlaw::Relative),
            ("bin/epicac", CommandFlaw::Relative),
        ] {
            assert_eq!(split(command), Err(flaw), "{command}");
        }
    }
}
