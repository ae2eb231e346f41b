//! The values of a policy: each type reads itself from JSON, and a value of it is one that can be
//! enforced.

use super::flaw::ValueFlaw;
use super::shape;
use epicac_component::endpoint::{Endpoint, Host};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::path::Path;

/// The version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "u64")]
pub struct Version;

impl TryFrom<u64> for Version {
    type Error = ValueFlaw;

    fn try_from(version: u64) -> Result<Self, ValueFlaw> {
        match version {
            1 => Ok(Self),
            other => Err(ValueFlaw::Version(other)),
        }
    }
}

impl From<Version> for u64 {
    fn from(Version: Version) -> Self {
        1
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Version;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the number 1")
            }

            fn visit_u64<E: Error>(self, version: u64) -> Result<Version, E> {
                version.try_into().map_err(E::custom)
            }
        }

        deserializer.deserialize_u64(Number)
    }
}

/// A SHA-256 digest: 64 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sha256(String);

impl TryFrom<String> for Sha256 {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(is_digit) {
            Ok(Self(text))
        } else {
            Err(ValueFlaw::Digest)
        }
    }
}

/// An imported function, as `package:name/interface@version#function`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Import(String);

impl TryFrom<String> for Import {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        let is_name = |part: &str, more: &str| {
            let allowed = |c: char| matches!(c, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-');
            !part.is_empty() && part.chars().all(|c| allowed(c) || more.contains(c))
        };
        let parts = text.split_once(':').and_then(|(package, rest)| {
            let (name, rest) = rest.split_once('/')?;
            let (interface, rest) = rest.split_once('@')?;
            let (version, function) = rest.split_once('#')?;
            Some([
                (package, ""),
                (name, ""),
                (interface, ""),
                (version, "."),
                (function, "[]."),
            ])
        });
        match parts {
            Some(parts) if parts.iter().all(|(part, more)| is_name(part, more)) => Ok(Self(text)),
            _ => Err(ValueFlaw::Import(text)),
        }
    }
}

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Method {
    /// `GET`
    #[serde(rename = "GET")]
    Get,
}

impl TryFrom<String> for Method {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        match text.as_str() {
            "GET" => Ok(Self::Get),
            _ => Err(ValueFlaw::Method(text)),
        }
    }
}

/// The scheme of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Scheme {
    /// `http`
    #[serde(rename = "http")]
    Http,
    /// `https`
    #[serde(rename = "https")]
    Https,
}

impl TryFrom<String> for Scheme {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        match text.as_str() {
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            _ => Err(ValueFlaw::Scheme(text)),
        }
    }
}

/// What a policy says of a layer of the second wall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerRule {
    /// It stood where the policy was printed. Asks for nothing.
    Enforced,
    /// It could not be put up there. Asks for nothing.
    #[default]
    Unavailable,
    /// A run is refused without it.
    Required,
}

impl TryFrom<String> for LayerRule {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        match text.as_str() {
            "enforced" => Ok(Self::Enforced),
            "unavailable" => Ok(Self::Unavailable),
            "required" => Ok(Self::Required),
            _ => Err(ValueFlaw::Layer(text)),
        }
    }
}

impl fmt::Display for LayerRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enforced => "enforced",
            Self::Unavailable => "unavailable",
            Self::Required => "required",
        })
    }
}

/// A host, in its one canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostName(String);

impl HostName {
    /// Whether it is the address that a relative URI is on.
    pub fn is_ecs(&self) -> bool {
        self.0 == "169.254.170.2"
    }

    /// Whether it may be asked over http, by the rules of the endpoint itself (`behaviour.md` §1).
    pub fn is_asked_over_http(&self) -> bool {
        Endpoint::from_full_uri(&format!("http://{}/", self.0)).is_ok()
    }
}

impl TryFrom<String> for HostName {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        // Over https every host can be asked: what is one at all is the endpoint's own rule.
        match Endpoint::from_full_uri(&format!("https://{text}/")) {
            Ok(endpoint) => {
                let host = endpoint.host().to_string();
                match endpoint.port().is_none() && endpoint.path_with_query() == "/" {
                    true if host == text => Ok(Self(text)),
                    true => Err(ValueFlaw::HostSpelling(host)),
                    false => Err(ValueFlaw::Host(text)),
                }
            }
            Err(_) => Err(ValueFlaw::Host(text)),
        }
    }
}

impl From<&Host> for HostName {
    fn from(host: &Host) -> Self {
        Self(host.to_string())
    }
}

/// An absolute path, with no step more than it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct FilePath(String);

impl FilePath {
    /// The path of a file as the environment names it, relative to the working directory when it is
    /// not absolute.
    ///
    /// # Errors
    ///
    /// When there is no working directory, or its path is not UTF-8.
    pub fn absolute(path: &Path) -> std::io::Result<Self> {
        let path = std::path::absolute(path)?.into_os_string().into_string();
        path.map(Self).map_err(|_| {
            std::io::Error::new(std::io::ErrorKind::InvalidData, "its path is not UTF-8")
        })
    }
}

impl TryFrom<String> for FilePath {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        let path = unescape(&text)?;
        if !path.starts_with('/') || path.contains('\0') {
            return Err(ValueFlaw::RelativePath(text));
        }
        match Self::absolute(Path::new(&path)) {
            Ok(absolute) if absolute.0 == path => Ok(absolute),
            Ok(absolute) => Err(ValueFlaw::PathSpelling(absolute.into())),
            Err(_) => Err(ValueFlaw::RelativePath(text)),
        }
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        escape(&path.0)
    }
}

macro_rules! displays_as_its_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}
displays_as_its_text!(Sha256, Import, HostName, FilePath);

macro_rules! reads_a_text {
    ($($name:ident),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                shape::text(deserializer)
            }
        }
    )*};
}
reads_a_text!(
    Sha256, Import, Method, Scheme, LayerRule, HostName, FilePath
);

/// A text to be compared to the letter, as a policy writes it: an asterisk would look like more than it
/// is, so it is `{*}`, and a brace is `{{}`.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '*' => escaped.push_str("{*}"),
            '{' => escaped.push_str("{{}"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text that [`escape`] was given.
pub(super) fn unescape(escaped: &str) -> Result<String, ValueFlaw> {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some(special) = rest.find(['*', '{']) {
        let (before, from) = rest.split_at_checked(special).unwrap_or((rest, ""));
        text.push_str(before);
        rest = if let Some(after) = from.strip_prefix("{*}") {
            text.push('*');
            after
        } else if let Some(after) = from.strip_prefix("{{}") {
            text.push('{');
            after
        } else {
            return Err(ValueFlaw::Wildcard(escaped.to_owned()));
        };
    }
    text.push_str(rest);
    Ok(text)
}
