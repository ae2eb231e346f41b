//! The JSON object in a response. epicac uses only a few of its fields (`behaviour.md` §4).
//!
//! It is read into a list of fields instead of a derived type, for three reasons. The error for a repeated field names the
//! field. The error for a value of a wrong type names the field. Other values are kept as raw JSON or skipped, which
//! serde_json does without recursion, even if they are deeply nested. serde_json's messages can quote a value, so only the
//! position of an error is taken from them.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

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

/// The fields of a JSON object that matter, in order; the others are ignored.
pub struct Document<'a>(Vec<(&'static str, Value<'a>)>);

/// A JSON value. May be, or hold, a secret. A text without escapes is that of the response, and no copy.
enum Value<'a> {
    Text(Cow<'a, str>),
    Other(&'a RawValue),
}

impl<'a> Document<'a> {
    /// Reads a text that is one JSON object.
    pub fn parse(text: &'a str) -> Result<Self, DocumentError> {
        if text.trim_ascii_start().starts_with('{') {
            return Ok(serde_json::from_str(text)?);
        }
        let _: &RawValue = serde_json::from_str(text)?;
        Err(DocumentError::NotAnObject)
    }

    /// Fails if a field that matters comes twice: readers differ in which of them they take.
    pub fn check_unique(&self) -> Result<(), DocumentError> {
        for (index, (name, _)) in self.0.iter().enumerate() {
            let mut before = self.0.iter().take(index);
            if before.any(|(other, _)| other == name) {
                return Err(DocumentError::Repeated(name));
            }
        }
        Ok(())
    }

    /// The string in a field that must be there and not be empty.
    pub fn required(&self, name: &'static str) -> Result<&str, DocumentError> {
        match self.value(name) {
            Some(Value::Text(text)) if text.is_empty() => Err(DocumentError::Empty(name)),
            Some(Value::Text(text)) => Ok(text),
            Some(Value::Other(_)) => Err(DocumentError::NotAString(name)),
            None => Err(DocumentError::Missing(name)),
        }
    }

    /// The string in a field that may be absent, null or empty.
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, DocumentError> {
        match self.value(name) {
            Some(Value::Text(text)) if !text.is_empty() => Ok(Some(text)),
            Some(Value::Other(other)) if other.get() != "null" => {
                Err(DocumentError::NotAString(name))
            }
            _ => Ok(None),
        }
    }

    /// Whether there is a `Code`, or `code`, that is neither a string nor null.
    pub fn has_other_code(&self) -> bool {
        ["Code", "code"]
            .iter()
            .any(|name| self.optional(name).is_err())
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
    pub fn error(&self) -> Option<Self> {
        let mut names = ["Error", "error"].iter();
        names.find_map(|name| match self.value(name)? {
            Value::Text(_) => None,
            Value::Other(error) => Self::parse(error.get()).ok(),
        })
    }

    /// The string in a field.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&Value<'a>> {
        let mut fields = self.0.iter();
        fields.find_map(|(known, value)| (*known == name).then_some(value))
    }
}

/// A JSON string.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Document<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_map(Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Document<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        // Every name has to be text, to be compared. The value of an ignored field may hold anything.
        while let Some((Text(name), value)) = object.next_entry::<Text, &RawValue>()? {
            let Some(name) = FIELDS.into_iter().find(|known| *known == name) else {
                continue;
            };
            let value = match value.get().starts_with('"') {
                // serde_json adds the position.
                true => match serde_json::from_str(value.get()) {
                    Ok(Text(text)) => Value::Text(text),
                    Err(_) => return Err(A::Error::custom("not text")),
                },
                false => Value::Other(value),
            };
            fields.push((name, value));
        }
        Ok(Document(fields))
    }
}

/// Why a text is not a document with credentials: the container's, in JSON, or that of STS, in XML.
/// Displays as the reason for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentError {
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// More than the [`BODY_BYTES`](crate::limits::BODY_BYTES) that are read.
    TooLarge,
    /// Not XML, or with more in it than STS answers with.
    NotXml,
    /// No JSON from this position on.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, in bytes, from 1.
        column: usize,
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

impl From<serde_json::Error> for DocumentError {
    fn from(error: serde_json::Error) -> Self {
        match error.classify() {
            Category::Eof => Self::Truncated,
            _ => Self::NotJson {
                line: error.line(),
                column: error.column(),
            },
        }
    }
}
