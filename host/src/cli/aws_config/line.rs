//! A line of a config file: read leniently, as it was meant, and written in the common form (`behaviour.md` §8). If the
//! line is not what was written, it is not in the common form.

use super::error::{LineError, Reach};
use super::found::{short, spelled};
use super::keys;

/// White space that every SDK knows as such.
pub(super) const BLANK: [char; 2] = [' ', '\t'];
pub(super) const COMMENT: [char; 2] = ['#', ';'];

/// A flaw of the line, and how far it goes.
pub(super) type Flaw = Option<(LineError, Reach)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Profile,
    /// Meant as a profile, but no SDK takes it for one.
    Lookalike,
    Other,
    /// There is one of this kind and name already.
    Again,
}

/// The header of a section.
pub(super) struct Header<'a> {
    pub(super) kind: Kind,
    /// That of the profile, or what stands in the brackets.
    pub(super) name: String,
    /// What stands in the brackets.
    pub(super) inner: &'a str,
    pub(super) flaw: Flaw,
}

/// Reads a header, without its first bracket.
pub(super) fn header(text: &str) -> Header<'_> {
    let (inner, behind) = brackets(text);
    let (kind, name, common) = section(inner);
    let is_common = |common: &str| common == inner && !behind.is_some_and(|it| it.contains(']'));
    let flaw = match (common, behind) {
        // Rust looks for the comment before it looks for the bracket.
        _ if inner.trim_matches(BLANK).is_empty() || inner.contains(COMMENT) => {
            Some((LineError::Header, Reach::File))
        }
        _ if inner == "DEFAULT" => Some((LineError::EveryProfile, Reach::File)),
        (Err(flaw), Some(_)) => Some((flaw, Reach::Profile)),
        (Err(flaw), None) => Some((flaw, Reach::File)),
        (Ok(common), Some(_)) if is_common(&common) => None,
        (Ok(common), _) => {
            let reach = behind.map_or(Reach::File, |_| Reach::Profile);
            Some((LineError::Form(short(&format!("`[{common}]`"))), reach))
        }
    };
    Header {
        kind,
        name,
        inner,
        flaw,
    }
}

/// What stands in the brackets, and behind them. The second is `None` if some SDK finds no end of the header.
fn brackets(text: &str) -> (&str, Option<&str>) {
    let is_end = |behind: &str| {
        let comment = behind.trim_start_matches(BLANK);
        comment.is_empty() || comment.len() < behind.len() && comment.starts_with(COMMENT)
    };
    let first = text.split_once(']').filter(|(_, behind)| is_end(behind));
    let before = before_comment(text);
    // A bracket can stand in a name: the last one is the end of the header.
    match first.or_else(|| before.rsplit_once(']')) {
        Some((inner, behind)) => (inner, Some(behind).filter(|it| is_end(it))),
        None => (before, None),
    }
}

/// The section that the text in brackets was meant to open, its name, and that text in the common form.
fn section(inner: &str) -> (Kind, String, Result<String, LineError>) {
    let trimmed = inner.trim_matches(BLANK);
    let (word, rest) = trimmed.split_once(BLANK).unwrap_or((trimmed, ""));
    let kind = word.to_ascii_lowercase();
    let name = rest.trim_matches(BLANK).trim_matches(['"', '\'']);
    let profile = match word == kind {
        true => Kind::Profile,
        false => Kind::Lookalike,
    };
    let with_name = || match name {
        "" => Ok(format!("{kind} NAME")),
        _ if is_name(name) => Ok(format!("{kind} {name}")),
        _ => Err(LineError::Name(spelled(name))),
    };
    match (&*kind, rest) {
        ("default", "") if word == "DEFAULT" => (Kind::Profile, kind.clone(), Ok(kind)),
        ("default", "") => (profile, kind.clone(), Ok(kind)),
        ("profile", _) => (profile, name.to_owned(), with_name()),
        ("plugins" | "preview", "") => (Kind::Other, kind.clone(), Ok(kind)),
        ("sso-session" | "services", _) => (Kind::Other, format!("{kind} {name}"), with_name()),
        (_, "") if is_name(word) => {
            let common = format!("profile {word}");
            (Kind::Lookalike, word.to_owned(), Ok(common))
        }
        _ => (
            Kind::Lookalike,
            trimmed.to_owned(),
            Ok("profile NAME".to_owned()),
        ),
    }
}

/// A line with a key and a value.
pub(super) struct KeyValue<'a> {
    pub(super) key: String,
    pub(super) value: &'a str,
    /// Whether it has the `=` of a property.
    pub(super) is_property: bool,
    pub(super) flaw: Flaw,
}

/// Reads a property, or one that is nested in another.
pub(super) fn key_value(text: &str, is_nested: bool) -> KeyValue<'_> {
    let before = before_comment(text);
    let split = before
        .split_once('=')
        .filter(|(key, _)| !key.trim().is_empty());
    // `key: value` and `key value` are read as they were meant.
    let without = || before.split_once([':', ' ', '\t']);
    let (written_key, written) = split.or_else(without).unwrap_or((before, ""));
    let (written_key, written) = (written_key.trim_matches(BLANK), written.trim_matches(BLANK));
    let value = unquoted(written.trim());
    let mut key = written_key.trim().to_ascii_lowercase();
    let known = keys::meant(&key).filter(|_| !is_nested);
    let is_common =
        written_key == key && written == value && !has_quotes(value) && before.len() == text.len();
    let flaw = if let Some(known) = known {
        let unknown = spelled(written_key);
        key = known.to_owned();
        split.map(|_| LineError::Unknown(unknown, known))
    } else if !is_name(&key) || key.contains(':') {
        split.map(|_| LineError::Key(spelled(&key)))
    } else {
        (split.is_some() && !is_common).then(|| LineError::Form(short(&common(&key, value))))
    };
    let flaw = match flaw {
        None if split.is_some() => None,
        Some(flaw) => Some((flaw, Reach::Profile)),
        None if !is_nested && keys::is_known(&key) && !value.is_empty() => {
            Some((LineError::Form(short(&common(&key, value))), Reach::File))
        }
        None => Some((LineError::NotAProperty, Reach::File)),
    };
    KeyValue {
        key,
        value,
        is_property: split.is_some(),
        flaw,
    }
}

/// A property in the common form. A value that may be a secret is not shown.
fn common(key: &str, value: &str) -> String {
    match !value.is_empty() && keys::may_be_shown(key) {
        true => format!("`{key} = {}`", spelled(value)),
        false => {
            format!(
                "`{key} = …`, the value without quotation marks around it and without a comment"
            )
        }
    }
}

/// The value without the quotation marks around it: Go takes them away, others keep them.
fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    let whole = |quote| inner(quote).filter(|inner: &&str| !inner.contains(quote));
    whole('"').or_else(|| whole('\'')).unwrap_or(value)
}

/// Whether Go takes the first and the last character away.
fn has_quotes(value: &str) -> bool {
    let has = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    has('"') || has('\'')
}

/// What stands before a comment, which white space and `#` or `;` begin.
fn before_comment(text: &str) -> &str {
    let mut is_after_space = false;
    let comment = text.char_indices().find(|(_, c)| {
        let is_comment = is_after_space && COMMENT.contains(c);
        is_after_space = c.is_whitespace();
        is_comment
    });
    let before = comment.and_then(|(at, _)| text.get(..at));
    before.unwrap_or(text)
}

/// Whether every SDK takes this for a name.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-/.%@:+".contains(c);
    !text.is_empty() && text.chars().all(is_plain)
}
