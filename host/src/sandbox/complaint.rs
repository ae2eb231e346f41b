//! Makes text of the component and of the runtime safe for a terminal and a log.
//!
//! It does not look for secrets: a component that means harm could encode them, and who reads the message also reads the
//! credentials. The component itself redacts what a server quotes.

use epicac_component::printable::printable;

/// The most characters of a message that are shown: a sentence, and the 512 of a server in each of two attempts.
const CHARS: usize = 2_000;

/// A text of bounded length, without characters that could end the line or disguise it. May be empty.
pub(crate) fn one_line(text: &str) -> String {
    let line: String = printable(text).take(CHARS).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_printable_line_of_bounded_length() {
        for (text, line) in [
            ("a: b (c)", "a: b (c)"),
            ("a\nepicac: b\n", "a epicac: b"),
            ("\x1b[2Ja\r\x07\0\u{9b}b\u{202e}c\u{2028}d", "[2Jabcd"),
            ("", ""),
            (" \n", ""),
            ("\u{200b}\0", ""),
        ] {
            assert_eq!(one_line(text), line, "{text:?}");
        }
        let long = "\u{fc}".repeat(4_000);
        assert_eq!(one_line(&long).chars().count(), CHARS);
    }
}
