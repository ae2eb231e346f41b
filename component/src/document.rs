//! The JSON object in a response, of which a few fields matter.
//!
//! Of those, strings are read; of a value of another type nothing is kept but that it is one. Everything
//! else is skipped undecoded, and without recursion, however deep it is nested (`behaviour.md` §4).

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Reader;

/// The names of the fields that matter.
const FIELDS: [&str; 11] = [
    "AccessKeyId",
    "SecretAccessKey",
    "Token",
    "Expiration",
    "AccountId",
    "Code",
    "code",
    "Message",
    "message",
    "Error",
    "error",
];

/// How many levels of objects are read: the document, and what `Error` holds.
const LEVELS: u8 = 2;

/// The fields of a JSON object that matter, in order; the others are ignored.
pub struct Document(Vec<(&'static str, Value)>);

/// A JSON value. May be, or hold, a secret.
enum Value {
    String(String),
    Object(Document),
    Null,
    Other,
}

impl Document {
    /// Reads a text that is one JSON object.
    pub fn parse(text: &str) -> Result<Self, DocumentFlaw> {
        let mut json = Reader::new(text);
        let value = Value::read(&mut json, LEVELS).filter(|_| json.end().is_some());
        match value {
            Some(Value::Object(document)) => Ok(document),
            Some(_) => Err(DocumentFlaw::NotAnObject),
            None => Err(json.flaw()),
        }
    }

    /// Reads an object, and of those in it this many levels.
    fn read(json: &mut Reader<'_>, levels: u8) -> Option<Self> {
        let mut fields = Vec::new();
        json.expect(b"{")?;
        if json.peek()? == b'}' {
            json.expect(b"}")?;
            return Some(Self(fields));
        }
        loop {
            let name = json.string()?;
            json.expect(b":")?;
            match FIELDS.into_iter().find(|known| *known == name) {
                Some(known) => fields.push((known, Value::read(json, levels)?)),
                None => json.skip()?,
            }
            if json.expect(b",}")? == b'}' {
                return Some(Self(fields));
            }
        }
    }

    /// Fails if a field that matters comes twice: readers differ in which of them they take.
    pub fn check_unique(&self) -> Result<(), DocumentFlaw> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            if self
                .0
                .iter()
                .skip(index + 1)
                .any(|(other, _)| other == name)
            {
                return Err(DocumentFlaw::Repeated(name));
            }
        }
        Ok(())
    }

    /// The string in a field that must be there and not be empty.
    pub fn required(&self, name: &'static str) -> Result<&str, DocumentFlaw> {
        match self.value(name) {
            Some(Value::String(text)) if text.is_empty() => Err(DocumentFlaw::Empty(name)),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(DocumentFlaw::NotAString(name)),
            None => Err(DocumentFlaw::Missing(name)),
        }
    }

    /// The string in a field that may be absent, null or empty.
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, DocumentFlaw> {
        match self.value(name) {
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(Value::String(_) | Value::Null) | None => Ok(None),
            Some(_) => Err(DocumentFlaw::NotAString(name)),
        }
    }

    /// Whether there is a `Code`, or `code`, that is neither a string nor null.
    pub fn has_other_code(&self) -> bool {
        let is_other =
            |name: &&str| matches!(self.value(name), Some(Value::Object(_) | Value::Other));
        ["Code", "code"].iter().any(is_other)
    }

    /// `Code`, or `code`, if it is a string.
    pub fn code(&self) -> Option<&str> {
        self.text("Code").or_else(|| self.text("code"))
    }

    /// `Message`, or `message`, if it is a string.
    pub fn message(&self) -> Option<&str> {
        self.text("Message").or_else(|| self.text("message"))
    }

    /// What `Error`, or `error`, holds, if it is an object.
    pub fn error(&self) -> Option<&Self> {
        ["Error", "error"]
            .iter()
            .find_map(|name| match self.value(name) {
                Some(Value::Object(error)) => Some(error),
                _ => None,
            })
    }

    /// The string in a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

impl Value {
    fn read(json: &mut Reader<'_>, levels: u8) -> Option<Self> {
        // At the end of the text there is nothing to skip, either.
        let first = json.peek();
        Some(match (first, levels.checked_sub(1)) {
            (Some(b'"'), _) => Self::String(json.string()?),
            (Some(b'{'), Some(levels)) => Self::Object(Document::read(json, levels)?),
            _ => {
                json.skip()?;
                if first == Some(b'n') {
                    Self::Null
                } else {
                    Self::Other
                }
            }
        })
    }
}

/// Why a text is not a document with credentials: the container's, in JSON, or that of STS, in XML.
/// Displays as the reason for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentFlaw {
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// More than the [`BODY_BYTES`](crate::limits::BODY_BYTES) that are read.
    TooLarge,
    /// Not XML, or with more in it than STS answers with.
    NotXml,
    /// No JSON from this position on.
    NotJson {
        /// The line, from 1.
        line: u32,
        /// The column, in bytes, from 1.
        column: u32,
    },
    /// JSON that ends too early.
    Truncated,
    /// JSON, but not an object.
    NotAnObject,
    /// This field comes more than once.
    Repeated(&'static str),
    /// This field is missing.
    Missing(&'static str),
    /// This field is not a string.
    NotAString(&'static str),
    /// This field is an empty string.
    Empty(&'static str),
    /// This field is not an RFC 3339 date and time.
    NotATimestamp(&'static str),
}
