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
/// Names that only credentials documents contain. Case, and what joins their words, do not matter.
const REVEALING_NAMES: [&str; 2] = ["secretaccesskey", "sessiontoken"];
/// AWS's advice for a signature that does not match. It contains such a name, and no credentials.
const ADVICE: &str = "checkyourawssecretaccesskeyandsigningmethod";
/// Words that only credentials documents contain, compared exactly. The second one is the word within a quoted text.
const REVEALING_WORDS: [&str; 2] = ["\"token\"", "\"token\\\""];

/// The part of a service's text that people may see: one line of at most 512 characters. These secrets are removed from
/// it; empty ones are ignored. A text that may hold credentials is withheld.
pub fn excerpt_without(text: &str, secrets: &[&str]) -> String {
    let line: String = printable(text).collect();
    let lower = line.to_ascii_lowercase();
    let mut joined = lower.clone();
    joined.retain(|c| !matches!(c, '_' | '-' | ' '));
    let joined = joined.replace(ADVICE, "");
    if REVEALING_NAMES.iter().any(|name| has(&joined, name))
        || REVEALING_WORDS.iter().any(|word| has(&lower, word))
    {
        return WITHHELD.into();
    }
    // Before the cut, which could divide a secret.
    redact(&line, secrets)
        .trim_ascii()
        .chars()
        .take(TEXT_CHARS)
        .collect()
}

/// Whether a text has these words in it. Never inlined: each copy of the search would have some 200 bytes.
#[inline(never)]
pub fn has(text: &str, words: &str) -> bool {
    text.contains(words)
}

/// Displays a text on one line, without what is invisible, and at most 512 characters of it.
pub struct Line<'a>(pub &'a str);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_printable(self.0, TEXT_CHARS, f)
    }
}

/// As [`Line`], with at most 160 characters: for names in a longer text.
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
