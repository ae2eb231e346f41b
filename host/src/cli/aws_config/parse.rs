//! From the bytes of a config file to sections and properties, by the common form alone.

use super::found::{Found, spelled};
use crate::cli::sentences::LineError;
use std::collections::{BTreeMap, BTreeSet};

/// White space that every SDK knows as such.
const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// A config file.
#[derive(Debug, Default)]
pub(in crate::cli) struct AwsConfig {
    /// In the order of their lines.
    sections: Vec<Section>,
    /// The first section of each kind and name.
    places: BTreeMap<(Kind, String), usize>,
}

/// A section: a profile, or another one.
#[derive(Debug)]
pub(in crate::cli) struct Section {
    kind: Kind,
    /// That of the profile, or what stands in the brackets.
    pub(in crate::cli) name: String,
    header: String,
    line: usize,
    /// Whether some SDK does not accept its header, which is told already.
    is_told: bool,
    /// By their keys in lower case.
    pub(super) properties: BTreeMap<String, Property>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Profile,
    /// Meant as a profile, but no SDK takes it for one.
    Lookalike,
    Other,
    /// There is one of this kind and name already.
    Again,
}

/// A line `key = value` of a section.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) line: usize,
    pub(super) value: String,
    /// Whether nested properties follow.
    pub(super) has_nested: bool,
    /// Whether the line itself is told already.
    is_told: bool,
}

impl AwsConfig {
    /// The profiles.
    pub(in crate::cli) fn profiles(&self) -> impl Iterator<Item = &Section> {
        let sections = self.sections.iter();
        sections.filter(|section| section.kind == Kind::Profile)
    }

    /// The profile of this name, or else the section that was meant as one.
    pub(in crate::cli) fn profile(&self, name: &str) -> Option<&Section> {
        let of = |kind| self.first(&(kind, name.to_owned()));
        of(Kind::Profile).or_else(|| of(Kind::Lookalike))
    }

    fn first(&self, kind_and_name: &(Kind, String)) -> Option<&Section> {
        let place = self.places.get(kind_and_name)?;
        self.sections.get(*place)
    }

    /// The names of the sections that this line belongs to. An indented header is a part of the section above it, too.
    pub(super) fn sections_at(&self, line: usize) -> impl Iterator<Item = &str> {
        let end = self.sections.partition_point(|it| it.line <= line);
        let mut sections = self.sections.iter().take(end).rev();
        let own = sections.next();
        let is_indented = own.is_some_and(|own| own.line == line && own.is_told);
        let above = sections.next().filter(|_| is_indented);
        own.into_iter().chain(above).map(|it| &*it.name)
    }
}

impl Section {
    /// The property of this key, unless it is empty.
    pub(super) fn property(&self, key: &str) -> Option<&Property> {
        let property = self.properties.get(key);
        property.filter(|property| !property.value.is_empty())
    }

    /// The value of the property of this key, unless it is empty.
    pub(in crate::cli) fn value(&self, key: &str) -> Option<&str> {
        self.property(key).map(|property| &*property.value)
    }

    /// Whether there is a line with this key, be it empty.
    pub(super) fn has(&self, key: &str) -> bool {
        self.properties.contains_key(key)
    }
}

/// What the file holds, and each line beyond the common form; or why it is no text.
pub(super) fn parse(bytes: &[u8]) -> Result<(AwsConfig, Vec<Found>), Found> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let is_utf16 = matches!(
        bytes,
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..]
    );
    if is_utf16 {
        return Err(Found::at(1, LineError::Utf16));
    }
    let unmarked = bytes.strip_prefix(MARK);
    let bytes = unmarked.unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Found::at(line, LineError::NotUtf8)
    })?;
    let mut reading = Reading::default();
    if unmarked.is_some() {
        reading.flaw(1, LineError::ByteOrderMark);
    }
    for (index, line) in text.lines().enumerate() {
        reading.line(index + 1, line);
    }
    Ok((reading.config, reading.found))
}

/// What an indented line belongs to.
#[derive(Default)]
enum Above {
    #[default]
    Nothing,
    /// A property of this key without a value; its nested properties so far, with their lines.
    Group(String, BTreeMap<String, usize>),
    /// The value of this key.
    Value(String),
}

#[derive(Default)]
struct Reading {
    config: AwsConfig,
    found: Vec<Found>,
    above: Above,
}

impl Reading {
    fn line(&mut self, line: usize, text: &str) {
        let trimmed = text.trim_matches(BLANK);
        let is_indented = text.starts_with(BLANK);
        if text.contains(|c: char| c.is_control() && c != '\t') {
            self.flaw(line, LineError::ControlCharacter);
        } else if trimmed.is_empty()
            || text.starts_with(COMMENT)
            || is_indented && self.is_read_as_indented(line, trimmed)
        {
        } else if let Some(header) = trimmed.strip_prefix('[') {
            self.header(line, header, is_indented);
        } else {
            self.property(line, trimmed, is_indented);
        }
    }

    /// Tells of an indented line that is no nested property. Gives false if it looks like a header or a property: it is
    /// then read as one, so that nothing else is told because of it.
    fn is_read_as_indented(&mut self, line: usize, text: &str) -> bool {
        let is_comment = text.starts_with(COMMENT);
        let flaw = match &mut self.above {
            Above::Group(..) if is_comment => match before_comment(text).contains('=') {
                true => LineError::IndentedComment,
                false => LineError::CommentBelowHeader,
            },
            Above::Group(..) if text.starts_with('[') => LineError::NotAProperty,
            Above::Group(group, nested) => {
                let (key, _, mut flaw) = parts(text);
                // Java and Rust do not accept a nested line without `=`.
                let is_property = flaw != Some(LineError::NotAProperty);
                let section = self.config.sections.last_mut();
                if let Some(group) = section.and_then(|it| it.properties.get_mut(group)) {
                    group.has_nested = true;
                    if !is_property && group.value.is_empty() {
                        group.value = text.to_owned();
                    }
                }
                let first = *nested.entry(key.clone()).or_insert(line);
                if is_property && first < line {
                    flaw = Some(LineError::NestedTwice(key, first));
                }
                self.flaw(line, flaw);
                return true;
            }
            Above::Value(_) if is_comment => LineError::IndentedComment,
            Above::Value(key) => LineError::Continues(key.clone()),
            Above::Nothing if is_comment => LineError::CommentBelowHeader,
            Above::Nothing => LineError::Indented,
        };
        self.flaw(line, flaw);
        is_comment
    }

    fn header(&mut self, line: usize, header: &str, is_told: bool) {
        let (inner, behind) = header.split_once(']').unwrap_or((header, "]"));
        let comment = behind.trim_start_matches(BLANK);
        let is_comment = comment.len() < behind.len() && comment.starts_with(COMMENT);
        // Rust looks for the comment before it looks for the bracket.
        let is_broken = inner.trim_matches(BLANK).is_empty()
            || inner.contains(COMMENT)
            || !(comment.is_empty() || is_comment);
        let (mut kind, name, mut flaw) = section(inner);
        if is_broken {
            flaw = Some(LineError::Header);
        } else if comment.contains(']') {
            flaw = Some(LineError::BracketInComment);
        }
        let kind_and_name = (kind, name.clone());
        if let Some(first) = self.config.first(&kind_and_name) {
            kind = Kind::Again;
            if !is_broken && !first.is_told {
                let section = format!("[{inner}]");
                flaw = Some(match first.header == inner {
                    true => LineError::SectionTwice(section, first.line),
                    false => LineError::SectionAgain(section, first.line),
                });
            }
        } else {
            let place = self.config.sections.len();
            self.config.places.insert(kind_and_name, place);
        }
        self.config.sections.push(Section {
            kind,
            name,
            header: inner.to_owned(),
            line,
            is_told: is_told || is_broken,
            properties: BTreeMap::new(),
        });
        if !is_told {
            self.above = Above::Nothing;
            self.flaw(line, flaw);
        }
    }

    fn property(&mut self, line: usize, text: &str, is_indented: bool) {
        let Some(section) = self.config.sections.last_mut() else {
            return self.flaw(line, (!is_indented).then_some(LineError::OutsideOfSection));
        };
        let (key, value, mut flaw) = parts(text);
        let is_property = flaw != Some(LineError::NotAProperty);
        if let Some(first) = section.properties.get(&key).filter(|it| !it.is_told) {
            if is_property {
                flaw = Some(LineError::KeyTwice(key.clone(), first.line));
            }
        } else {
            let property = Property {
                line,
                value: value.trim().to_owned(),
                has_nested: false,
                is_told: is_indented || !is_property,
            };
            section.properties.insert(key.clone(), property);
        }
        if !is_indented {
            self.above = match value {
                _ if !is_property => Above::Nothing,
                "" => Above::Group(key, BTreeMap::new()),
                _ => Above::Value(key),
            };
            self.flaw(line, flaw);
        }
    }

    fn flaw(&mut self, line: usize, flaw: impl Into<Option<LineError>>) {
        let flaw = flaw.into();
        self.found.extend(flaw.map(|flaw| Found::at(line, flaw)));
    }
}

/// The key of a line in lower case, its value, and what is beyond the common form of a property.
fn parts(text: &str) -> (String, &str, Option<LineError>) {
    let before = before_comment(text);
    let split = before
        .split_once('=')
        .filter(|(key, _)| !key.trim().is_empty());
    // `key: value` and `key value` are read as they were meant.
    let meant = || before.split_once([':', ' ', '\t']);
    let (key, value) = split.or_else(meant).unwrap_or((before, ""));
    let (written, value) = (key.trim_matches(BLANK), value.trim_matches(BLANK));
    let key = written.trim().to_ascii_lowercase();
    let flaw = match split {
        Some(_) => beyond(written, &key, value, before.len() < text.len()),
        None => Some(LineError::NotAProperty),
    };
    (key, value, flaw)
}

/// What of a property is beyond the common form.
fn beyond(written: &str, key: &str, value: &str, has_comment: bool) -> Option<LineError> {
    let has_quotes = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
    let is_odd_space = |c: char| c.is_whitespace() && !BLANK.contains(&c);
    if written.contains(is_odd_space) || value.trim() != value {
        Some(LineError::WhiteSpace)
    } else if key != written {
        Some(LineError::UpperCase(key.to_owned()))
    } else if !is_name(key) || key.contains(':') {
        Some(LineError::Key(spelled(key)))
    } else if has_comment {
        Some(LineError::CommentInValue)
    } else if has_quotes('"') || has_quotes('\'') {
        Some(LineError::Quoted(key.to_owned()))
    } else {
        None
    }
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

/// The section that the text in brackets opens, its name, and what is beyond the common form.
fn section(inner: &str) -> (Kind, String, Option<LineError>) {
    let trimmed = inner.trim_matches(BLANK);
    let (word, rest) = trimmed.split_once(BLANK).unwrap_or((trimmed, ""));
    let rest = rest.trim_start_matches(BLANK);
    let lower = word.to_ascii_lowercase();
    let meant = [&*lower, rest].join(" ").trim_end().to_owned();
    let name = rest.trim_matches(['"', '\'']);
    let of_name = || match rest {
        "" => Some(LineError::NoName(lower.clone())),
        _ => (!is_name(rest)).then(|| LineError::Name(spelled(rest))),
    };
    let no_profile = |meant: &str| {
        let section = inner.to_owned();
        Some(LineError::NoProfile(section, meant.to_owned()))
    };
    let profile = match word == lower {
        true => Kind::Profile,
        false => Kind::Lookalike,
    };
    let (of_kind, of_profile) = (format!("{lower} {name}"), format!("profile {word}"));
    let (kind, name, flaw) = match (&*lower, rest) {
        ("default", "") if word == "DEFAULT" => (profile, &*lower, Some(LineError::Default)),
        ("default", "") => (profile, &*lower, None),
        ("profile", _) => (profile, name, of_name()),
        ("plugins" | "preview", "") => (Kind::Other, &*lower, None),
        ("sso-session" | "services", _) => (Kind::Other, &*of_kind, of_name()),
        (_, "") if is_name(word) => (Kind::Lookalike, word, no_profile(&of_profile)),
        _ => (Kind::Lookalike, trimmed, no_profile("profile NAME")),
    };
    let flaw = flaw.or_else(|| match kind {
        Kind::Lookalike => no_profile(&meant),
        _ if word != lower => Some(LineError::Capitals(meant)),
        _ => (meant != inner).then_some(LineError::HeaderSpace(meant)),
    });
    (kind, name.to_owned(), flaw)
}

/// The names of the profiles in the text of a credentials file, in which they stand without a prefix.
pub(in crate::cli) fn credentials_profiles(text: &str) -> BTreeSet<String> {
    let headers = text.lines().filter_map(|line| line.strip_prefix('['));
    let names = headers.filter_map(|header| header.split_once(']'));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}
