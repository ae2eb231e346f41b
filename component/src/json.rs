//! JSON (RFC 8259), as little of it as credentials need: strings are read and written, all else is
//! skipped.
//!
//! serde_json would be a sixth of `epicac.wasm`, most of it for numbers, which nothing here reads. It
//! stays the measure: the tests hold both directions against it, positions included.

use alloc::string::String;
use alloc::vec::Vec;

use crate::document::DocumentFlaw;
use crate::words;

/// A place in a JSON text.
///
/// Every step takes what it expects, with the white space before it; nothing if the text is not like
/// that, and then [`Reader::flaw`] says why.
pub struct Reader<'a> {
    text: &'a str,
    /// How many bytes were taken. When a step fails, the next one is wrong, or missing.
    taken: usize,
}

impl<'a> Reader<'a> {
    /// The beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Self { text, taken: 0 }
    }

    /// Why a step failed.
    pub fn flaw(&self) -> DocumentFlaw {
        let Some(upto) = self.text.as_bytes().get(..=self.taken) else {
            return DocumentFlaw::Truncated;
        };
        let (mut line, mut column) = (1, 0);
        for byte in upto {
            column += 1;
            if *byte == b'\n' {
                (line, column) = (line + 1, 0);
            }
        }
        DocumentFlaw::NotJson { line, column }
    }

    /// The first byte of what comes next; nothing at the end of the text.
    pub fn peek(&mut self) -> Option<u8> {
        while self.take_if(b" \t\n\r") {}
        self.byte()
    }

    /// Takes one byte, which must be one of these.
    pub fn expect(&mut self, expected: &[u8]) -> Option<u8> {
        self.peek();
        self.take(expected)
    }

    /// Takes the end of the text.
    pub fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// Takes a string.
    pub fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        self.expect(b"\"")?;
        loop {
            text.push_str(self.plain()?);
            if self.take(b"\"\\")? == b'"' {
                return Some(text);
            }
            text.push(self.escaped_character()?);
        }
    }

    /// Takes any value, without recursion, however deep it is nested.
    pub fn skip(&mut self) -> Option<()> {
        // What closes each of the arrays and objects around.
        let mut closing = Vec::new();
        loop {
            match self.peek()? {
                b'"' => self.skip_string()?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                b'[' | b'{' => {
                    // In ASCII, what closes them is two further.
                    let close = self.take(b"[{")? + 2;
                    if self.peek()? != close {
                        self.name_within(close)?;
                        closing.push(close);
                        continue;
                    }
                    self.taken += 1;
                }
                _ => self.number()?,
            }
            // That was a value; perhaps the last one of what is around it.
            loop {
                let Some(close) = closing.last().copied() else {
                    return Some(());
                };
                if self.expect(&[b',', close])? == b',' {
                    self.name_within(close)?;
                    break;
                }
                closing.pop();
            }
        }
    }

    /// Takes what comes before a value: in an object its name, in an array nothing.
    fn name_within(&mut self, close: u8) -> Option<()> {
        if close == b'}' {
            self.skip_string()?;
            self.expect(b":")?;
        }
        Some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        for letter in word {
            self.take(&[*letter])?;
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.take_if(b"-");
        // Nothing but a fraction or an exponent follows a zero.
        if !self.take_if(b"0") {
            self.digits()?;
        }
        if self.take_if(b".") {
            self.digits()?;
        }
        if self.take_if(b"eE") {
            self.take_if(b"+-");
            self.digits()?;
        }
        Some(())
    }

    /// Takes one digit or more.
    fn digits(&mut self) -> Option<()> {
        self.take(DIGITS)?;
        while self.take_if(DIGITS) {}
        Some(())
    }

    /// Takes a string whose escapes are well-formed; those of surrogates may come in no pairs.
    fn skip_string(&mut self) -> Option<()> {
        self.expect(b"\"")?;
        loop {
            self.plain()?;
            if self.take(b"\"\\")? == b'"' {
                return Some(());
            }
            self.escape()?;
        }
    }

    /// Takes what a string holds up to its next escape or its end.
    fn plain(&mut self) -> Option<&'a str> {
        let (plain, _) = split_plain(self.text.get(self.taken..)?);
        self.taken += plain.len();
        Some(plain)
    }

    /// Takes the escape of a character, or the two of one, after the first backslash.
    fn escaped_character(&mut self) -> Option<char> {
        let first = self.escape()?;
        // Not a pair's second half: that stands for no character alone.
        let Some(high) = first.checked_sub(0xd800).filter(|high| *high < 0x400) else {
            return char::from_u32(first);
        };
        self.take(b"\\")?;
        let low = self.escape()?.checked_sub(0xdc00)?;
        char::from_u32(0x1_0000 + (high << 10) + low).filter(|_| low < 0x400)
    }

    /// Takes what follows a backslash, and gives the UTF-16 code unit that it stands for.
    fn escape(&mut self) -> Option<u32> {
        Some(match self.take(br#""\/bfnrtu"#)? {
            b'b' => 0x8,
            b'f' => 0xc,
            b'n' => 0xa,
            b'r' => 0xd,
            b't' => 0x9,
            b'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    unit = unit << 4 | char::from(self.byte()?).to_digit(16)?;
                    self.taken += 1;
                }
                unit
            }
            character => character.into(),
        })
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.taken).copied()
    }

    fn take(&mut self, expected: &[u8]) -> Option<u8> {
        let byte = self.byte()?;
        self.take_if(expected).then_some(byte)
    }

    fn take_if(&mut self, expected: &[u8]) -> bool {
        let next = self.byte();
        let is_there = expected.iter().any(|byte| next == Some(*byte));
        self.taken += usize::from(is_there);
        is_there
    }
}

const DIGITS: &[u8] = b"0123456789";

/// The text up to the first character that a JSON string holds only escaped, or not at all, and the rest.
/// Nearly all of a string is in there, and a session token is long: it is cut out as a whole.
fn split_plain(text: &str) -> (&str, &str) {
    let length = words::position_of_control_or(*br#""\"#, text.as_bytes());
    length
        .and_then(|length| text.split_at_checked(length))
        .unwrap_or((text, ""))
}

/// Appends a string, quoted.
pub fn push_string(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    loop {
        let (plain, escaped) = split_plain(rest);
        json.push_str(plain);
        let mut escaped = escaped.chars();
        let Some(character) = escaped.next() else {
            break;
        };
        rest = escaped.as_str();
        json.push('\\');
        let escape = match character {
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '"' | '\\' => character,
            _ => {
                json.push_str(if character < '\u{10}' { "u000" } else { "u001" });
                char::from_digit(u32::from(character) & 0xf, 16).unwrap_or_default()
            }
        };
        json.push(escape);
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use serde_json::error::Category;

    fn skip(text: &str) -> Result<(), DocumentFlaw> {
        let mut json = Reader::new(text);
        let taken = json.skip().and_then(|()| json.end());
        taken.ok_or_else(|| json.flaw())
    }

    fn string(text: &str) -> Result<String, DocumentFlaw> {
        let mut json = Reader::new(text);
        let taken = json.string().filter(|_| json.end().is_some());
        taken.ok_or_else(|| json.flaw())
    }

    /// serde_json's answer, as ours would be.
    fn oracle<T: for<'de> serde::Deserialize<'de>>(text: &str) -> Result<T, DocumentFlaw> {
        serde_json::from_str(text).map_err(|error: serde_json::Error| match error.classify() {
            Category::Eof => DocumentFlaw::Truncated,
            _ => DocumentFlaw::NotJson {
                line: error.line() as u32,
                column: error.column() as u32,
            },
        })
    }

    /// Whether it is one and the same. serde_json calls a number wrong that ends too early, tells of an
    /// escape that its four digits are wrong, not which one, and is off by one at a control character
    /// in a string that it skips.
    fn same<T: PartialEq>(
        text: &str,
        ours: &Result<T, DocumentFlaw>,
        theirs: &Result<T, DocumentFlaw>,
    ) -> bool {
        let in_number = text.ends_with(|end| "-.eE+".contains(end));
        let in_string = text.contains(r"\u") || text.contains(char::is_control);
        match (ours, theirs) {
            (Err(DocumentFlaw::Truncated), Err(_)) if in_number => true,
            (Err(_), Err(_)) if in_string => true,
            _ => ours == theirs,
        }
    }

    #[test]
    fn values_are_skipped_and_refused_where_serde_json_does() {
        for text in [
            "",
            " ",
            "nul",
            "null",
            "nulL",
            "true",
            "trux",
            "false ",
            "-",
            "0",
            "-0",
            "01",
            "-01",
            "1.",
            "1.x",
            ".5",
            "1e",
            "1e+",
            "1e+5",
            "1.5E-7",
            "1e999",
            "+1",
            "12a",
            "[",
            "[]",
            "[ ]",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[1 2]",
            "[1]]",
            "[1}",
            "{",
            "{}",
            "{ }",
            "{\"a\"",
            "{\"a\":",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{\"a\" 1}",
            "{a:1}",
            "{1:1}",
            "{\"a\":1]",
            "{\"a\":1 \"b\":2}",
            "[{\"a\":[{}]},[],{\"b\":{}}]",
            "\"",
            "\"a\"x",
            "\"\\u12\"",
            "\"\\u12g4\"",
            "\"\\x\"",
            "\"a\tb\"",
            "\"a\nb\"",
            "[\n1,\n x]",
            "'a'",
            "\u{feff}1",
            "\u{a0}1",
            "\"\u{e9}\u{2028}\"",
            "\"\\ud800\"",
            "{\"\\udc00\":1}",
            "nan",
            "/**/1",
        ] {
            let (ours, theirs) = (skip(text), oracle::<IgnoredAny>(text).map(drop));
            assert!(same(text, &ours, &theirs), "{text:?}: {ours:?}, {theirs:?}");
        }
    }

    #[test]
    fn half_of_a_surrogate_pair_is_refused() {
        for text in [
            r#""\ud83d\ude00""#,
            r#""\uD83D\uDE00 \uFFFF \u0000""#,
            r#""\ud83d""#,
            r#""\ud83dx""#,
            r#""\ud83d\n""#,
            r#""\ud83d\ud83d""#,
            r#""\ud83d\u0041""#,
            r#""\ude00""#,
            r#""\ude00\ud83d""#,
            r#""\udbff\udfff""#,
        ] {
            assert_eq!(string(text).ok(), serde_json::from_str(text).ok(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn texts_that_look_like_json_are_read_as_serde_json_does(
            text in r#"([\[\]{}:,"\\ntrufalse0-9.eE+ \n-]|"a":|\\u[0-9a-f]{4}|\PC){0,24}"#,
        ) {
            let (ours, theirs) = (skip(&text), oracle::<IgnoredAny>(&text).map(drop));
            prop_assert!(same(&text, &ours, &theirs), "{:?}: {:?}, {:?}", text, ours, theirs);
        }

        #[test]
        fn strings_are_decoded_as_serde_json_does(
            inner in r#"(\\["\\/bfnrt]|\\u00[0-9a-fA-F]{2}|\\ud[89a-f][0-9a-f]{2}|\PC|[\x00-\x20]|x){0,16}"#,
        ) {
            let text = format!("\"{inner}\"");
            // Of a surrogate without its other half only the position differs.
            let is_paired = !text.contains("\\ud");
            let (ours, theirs) = (string(&text), oracle::<String>(&text));
            prop_assert_eq!(ours.as_ref().ok(), theirs.as_ref().ok());
            prop_assert!(!is_paired || ours == theirs, "{:?}: {:?}, {:?}", text, ours, theirs);
        }

        #[test]
        fn strings_are_written_as_serde_json_does(text in "(.|[\\x00-\\x7f\"\\\\])*") {
            let mut json = String::new();
            push_string(&mut json, &text);
            prop_assert_eq!(&json, &serde_json::to_string(&text).unwrap());
            prop_assert_eq!(string(&json), Ok(text));
        }
    }
}
