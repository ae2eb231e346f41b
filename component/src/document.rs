//! The JSON object in a response. epicac uses only a few of its fields (`behaviour.md` §4).
//!
//! serde_json reads it into a [`Visitor`] instead of a derived type, for three reasons. The error for a repeated
//! field names the field. The error for a value of a wrong type names the field. Other fields are not kept, and
//! serde_json skips them without recursion, even if they are deeply nested. serde_json's messages can quote a
//! value, so only the position of an error is taken from them.

use alloc::borrow::{Cow, ToOwned};
use alloc::vec::Vec;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use thiserror::Error;

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
pub struct Document<'a>(Vec<(&'static str, Value<'a>)>);

/// A JSON value. May be, or hold, a secret. A text without escapes is that of the response, and no copy.
enum Value<'a> {
    Text(Cow<'a, str>),
    Object(Document<'a>),
    Null,
    Other,
}

impl<'a> Document<'a> {
    /// Reads a text that is one JSON object.
    pub fn parse(text: &'a str) -> Result<Self, DocumentError> {
        let mut json = serde_json::Deserializer::from_str(text);
        let read = Levels(LEVELS).deserialize(&mut json);
        match read.and_then(|value| json.end().map(|()| value)) {
            Ok(Value::Object(document)) => Ok(document),
            Ok(_) => Err(DocumentError::NotAnObject),
            Err(error) => Err(match error.classify() {
                Category::Eof => DocumentError::Truncated,
                _ => DocumentError::NotJson {
                    line: error.line(),
                    column: error.column(),
                },
            }),
        }
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
            Some(_) => Err(DocumentError::NotAString(name)),
            None => Err(DocumentError::Missing(name)),
        }
    }

    /// The string in a field that may be absent, null or empty.
    pub fn optional(&self, name: &'static str) -> Result<Option<&str>, DocumentError> {
        match self.value(name) {
            Some(Value::Text(text)) if !text.is_empty() => Ok(Some(text)),
            Some(Value::Text(_) | Value::Null) | None => Ok(None),
            Some(_) => Err(DocumentError::NotAString(name)),
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
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn value(&self, name: &str) -> Option<&Value<'a>> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }
}

/// Reads a value, and of objects this many levels.
#[derive(Clone, Copy)]
struct Levels(u8);

impl<'de> DeserializeSeed<'de> for Levels {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

/// Accepts every JSON value, so that only invalid JSON is an error.
impl<'de> Visitor<'de> for Levels {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let Some(levels) = self.0.checked_sub(1) else {
            while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Other);
        };
        let mut fields = Vec::new();
        while let Some(known) = object.next_key_seed(FieldName)? {
            match known {
                Some(name) => fields.push((name, object.next_value_seed(Self(levels))?)),
                None => drop(object.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(Document(fields)))
    }
}

/// Reads the name of a field. `None` if the field is ignored; its value is then skipped.
struct FieldName;

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Option<&'static str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(FIELDS.into_iter().find(|known| *known == name))
    }
}

/// Why a text is not a document with credentials: the container's, in JSON, or that of STS, in XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum DocumentError {
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it has more than 65,536 bytes")]
    TooLarge,
    /// Or it has more in it than STS answers with.
    #[error("it is not XML")]
    NotXml,
    /// Line and column, which is in bytes, count from 1.
    #[error("it is not JSON at line {line}, column {column}")]
    NotJson { line: usize, column: usize },
    #[error("its JSON ends too early")]
    Truncated,
    #[error("it is not a JSON object")]
    NotAnObject,
    #[error("{0} comes more than once")]
    Repeated(&'static str),
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} is not a string")]
    NotAString(&'static str),
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{0} is not an RFC 3339 date and time")]
    NotATimestamp(&'static str),
}
