//! Makes a text from outside safe to show: one short line, without invisible characters and without secrets
//! (`behaviour.md` §2 and §4).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{self, Write};
use core::ops::Range;

use crate::limits::TEXT_CHARS;
use ignorable::IGNORABLE;

mod ignorable;

/// What stands in place of a secret.
const REDACTED: &str = "[redacted]";
/// What stands in place of a text that may hold credentials.
const WITHHELD: &str = "(body withheld: it may hold credentials)";
/// Names that only a text with credentials has, in any case and however their words are joined.
const REVEALING_NAMES: [&str; 2] = ["secretaccesskey", "sessiontoken"];
/// AWS's own advice for a signature that does not match, which has a name in it and no credentials.
const ADVICE: &str = "checkyourawssecretaccesskeyandsigningmethod";
/// Words that likewise only a text with credentials has, as they stand. The second one is the quoted word within a quoted text.
const REVEALING_WORDS: [&str; 2] = ["\"token\"", "\"token\\\""];

/// The part of a service's text that people may see: one line of at most 512 characters. These secrets are removed from
/// it; empty ones are ignored. A text that may hold credentials is withheld.
pub fn excerpt_without(text: &str, secrets: &[&str]) -> String {
    let line: String = printable(text).collect();
    let lower = line.to_ascii_lowercase();
    let mut joined = lower.clone();
    joined.retain(|c| !matches!(c, '_' | '-' | ' '));
    let joined = joined.replace(ADVICE, "");
    if REVEALING_NAMES.iter().any(|name| joined.contains(name))
        || REVEALING_WORDS.iter().any(|word| lower.contains(word))
    {
        return WITHHELD.into();
    }
    // Before the cut: of a token across the cut, the part before it would stay.
    redact(&line, secrets)
        .trim_ascii()
        .chars()
        .take(TEXT_CHARS)
        .collect()
}

/// Displays a text on one line, without what is invisible, and at most 512 characters of it.
pub struct Line<'a>(pub &'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_printable(self.0, TEXT_CHARS, f)
    }
}

/// As [`Line`], and at most 160 characters: for what a longer text is about.
pub struct Subject<'a>(pub &'a str);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_printable(self.0, 160, f)
    }
}

/// Writes at most this many characters of a text, as [`Line`] shows them.
pub fn write_printable(text: &str, chars: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    printable(text)
        .take(chars)
        .try_for_each(|c| f.write_char(c))
}

/// `text` with these secrets taken out, as far as it is shown. Spaces, the case of ASCII letters and percent-encoding do
/// not tell one text from another here: a server may have broken a secret into lines, which are spaces by now, or have
/// encoded it. The time is linear, whatever the server repeats.
fn redact(text: &str, secrets: &[&str]) -> String {
    // Of each byte of the text, whether it belongs to a secret.
    let mut is_secret = vec![false; text.len()];
    for is_decoded in [false, true] {
        let (plain, places) = compared(text, is_decoded);
        for secret in secrets {
            let (secret, _) = compared(secret, is_decoded);
            for (start, _) in plain.match_indices(&*secret).filter(|_| !secret.is_empty()) {
                let found = places.get(start).zip(places.get(start + secret.len() - 1));
                let bytes =
                    found.and_then(|(first, last)| is_secret.get_mut(first.start..last.end));
                bytes.unwrap_or_default().fill(true);
            }
        }
    }
    let mut redacted = String::new();
    let mut was_secret = false;
    for (index, c) in text.char_indices() {
        if redacted.len() >= SHOWN_BYTES {
            break;
        }
        let is_secret = is_secret.get(index) == Some(&true);
        match (was_secret, is_secret) {
            (_, false) => redacted.push(c),
            (false, true) => redacted.push_str(REDACTED),
            (true, true) => {}
        }
        was_secret = is_secret;
    }
    redacted
}

/// The characters of a text that count in a comparison, and of each of their bytes the place in the text.
fn compared(text: &str, is_decoded: bool) -> (String, Vec<Range<usize>>) {
    let mut chars: Vec<(char, Range<usize>)> = Vec::new();
    for (index, c) in text.char_indices().filter(|(_, c)| *c != ' ') {
        chars.push((c.to_ascii_lowercase(), index..index + c.len_utf8()));
        // Also decodes what was encoded twice: the `%` before may come out of `%25`.
        if is_decoded
            && let [.., ('%', first), (high, _), (low, last)] = chars.as_slice()
            && let Some(byte) = high.to_digit(16).zip(low.to_digit(16))
            && let Some(c) = char::from_u32(byte.0 * 16 + byte.1).filter(char::is_ascii)
        {
            let place = first.start..last.end;
            chars.truncate(chars.len() - 3);
            if c.is_ascii_graphic() {
                chars.push((c.to_ascii_lowercase(), place));
            }
        }
    }
    let (mut plain, mut places) = (String::new(), Vec::new());
    for (c, place) in chars {
        plain.push(c);
        places.resize(plain.len(), place);
    }
    (plain, places)
}

/// More bytes than the characters that are shown can have.
const SHOWN_BYTES: usize = 4 * TEXT_CHARS + REDACTED.len();

/// The characters of a text that fit on one line and can be seen. What ends a line becomes a space, and so does any
/// other white space.
pub fn printable(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter_map(|c| match c {
        '\n' | '\t' => Some(' '),
        _ if c.is_control() || is_invisible(c) => None,
        _ if c.is_whitespace() => Some(' '),
        _ => Some(c),
    })
}

/// Line separators, and what Unicode has programs show nothing for: some of it changes the order or the look of the
/// text around it.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
        || (!c.is_ascii()
            && IGNORABLE
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&c)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::token::Token;
    use proptest::prelude::*;

    fn excerpt(text: &str, token: Option<&Token>) -> String {
        excerpt_without(text, token.map(Token::expose).as_slice())
    }

    fn token(text: &str) -> Token {
        Token::from_variable(&Secret::new(text)).unwrap()
    }

    #[test]
    fn a_text_becomes_one_line_without_control_characters() {
        for (text, expected) in [
            ("Access Denied\n", "Access Denied"),
            ("a\r\nb\tc", "a b c"),
            ("\x1b[31mred\x07\x7f\u{9b}0m", "[31mred0m"),
            ("a\u{2028}b\u{202e}c\u{200b}d\u{2066}e\u{feff}f", "abcdef"),
            ("a\u{ad}b\u{34f}c\u{3164}d\u{fe0f}e\u{e0041}f", "abcdef"),
            ("a\u{a0}b\u{3000}c", "a b c"),
            (
                "Zugriff verweigert: Schlüssel ungültig",
                "Zugriff verweigert: Schlüssel ungültig",
            ),
            (" \n\n ", ""),
        ] {
            assert_eq!(excerpt(text, None), expected, "{text:?}");
        }
    }

    #[test]
    fn at_most_512_characters_are_shown() {
        assert_eq!(excerpt(&"ü".repeat(600), None).chars().count(), 512);
        assert_eq!(Line(&"ü".repeat(600)).to_string().chars().count(), 512);
    }

    #[test]
    fn the_token_is_redacted_before_the_cut_and_after_control_characters_are_gone() {
        let jwt = token("eyJhbGci.eyJzdWIi.c2ln");
        assert_eq!(
            excerpt("bad token eyJhbGci.eyJzdWIi.c2ln, sorry", Some(&jwt)),
            "bad token [redacted], sorry"
        );
        assert_eq!(
            excerpt("eyJhb\rGci.eyJz\0dWIi.c2ln", Some(&jwt)),
            "[redacted]"
        );
        for broken in [
            "eyJhbGci.\r\neyJzdWIi.\r\nc2ln",
            "eyJhbGci\n\t.eyJ zdWIi.c2ln",
            "eyJhbGci\u{2003}.eyJ\u{a0}zdWIi.c2ln",
            "eyJhb\u{ad}Gci.\u{34f}eyJz\u{3164}dWIi.\u{fe0f}c2\u{e0041}ln",
        ] {
            assert_eq!(excerpt(broken, Some(&jwt)), "[redacted]", "{broken:?}");
        }
        assert_eq!(
            excerpt("eyJhbGci.eyJzdWIi", Some(&jwt)),
            "eyJhbGci.eyJzdWIi"
        );
        let across_the_cut = format!("{}eyJhbGci.eyJzdWIi.c2ln", "x".repeat(505));
        assert!(excerpt(&across_the_cut, Some(&jwt)).ends_with("x[redact"));
        assert_eq!(excerpt("  a ", Some(&token(" a "))), "[redacted]");
    }

    #[test]
    fn a_text_that_may_hold_credentials_is_withheld() {
        for text in [
            r#"{"SecretAccessKey":"wJalr"}"#,
            r#"secretaccesskey=wJalr"#,
            "SECRET_ACCESS_KEY=wJalr",
            "aws_secret_access_key = wJalr",
            "Secret Access Key: wJalr",
            "session-token: IQoJ",
            "Session\u{a0}Token\u{ad}: IQoJ",
            "Secret\u{200b}Access\nKey SECRETACCESSKEY",
            "<SessionToken>IQoJ</SessionToken>",
            r#"{"x":1,"Token":"IQoJ"}"#,
            r#"{"x":"{\"token\":\"IQoJ\"}"}"#,
        ] {
            assert_eq!(excerpt(text, None), WITHHELD, "{text}");
        }
        for text in [
            "Service account token cannot be empty",
            "Check your AWS Secret Access Key and signing method.",
        ] {
            assert_eq!(excerpt(text, None), text);
        }
    }

    /// The table equals that of a crate that is generated from Unicode's data. If the crate is newer, the test prints
    /// the new table.
    #[test]
    fn the_table_is_that_of_unicode() {
        let class = regex_syntax::parse(r"\p{Default_Ignorable_Code_Point}").unwrap();
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) =
            class.into_kind()
        else {
            panic!("not a class");
        };
        let ranges: Vec<_> = class.iter().map(|it| (it.start(), it.end())).collect();
        let lines: String = ranges
            .iter()
            .map(|(first, last)| {
                alloc::format!(
                    "    ('{}', '{}'),\n",
                    first.escape_unicode(),
                    last.escape_unicode()
                )
            })
            .collect();
        assert_eq!(IGNORABLE, ranges, "{lines}");
    }

    proptest! {
        #[test]
        fn every_excerpt_is_one_short_printable_line_without_the_token(
            before in ".{0,600}", after in ".{0,600}", secret in "[!-~]{12,40}",
        ) {
            let shown = excerpt(&format!("{before}{secret}{after}"), Some(&token(&secret)));
            prop_assert!(!shown.replace(' ', "").contains(&secret));
            prop_assert!(shown.chars().count() <= 512);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_invisible(c)));
        }
    }
}
