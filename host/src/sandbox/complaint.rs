//! Makes the component's message about a failure safe for a terminal and a log.

use crate::grants::Grants;
use epicac_component::environment::TOKEN;
use epicac_component::printable::printable;

/// The most characters of a message that are shown: a sentence, and the 512 of a server in each of two attempts.
const CHARS: usize = 2_000;

/// What stands in place of the authorization token.
const REDACTED: &str = "[redacted]";

/// A shorter text cannot be a secret, and may be a part of other words.
const SECRET_BYTES: usize = 8;

/// The message without characters that could end the line or disguise it, and without the authorization token if it
/// is there unchanged. `None` if nothing is left.
///
/// This protects from a mistake of the component. A malicious component could encode the token, or repeat the
/// endpoint's answer. But the reader of the message is also the reader of the credentials.
pub(crate) fn line(message: &str, grants: &Grants) -> Option<String> {
    let line: String = printable(message).collect();
    let line = secrets(grants)
        .iter()
        .map(|secret| secret.trim())
        .filter(|secret| secret.len() >= SECRET_BYTES)
        .fold(line, |line, secret| line.replace(secret, REDACTED));
    let line = one_line(line.trim());
    (!line.is_empty()).then_some(line)
}

/// A text of bounded length, without characters that could end the line or disguise it.
pub(crate) fn one_line(text: &str) -> String {
    printable(text).take(CHARS).collect()
}

/// The authorization token, by variable and by file.
fn secrets(grants: &Grants) -> Vec<String> {
    let variables = grants.variables().iter();
    let variable = variables
        .filter(|(name, _)| name == TOKEN)
        .map(|(_, value)| value.clone());
    // The file as it is now. Should it have been rotated within this run, the old token is missed.
    let file = grants.token_file().and_then(|file| file.token().ok());
    let file = file.map(|token| token.expose().to_owned());
    variable.chain(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str) -> Option<String> {
        let token = (TOKEN.to_owned(), "a-token-of-this-test".to_owned());
        line(message, &Grants::from_variables([token]))
    }

    #[test]
    fn a_message_is_one_printable_line_of_bounded_length() {
        assert_eq!(shown("a: b (c)").as_deref(), Some("a: b (c)"));
        assert_eq!(shown("a\nepicac: b\n").as_deref(), Some("a epicac: b"));
        let hostile = "\x1b[2Ja\r\x07\0\u{9b}b\u{202e}c\u{2028}d";
        assert_eq!(shown(hostile).as_deref(), Some("[2Jabcd"));
        let long = "\u{fc}".repeat(4_000);
        assert_eq!(shown(&long).unwrap().chars().count(), CHARS);
        for empty in ["", " \n", "\u{200b}\0"] {
            assert_eq!(shown(empty), None, "{empty:?}");
        }
    }

    #[test]
    fn the_token_is_redacted() {
        assert_eq!(
            shown("x a-token-of-this-test a-token-of-\x07this-test").as_deref(),
            Some("x [redacted] [redacted]")
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "the-first-line\nthe-second-line\n").unwrap();
        let name = epicac_component::environment::TOKEN_FILE.to_owned();
        let path = file.path().display().to_string();
        let grants = Grants::from_variables([(name, path)]);
        let told = line("the-first-line, the-second-line", &grants).unwrap();
        assert!(!told.contains(REDACTED), "only the whole file is the token");
        std::fs::write(file.path(), "the-token-of-a-file\n").unwrap();
        let told = line("it is the-token-of-a-file", &grants).unwrap();
        assert_eq!(told, "it is [redacted]");
    }
}
