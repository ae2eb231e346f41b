//! From the bytes of a config file to sections and properties, by the common form and nothing else.

use super::error::{Found, LineError};

/// The most findings about lines: of a file that is something else altogether, the beginning is enough.
const FLAWS: usize = 100;

/// White space that every SDK knows as such.
const BLANK: [char; 2] = [' ', '\t'];
const COMMENT: [char; 2] = ['#', ';'];

/// A config file.
#[derive(Debug, Default)]
pub(in crate::cli) struct AwsConfig {
    /// In the order of their lines.
    sections: Vec<Section>,
}

/// A section: a profile, or another one.
#[derive(Debug)]
pub(in crate::cli) struct Section {
    kind: Kind,
    /// That of the profile, or what stands in the brackets.
    pub(in crate::cli) name: String,
    header: String,
    line: usize,
    /// Whether some SDK does not accept its header.
    is_broken: bool,
    properties: Vec<Property>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Profile,
    /// Meant as a profile, but no SDK takes it for one.
    Lookalike,
    Other,
    /// There is one of this kind and name already.
    Again,
}

/// A line `key = value` of a section, the key in lower case.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) line: usize,
    pub(super) key: String,
    pub(super) value: String,
    /// Whether nested properties follow.
    pub(super) has_nested: bool,
}

impl AwsConfig {
    /// The profiles.
    pub(in crate::cli) fn profiles(&self) -> impl Iterator<Item = &Section> {
        let sections = self.sections.iter();
        sections.filter(|section| section.kind == Kind::Profile)
    }

    /// The profile of this name, or else the section that was meant as one.
    pub(in crate::cli) fn profile(&self, name: &str) -> Option<&Section> {
        let of = |kind| {
            let mut sections = self.sections.iter();
            sections.find(|it| it.kind == kind && it.name == name)
        };
        of(Kind::Profile).or_else(|| of(Kind::Lookalike))
    }

    /// Those of these names that are there and no profiles, each by its name.
    pub(super) fn other_sections<'a>(&'a self, names: &[String]) -> impl Iterator<Item = &'a str> {
        let sections = self.sections.iter().filter(|it| it.kind == Kind::Other);
        sections
            .map(|it| &*it.name)
            .filter(|name| names.iter().any(|it| it == name))
    }

    /// What stands in the brackets of the section that this line belongs to; of a profile, its name.
    pub(super) fn section_at(&self, line: usize) -> Option<&str> {
        let mut before = self.sections.iter().rev();
        before.find(|it| it.line <= line).map(|it| &*it.name)
    }
}

impl Section {
    /// The property of this key, unless it is empty.
    pub(super) fn property(&self, key: &str) -> Option<&Property> {
        let mut properties = self.properties.iter();
        properties.find(|property| property.key == key && !property.value.is_empty())
    }

    /// The value of the property of this key, unless it is empty.
    pub(in crate::cli) fn value(&self, key: &str) -> Option<&str> {
        self.property(key).map(|property| &*property.value)
    }

    pub(super) fn properties(&self) -> &[Property] {
        &self.properties
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
    /// A property without a value.
    Group,
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
        if text.contains(|c: char| c.is_control() && c != '\t') {
            self.flaw(line, LineError::ControlCharacter);
        } else if trimmed.is_empty() || text.starts_with(COMMENT) {
        } else if text.starts_with(BLANK) {
            self.indented(line, trimmed);
        } else if let Some(header) = trimmed.strip_prefix('[') {
            self.header(line, header);
        } else {
            self.property(line, trimmed);
        }
    }

    fn indented(&mut self, line: usize, text: &str) {
        let is_comment = text.starts_with(COMMENT);
        let is_property = before_comment(text).contains('=');
        let flaw = match &self.above {
            Above::Group if !is_comment && is_property => {
                let section = self.config.sections.last_mut();
                if let Some(group) = section.and_then(|it| it.properties.last_mut()) {
                    group.has_nested = true;
                }
                return;
            }
            Above::Value(_) if is_comment => LineError::IndentedComment { breaks: false },
            // Java and Rust do not accept a nested line without `=`.
            Above::Group if is_comment => LineError::IndentedComment {
                breaks: !is_property,
            },
            Above::Nothing if is_comment => LineError::IndentedComment { breaks: true },
            Above::Value(key) => LineError::Continues(key.clone()),
            Above::Group => LineError::NotAProperty,
            Above::Nothing => LineError::Indented,
        };
        self.flaw(line, flaw);
    }

    fn header(&mut self, line: usize, header: &str) {
        self.above = Above::Nothing;
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
        let mut others = self.config.sections.iter();
        if let Some(first) = others.find(|other| other.kind == kind && other.name == name) {
            kind = Kind::Again;
            // The first one is told already where it is broken.
            if !is_broken && !first.is_broken {
                flaw = Some(LineError::SectionTwice {
                    section: format!("[{inner}]"),
                    first: first.line,
                    is_same: first.header == inner,
                });
            }
        }
        self.config.sections.push(Section {
            kind,
            name,
            header: inner.to_owned(),
            line,
            is_broken,
            properties: Vec::new(),
        });
        if let Some(flaw) = flaw {
            self.flaw(line, flaw);
        }
    }

    fn property(&mut self, line: usize, text: &str) {
        self.above = Above::Nothing;
        let Some(section) = self.config.sections.last_mut() else {
            return self.flaw(line, LineError::OutsideOfSection);
        };
        let before = before_comment(text);
        let Some((key, value)) = before.split_once('=') else {
            return self.flaw(line, LineError::NotAProperty);
        };
        let (written, value) = (key.trim_matches(BLANK), value.trim_matches(BLANK));
        let key = written.trim().to_ascii_lowercase();
        if key.is_empty() {
            return self.flaw(line, LineError::NotAProperty);
        }
        self.above = match value {
            "" => Above::Group,
            _ => Above::Value(key.clone()),
        };
        let has_quotes =
            |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
        let first = section.properties.iter().find(|other| other.key == key);
        let flaw = if let Some(first) = first.map(|first| first.line) {
            Some(LineError::KeyTwice { key, first })
        } else {
            let flaw = if written.contains(is_odd_space) || value.trim() != value {
                Some(LineError::WhiteSpace)
            } else if key != written {
                Some(LineError::UpperCase(key.clone()))
            } else if !is_name(&key) || key.contains(':') {
                Some(LineError::Key(key.clone()))
            } else if before.len() < text.len() {
                Some(LineError::CommentInValue)
            } else if has_quotes('"') || has_quotes('\'') {
                Some(LineError::Quoted(key.clone()))
            } else {
                None
            };
            section.properties.push(Property {
                line,
                key,
                value: value.trim().to_owned(),
                has_nested: false,
            });
            flaw
        };
        if let Some(flaw) = flaw {
            self.flaw(line, flaw);
        }
    }

    fn flaw(&mut self, line: usize, flaw: LineError) {
        if self.found.len() < FLAWS {
            self.found.push(Found::at(line, flaw));
        }
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

fn is_odd_space(c: char) -> bool {
    c.is_whitespace() && !BLANK.contains(&c)
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
    let spaced = |written: String| (written != inner).then_some(LineError::HeaderSpace(written));
    let lookalike = |name: &str, written: String| {
        let flaw = LineError::NoProfile {
            section: inner.to_owned(),
            written,
        };
        (Kind::Lookalike, name.to_owned(), Some(flaw))
    };
    match (&*word.to_ascii_lowercase(), rest) {
        ("default", "") if word == "default" => {
            (Kind::Profile, word.to_owned(), spaced(word.to_owned()))
        }
        ("default", "") if word == "DEFAULT" => (
            Kind::Lookalike,
            "default".to_owned(),
            Some(LineError::Default),
        ),
        ("default", "") => lookalike("default", "default".to_owned()),
        ("profile", name) if word == "profile" => {
            let flaw = if is_name(name) {
                spaced(format!("profile {name}"))
            } else {
                Some(LineError::ProfileName(name.to_owned()))
            };
            let unquoted = name.trim_matches(['"', '\'']);
            (Kind::Profile, unquoted.to_owned(), flaw)
        }
        ("profile", name) => lookalike(name, format!("profile {name}")),
        ("sso-session" | "services", name) if !name.is_empty() => {
            let name = format!("{word} {name}");
            (Kind::Other, name.clone(), spaced(name))
        }
        ("plugins" | "preview", "") => (Kind::Other, word.to_owned(), spaced(word.to_owned())),
        (_, "") if is_name(word) => lookalike(word, format!("profile {word}")),
        _ => lookalike(trimmed, "profile NAME".to_owned()),
    }
}

/// The names of the profiles in the text of a credentials file, in which they stand without a prefix.
pub(in crate::cli) fn credentials_profiles(text: &str) -> Vec<String> {
    let headers = text.lines().filter_map(|line| line.strip_prefix('['));
    let names = headers.filter_map(|header| header.split_once(']'));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}
