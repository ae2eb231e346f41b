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

/// `text` with these secrets taken out, as far as it is shown. Spaces, the case of ASCII letters, percent-encoding and the
/// escapes of JSON and HTML do not tell one text from another here: a server may have broken a secret into lines, which
/// are spaces by now, or have encoded it. It may also quote a part of a secret. The time is nearly linear, whatever the
/// server repeats.
fn redact(text: &str, secrets: &[&str]) -> String {
    // Of each byte of the text, whether it belongs to a secret.
    let mut is_secret = vec![false; text.len()];
    for is_decoded in [false, true] {
        let (plain, places) = compared(text, is_decoded);
        for secret in secrets {
            let (secret, _) = compared(secret, is_decoded);
            // A part of one repeated character tells nothing, so such a secret is compared as a whole.
            let is_repeated = secret.iter().all(|byte| Some(byte) == secret.first());
            let length = match is_repeated {
                true => secret.len(),
                false => secret.len().min(PART_BYTES),
            };
            if length == 0 {
                continue;
            }
            let parts = Parts::of(&secret, length);
            for (part, places) in plain.windows(length).zip(places.windows(length)) {
                if parts.place(part).1
                    && let Some((first, last)) = places.first().zip(places.last())
                {
                    let bytes = is_secret.get_mut(first.start..last.end);
                    bytes.unwrap_or_default().fill(true);
                }
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

/// The parts of one length that a secret has, in a hash table that is never more than half full. A sorted list would do,
/// but the code that sorts has more than 4,000 bytes.
struct Parts<'a>(Vec<&'a [u8]>);

impl<'a> Parts<'a> {
    fn of(secret: &'a [u8], length: usize) -> Self {
        let mut parts = Self(vec![&[]; (2 * secret.len()).next_power_of_two()]);
        for part in secret.windows(length) {
            let (place, _) = parts.place(part);
            if let Some(free) = parts.0.get_mut(place) {
                *free = part;
            }
        }
        parts
    }

    /// Where a part is or would be in the table, and whether it is there.
    fn place(&self, part: &[u8]) -> (usize, bool) {
        let hash = |hash: usize, byte: &u8| (hash ^ usize::from(*byte)).wrapping_mul(0x0100_0193);
        let hash = part.iter().fold(0, hash);
        let mut place = hash ^ (hash >> 15);
        loop {
            place &= self.0.len() - 1;
            match self.0.get(place) {
                Some(other) if !other.is_empty() && *other != part => place += 1,
                found => return (place, found.is_some_and(|other| !other.is_empty())),
            }
        }
    }
}

/// The bytes of a text that count in a comparison, and the place of each in the text.
fn compared(text: &str, is_decoded: bool) -> (Vec<u8>, Vec<Range<usize>>) {
    let (mut plain, mut places) = (Vec::new(), Vec::<Range<usize>>::new());
    for (index, byte) in text.bytes().enumerate().filter(|(_, byte)| *byte != b' ') {
        plain.push(byte.to_ascii_lowercase());
        places.push(index..index + 1);
        // Also decodes what was encoded twice: the `%` before may come out of `%25`.
        if is_decoded
            && let Some((start, byte)) = escape(&plain)
            && let Some(first) = places.get(start).map(|place| place.start)
        {
            plain.truncate(start);
            places.truncate(start);
            if byte.is_ascii_graphic() {
                plain.push(byte.to_ascii_lowercase());
                places.push(first..index + 1);
            }
        }
    }
    (plain, places)
}

/// Where the escape of a URL, of JSON or of HTML begins that a text in lower case ends with, and the ASCII character that
/// it stands for.
fn escape(text: &[u8]) -> Option<(usize, u8)> {
    let (start, radix, high, low) = match text {
        [start @ .., b'%', high, low]
        | [start @ .., b'\\', b'u', b'0', b'0', high, low]
        | [start @ .., b'&', b'#', b'x', high, low, b';'] => (start, 16, high, low),
        [start @ .., b'&', b'#', high, low, b';'] => (start, 10, high, low),
        [start @ .., b'\\', byte] if byte.is_ascii_punctuation() => {
            return Some((start.len(), *byte));
        }
        _ => return None,
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(radix);
    let code = digit(high)? * radix + digit(low)?;
    let byte = u8::try_from(code).ok().filter(u8::is_ascii)?;
    Some((start.len(), byte))
}

/// The shortest part of a secret that is taken out, in bytes; a shorter secret is taken out as a whole.
const PART_BYTES: usize = 16;

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
