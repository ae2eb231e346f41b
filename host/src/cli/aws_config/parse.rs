//! From the bytes of a config file to sections and properties, with each line beyond the common form.

use super::error::{LineError, Reach};
use super::found::{Found, short};
use super::keys;
use super::line::{self, BLANK, COMMENT, Flaw, Header, KeyValue, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;

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
    pub(super) line: usize,
    /// Whether some SDK does not accept its header, which is told already.
    is_told: bool,
    /// By their keys in lower case.
    pub(super) properties: BTreeMap<String, Property>,
}

/// A line `key = value` of a section.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) line: usize,
    pub(super) value: String,
    /// The keys of the properties that are nested in it, with their lines.
    pub(super) nested: BTreeMap<String, usize>,
    /// Whether the value goes on at the next line, which is told.
    pub(super) is_cut: bool,
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

    /// The section of this kind and name, such as `services` and `x`.
    pub(super) fn other(&self, kind: &str, name: &str) -> Option<&Section> {
        self.first(&(Kind::Other, format!("{kind} {name}")))
    }

    /// Each section that is meant as this profile: it may be there twice.
    pub(super) fn all_of(&self, name: &str) -> impl Iterator<Item = &Section> {
        let sections = self.sections.iter();
        sections.filter(move |it| it.kind != Kind::Other && it.name == name)
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
        return Err(Found::at(1, LineError::Utf16, Reach::File));
    }
    let unmarked = bytes.strip_prefix(MARK);
    let bytes = unmarked.unwrap_or(bytes);
    let text = str::from_utf8(bytes).map_err(|error| {
        let before = bytes.iter().take(error.valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Found::at(line, LineError::NotUtf8, Reach::File)
    })?;
    let mut reading = Reading::default();
    if unmarked.is_some() {
        reading.flaw(1, LineError::ByteOrderMark);
    }
    for (index, line) in text.lines().enumerate() {
        let is_control = |c: char| c.is_control() && c != '\t';
        if line.contains(is_control) {
            reading.flaw(index + 1, LineError::ControlCharacter);
        }
        // The line is read as it was meant, so that nothing else is missed because of it.
        reading.line(index + 1, &line.replace(is_control, ""));
    }
    reading.found.dedup_by_key(|it| it.line);
    Ok((reading.config, reading.found))
}

#[derive(Default)]
struct Reading {
    config: AwsConfig,
    found: Vec<Found>,
    /// The key of the property that an indented line belongs to.
    above: Option<String>,
    /// Whether the line above ends with a backslash, as one that a shell joins with the next.
    is_cut: bool,
}

impl Reading {
    fn line(&mut self, line: usize, text: &str) {
        let trimmed = text.trim_matches(BLANK);
        let is_indented = text.starts_with(BLANK);
        let is_cut = mem::take(&mut self.is_cut);
        if trimmed.is_empty() || text.starts_with(COMMENT) {
        } else if is_cut && (is_indented || !is_sentence(trimmed)) {
            // The line above is told already.
            self.is_cut = trimmed.ends_with('\\');
            if let Some(cut) = self.found.last_mut().filter(|_| !is_indented) {
                // Rust refuses a file with a line like this one.
                cut.reach = Reach::File;
            }
        } else if is_indented && self.is_read_as_indented(line, trimmed) {
        } else if let Some(header) = trimmed.strip_prefix('[') {
            self.header(line, header, is_indented);
        } else {
            self.property(line, trimmed, is_indented);
        }
    }

    /// Reads an indented line. Returns false if it looks like a header or a property, but not like a nested one. The
    /// caller then parses it as such, so that nothing else is reported because of it.
    fn is_read_as_indented(&mut self, line: usize, text: &str) -> bool {
        let is_comment = text.starts_with(COMMENT);
        let section = self.config.sections.last_mut();
        let above = self.above.as_ref();
        let above = above.and_then(|key| Some((key, section?.properties.get_mut(key)?)));
        let indented = |reach| Some((LineError::Indented, reach));
        let (flaw, is_read) = match above {
            None => (indented(Reach::File), is_comment),
            // Rust looks for the `=` of a nested property in it.
            Some((_, group)) if is_comment && group.value.is_empty() && !text.contains('=') => {
                (indented(Reach::File), true)
            }
            Some(_) if is_comment => (indented(Reach::Profile), true),
            Some((_, above)) if !above.value.is_empty() && is_sentence(text) => {
                (indented(Reach::Profile), false)
            }
            Some((key, above)) if !above.value.is_empty() => {
                above.is_cut = true;
                let cut = LineError::Cut(short(key));
                (Some((cut, Reach::Profile)), true)
            }
            Some(_) if text.starts_with('[') => {
                (Some((LineError::NotAProperty, Reach::File)), false)
            }
            Some((key, group)) => {
                let is_first = group.nested.is_empty();
                let nested = line::key_value(text, true);
                let first = *group.nested.entry(nested.key.clone()).or_insert(line);
                let twice = LineError::Again(short(&nested.key), first);
                let flaw = match nested.is_property {
                    // Of all that is nested in it, the first line is told.
                    true if keys::is_scalar(key) => {
                        is_first.then(|| (LineError::Nested(short(key)), Reach::Profile))
                    }
                    true if first < line => Some((twice, Reach::Profile)),
                    _ => nested.flaw,
                };
                (flaw, true)
            }
        };
        self.told(line, flaw);
        is_read
    }

    fn header(&mut self, line: usize, text: &str, is_told: bool) {
        let Header {
            mut kind,
            name,
            inner,
            mut flaw,
        } = line::header(text);
        let is_broken = matches!(flaw, Some((_, Reach::File)));
        let kind_and_name = (kind, name.clone());
        if let Some(first) = self.config.first(&kind_and_name) {
            kind = Kind::Again;
            if !is_broken && !first.is_told {
                let section = short(&format!("[{inner}]"));
                flaw = Some(match first.header == inner {
                    true => (LineError::SectionTwice(section, first.line), Reach::File),
                    false => (LineError::SectionAgain(section, first.line), Reach::Profile),
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
            is_told: is_told || is_broken && inner != "DEFAULT",
            properties: BTreeMap::new(),
        });
        if !is_told {
            self.above = None;
            self.told(line, flaw);
        }
    }

    fn property(&mut self, line: usize, text: &str, is_indented: bool) {
        let Some(section) = self.config.sections.last_mut() else {
            let flaw = (!is_indented).then_some((LineError::OutsideOfSection, Reach::File));
            return self.told(line, flaw);
        };
        let KeyValue {
            key,
            value,
            is_property,
            mut flaw,
        } = line::key_value(text, false);
        self.is_cut = key == "credential_process" && value.ends_with('\\');
        if let Some(first) = section.properties.get(&key).filter(|it| !it.is_told) {
            // Beside the right key, a wrong one is the flaw.
            if is_property && !matches!(flaw, Some((LineError::Unknown(..), _))) {
                flaw = Some((LineError::KeyTwice(short(&key), first.line), Reach::File));
            }
        } else {
            if self.is_cut {
                flaw = Some((LineError::Backslash, Reach::Profile));
            }
            let property = Property {
                line,
                value: value.to_owned(),
                nested: BTreeMap::new(),
                is_cut: self.is_cut,
                is_told: is_indented || !is_property,
            };
            section.properties.insert(key.clone(), property);
        }
        if !is_indented {
            self.above = is_property.then_some(key);
            self.told(line, flaw);
        }
    }

    fn flaw(&mut self, line: usize, flaw: LineError) {
        let reach = flaw.reach();
        self.told(line, Some((flaw, reach)));
    }

    fn told(&mut self, line: usize, flaw: Flaw) {
        let found = flaw.map(|(flaw, reach)| Found::at(line, flaw, reach));
        self.found.extend(found);
    }
}

/// Whether this looks like a header or a property, and not like the rest of a value, such as an option.
fn is_sentence(text: &str) -> bool {
    let key = text.split_once('=').map(|(key, _)| key.trim());
    let is_key = |key: &str| !key.starts_with(['-', '/']) && !key.contains(BLANK);
    text.starts_with('[') || key.is_some_and(is_key)
}

/// The names of the profiles in the text of a credentials file, in which they stand without a prefix.
pub(in crate::cli) fn credentials_profiles(text: &str) -> BTreeSet<String> {
    let headers = text.lines().filter_map(|line| line.strip_prefix('['));
    let names = headers.filter_map(|header| header.split_once(']'));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}
