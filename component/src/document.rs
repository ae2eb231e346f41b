//! The JSON object in a response, of which a few fields matter.
//!
//! Of those, strings are read; of a value of another type nothing is kept but that it is one. Everything
//! else is skipped undecoded, and without recursion, however deep it is nested (`behaviour.md` §4).

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::error::Category;

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
        let mut json = serde_json::Deserializer::from_str(text);
        let value = Reader { levels: LEVELS }
            .deserialize(&mut json)
            .and_then(|value| json.end().map(|()| value))
            // The position alone: serde_json's message could quote a value.
            .map_err(|error| match error.classify() {
                Category::Eof => DocumentFlaw::Truncated,
                _ => DocumentFlaw::NotJson {
                    line: error.line(),
                    column: error.column(),
                },
            })?;
        match value {
            Value::Object(document) => Ok(document),
            _ => Err(DocumentFlaw::NotAnObject),
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

    fn text(&self, name: &str) -> Option<&str> {
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

/// Why a text is not a container credentials document. Displays as the reason for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentFlaw {
    /// Bytes that are not UTF-8.
    NotUtf8,
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

/// Reads a value, and of objects this many levels.
struct Reader {
    levels: u8,
}

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

// Every type of value is taken. serde's own answer to one that is not would quote the value, and would
// bring along all that it takes to print a floating-point number.
impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.into()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let Some(levels) = self.levels.checked_sub(1) else {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Other);
        };
        let mut fields = Vec::new();
        while let Some(Name(name)) = members.next_key()? {
            match name {
                Some(name) => fields.push((name, members.next_value_seed(Self { levels })?)),
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(Document(fields)))
    }
}

/// The name of a field, if it is one that matters.
struct Name(Option<&'static str>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Name;

            fn expecting(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Ok(())
            }

            fn visit_str<E>(self, name: &str) -> Result<Name, E> {
                Ok(Name(FIELDS.into_iter().find(|known| *known == name)))
            }
        }
        deserializer.deserialize_identifier(Text)
    }
}
