//! Path and query of the request that a policy grants.

use super::flaw::ValueFlaw;
use super::shape;
use super::text::{escape, unescape};
use epicac_component::endpoint::Endpoint;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Path and query, compared to the letter, but for one segment that may be any.
///
/// | written | grants |
/// |---|---|
/// | `/v1/credentials` | this path without a query |
/// | `/v1/credentials?a=b` | this path with this query |
/// | `/v2/credentials/{any}` | one segment more, of letters, digits, `-`, `.`, `_` and `~`, and no query: ECS has an id of the task there |
/// | `/{*}` | the path `/*` |
///
/// `{any}` never stands for nothing, for `.` or `..`, for a part of a segment, or for all of the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct PathRule {
    before: String,
    /// What follows the segment that may be any, if one may.
    after: Option<String>,
}

const ANY: &str = "{any}";

impl PathRule {
    /// Grants this path and query and no other.
    pub fn exact(path_with_query: &str) -> Self {
        Self {
            before: path_with_query.to_owned(),
            after: None,
        }
    }

    /// The one path and query that it grants; `None` when it grants more than one.
    pub fn exact_text(&self) -> Option<&str> {
        self.after.is_none().then_some(self.before.as_str())
    }

    /// Grants what differs from this path in its last segment only, if that can be granted.
    pub fn any_last_segment(path: &str) -> Option<Self> {
        let (folder, last) = path.rsplit_once('/')?;
        is_any(last)
            .then(|| format!("{}/{ANY}", escape(folder)).try_into().ok())
            .flatten()
    }

    /// Whether it grants this path and query.
    pub fn grants(&self, path_with_query: &str) -> bool {
        match &self.after {
            None => path_with_query == self.before,
            Some(after) => path_with_query
                .strip_prefix(self.before.as_str())
                .and_then(|rest| rest.strip_suffix(after.as_str()))
                .is_some_and(is_any),
        }
    }
}

/// Whether `{any}` stands for this segment, which a server can read in one way only.
fn is_any(segment: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    !matches!(segment, "" | "." | "..") && segment.bytes().all(plain)
}

impl TryFrom<String> for PathRule {
    type Error = ValueFlaw;

    fn try_from(text: String) -> Result<Self, ValueFlaw> {
        let (before, after) = match text.split_once(ANY) {
            Some((before, after)) => (unescape(before)?, Some(unescape(after)?)),
            None => (unescape(&text)?, None),
        };
        if !before.starts_with('/') {
            return Err(ValueFlaw::RelativeUri(text));
        }
        if let Some(after) = &after {
            let is_segment = before.ends_with('/')
                && !before.contains('?')
                && (after.is_empty() || after.starts_with(['/', '?']));
            if !is_segment {
                return Err(ValueFlaw::Wildcard(text));
            }
            let path_after = after.split('?').next().unwrap_or_default();
            if before.bytes().chain(path_after.bytes()).all(|b| b == b'/') {
                return Err(ValueFlaw::Everything(text));
            }
        }
        // The rules of the endpoint itself are the rules of what can be granted.
        let example = match &after {
            Some(after) => format!("{before}x{after}"),
            None => before.clone(),
        };
        match Endpoint::from_relative_uri(&example) {
            Ok(_) => Ok(Self { before, after }),
            Err(_) => Err(ValueFlaw::PathCharacter(text)),
        }
    }
}

impl<'de> Deserialize<'de> for PathRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        shape::text(deserializer)
    }
}

impl From<PathRule> for String {
    fn from(path: PathRule) -> Self {
        path.to_string()
    }
}

impl fmt::Display for PathRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(&self.before))?;
        match &self.after {
            Some(after) => write!(f, "{ANY}{}", escape(after)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> PathRule {
        PathRule::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn without_a_wildcard_a_path_is_compared_to_the_letter() {
        for (path, other) in [
            ("/v1/credentials", "/v1/credentials/"),
            ("/v1/credentials", "/v1/credentials?"),
            ("/v1/credentials", "/v1/../v1/credentials"),
            ("/v1/credentials", "/v1/credential%73"),
            ("/a?b&c", "/a?c&b"),
            ("/", "//"),
        ] {
            assert!(rule(path).grants(path));
            assert!(!rule(path).grants(other), "{other}");
        }
    }

    #[test]
    fn a_wildcard_is_one_whole_plain_segment() {
        let last = rule("/v2/credentials/{any}");
        assert!(last.grants("/v2/credentials/0b6e-_.~9"));
        for path in [
            "/v2/credentials/",
            "/v2/credentials",
            "/v2/credentials/a/b",
            "/v2/credentials/a?b",
            "/v2/credentials/.",
            "/v2/credentials/..",
            "/v2/credentials/%2e%2e",
            "/v2/credentials/a%2Fb",
            "/v2/credentials/a;b",
            "/v2/credentialsx/a",
        ] {
            assert!(!last.grants(path), "{path}");
        }
        let middle = rule("/a/{any}/b?c");
        assert!(middle.grants("/a/x/b?c"));
        assert!(!middle.grants("/a//b?c"));
        assert!(!middle.grants("/a/b?c"));
    }

    #[test]
    fn what_is_too_much_or_too_little_is_refused() {
        for text in [
            "",
            "*",
            "/*",
            "/v1/*",
            "{any}",
            "/{any}",
            "//{any}",
            "/{any}/",
            "/{any}?a",
            "/a{any}",
            "/a/{any}b",
            "/a/{any}/{any}",
            "/a?b={any}",
            "/{",
            "/{id}",
            "/{{any}",
            "/{{}",
            "v1",
            "/a b",
            "/a#b",
            "/ü",
            "http://169.254.170.23/",
        ] {
            assert!(PathRule::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn an_asterisk_is_escaped() {
        assert!(rule("/{*}").grants("/*"));
        assert_eq!(PathRule::exact("/*").to_string(), "/{*}");
    }

    #[test]
    fn the_last_segment_can_be_set_free() {
        let free = |path| PathRule::any_last_segment(path).map(String::from);
        assert_eq!(
            free("/v2/credentials/id").as_deref(),
            Some("/v2/credentials/{any}")
        );
        for path in ["/", "/id", "/v2/", "/v2/id?query", "/v2/%2e"] {
            assert_eq!(free(path), None, "{path}");
        }
    }
}
