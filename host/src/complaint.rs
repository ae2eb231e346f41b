//! What may leave the sandbox on stderr: one line of the component's, made fit for a terminal and a log.

use crate::grants::Grants;
use epicac_component::environment::TOKEN;
use epicac_component::printable::printable;
use std::borrow::Cow;

/// The most characters of a line that are shown.
const CHARS: usize = 2_000;

/// What stands in place of the authorization token.
const REDACTED: &str = "[redacted]";

/// What is shorter cannot be a secret, and may well be a part of other words.
const SECRET_BYTES: usize = 8;

/// The component's line `epicac: …` without its beginning, if it printed one: without what could end the
/// line or disguise it, and without the authorization token, should it stand there as it is.
///
/// This is for a component that errs. One that means ill could write the token in another way, or tell
/// what the endpoint answered; whoever reads stderr is whom the credentials were for.
pub(crate) fn line(stderr: &[u8], grants: &Grants) -> Option<String> {
    let text = str::from_utf8(stderr).ok()?;
    let text = text.strip_prefix("epicac: ")?.strip_suffix('\n')?;
    let line: String = printable(text).collect();
    let line = secrets(grants)
        .iter()
        .map(|secret| secret.trim())
        .filter(|secret| secret.len() >= SECRET_BYTES)
        .fold(line, |line, secret| line.replace(secret, REDACTED));
    let line: String = line.chars().take(CHARS).collect();
    (!line.is_empty()).then_some(line)
}

/// The authorization token, by variable and by file.
fn secrets(grants: &Grants) -> Vec<Cow<'_, str>> {
    let variables = grants.variables().iter();
    let variables = variables
        .filter(|(name, _)| name == TOKEN)
        .map(|(_, value)| Cow::from(value));
    // The file as it is now. Should it have been rotated within this run, the old token is missed.
    let file = grants.token_file().and_then(|file| file.content().ok());
    let file = file.map(|bytes| Cow::from(String::from_utf8_lossy(&bytes).into_owned()));
    variables.chain(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stderr: &[u8]) -> Option<String> {
        let token = (TOKEN.to_owned(), "a-token-of-this-test".to_owned());
        line(stderr, &Grants::from_variables([token]))
    }

    #[test]
    fn a_complaint_is_one_printable_line_of_bounded_length() {
        assert_eq!(shown(b"epicac: a: b (c)\n").as_deref(), Some("a: b (c)"));
        assert_eq!(
            shown(b"epicac: a\nepicac: b\n").as_deref(),
            Some("a epicac: b")
        );
        let hostile = "epicac: \x1b[2Ja\r\x07\u{9b}b\u{202e}c\u{2028}d\n";
        assert_eq!(shown(hostile.as_bytes()).as_deref(), Some("[2Jabcd"));
        let long = format!("epicac: {}\n", "\u{fc}".repeat(4_000));
        assert_eq!(shown(long.as_bytes()).unwrap().chars().count(), CHARS);
    }

    #[test]
    fn what_is_no_complaint_is_not_shown() {
        for stderr in ["", "\n", "epicac: \n", "epicac: no end", "another: line\n"] {
            assert_eq!(shown(stderr.as_bytes()), None, "{stderr:?}");
        }
        assert_eq!(shown(b"epicac: \xff\n"), None);
    }

    #[test]
    fn the_token_is_redacted() {
        assert_eq!(
            shown(b"epicac: x a-token-of-this-test a-token-of-\x07this-test\n").as_deref(),
            Some("x [redacted] [redacted]")
        );
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lib.rs");
        let name = epicac_component::environment::TOKEN_FILE.to_owned();
        let grants = Grants::from_variables([(name, path.to_owned())]);
        let content = std::fs::read_to_string(path).unwrap();
        let told = format!("epicac: {}\n", content.lines().next().unwrap());
        // Only the whole file is the token.
        assert!(!line(told.as_bytes(), &grants).unwrap().contains(REDACTED));
    }
}
