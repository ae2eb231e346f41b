//! From the text of a config file to sections and properties.

use super::flaw::{Flaw, Found};

/// The most lines that are told to be no lines of an aws-config.
const FLAWS: usize = 100;

/// A config file.
#[derive(Debug, Default)]
pub(in crate::cli) struct AwsConfig {
    /// In the order of their lines.
    sections: Vec<Section>,
}

/// A section: a profile, or another one, of which no more matters than what comes twice.
#[derive(Debug)]
pub(in crate::cli) struct Section {
    is_profile: bool,
    /// That of the profile, or else what stands in the brackets.
    pub(in crate::cli) name: String,
    line: usize,
    properties: Vec<Property>,
}

/// A line `name = value` of a section, its name in lower case.
#[derive(Debug)]
pub(super) struct Property {
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) value: String,
}

impl AwsConfig {
    /// The profiles.
    pub(in crate::cli) fn profiles(&self) -> impl Iterator<Item = &Section> {
        self.sections.iter().filter(|section| section.is_profile)
    }

    /// The profile of this name.
    pub(in crate::cli) fn profile(&self, name: &str) -> Option<&Section> {
        self.profiles().find(|profile| profile.name == name)
    }

    /// The profile that this line belongs to, if it is one of a profile.
    pub(in crate::cli) fn profile_at(&self, line: usize) -> Option<&Section> {
        let mut before = self.sections.iter().rev();
        let section = before.find(|section| section.line <= line);
        section.filter(|section| section.is_profile)
    }
}

impl Section {
    /// The property of this name, unless it is empty.
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        let mut properties = self.properties.iter();
        properties.find(|property| property.name == name && !property.value.is_empty())
    }

    /// The value of the property of this name, unless it is empty.
    pub(in crate::cli) fn value(&self, name: &str) -> Option<&str> {
        self.property(name).map(|property| &*property.value)
    }
}

/// What of the text is profiles, and what of it no SDK reads as it was meant.
pub(super) fn parse(text: &str) -> (AwsConfig, Vec<Found>) {
    let mut reading = Reading::default();
    for (index, line) in text.lines().enumerate() {
        reading.line(index + 1, line);
    }
    (reading.config, reading.found)
}

#[derive(Default)]
struct Reading {
    config: AwsConfig,
    found: Vec<Found>,
    /// Whether a section was opened, and whether it is read: not where its header is broken, or comes twice.
    section: Option<bool>,
    /// Whether an indented line belongs to the property before it, and whether that one has a value.
    parent: Option<(String, bool)>,
}

impl Reading {
    fn line(&mut self, line: usize, text: &str) {
        let trimmed = text.trim();
        if trimmed.is_empty() || is_comment(trimmed) {
            return;
        }
        if text.starts_with([' ', '\t']) {
            match &self.parent {
                // A setting with settings of its own, as `s3` has.
                Some((_, false)) if trimmed.contains('=') => {}
                Some((_, false)) => self.flaw(line, Flaw::NotAProperty),
                Some((name, _)) => self.flaw(line, Flaw::Continues(name.clone())),
                None => self.flaw(line, Flaw::Indented),
            }
        } else if let Some(header) = trimmed.strip_prefix('[') {
            self.header(line, header);
        } else {
            self.property(line, trimmed);
        }
    }

    fn header(&mut self, line: usize, header: &str) {
        self.parent = None;
        self.section = Some(false);
        let Some((inner, after)) = header.split_once(']') else {
            return self.flaw(line, Flaw::Header);
        };
        let after = after.trim();
        if !after.is_empty() && !is_comment(after) {
            return self.flaw(line, Flaw::Header);
        }
        let profile = profile(inner).unwrap_or_else(|flaw| {
            self.flaw(line, flaw);
            None
        });
        let section = Section {
            is_profile: profile.is_some(),
            name: profile.unwrap_or_else(|| inner.to_owned()),
            line,
            properties: Vec::new(),
        };
        let mut others = self.config.sections.iter();
        let is_same = |other: &&Section| {
            (other.is_profile, &other.name) == (section.is_profile, &section.name)
        };
        if let Some(first) = others.find(is_same).map(|first| first.line) {
            let section = format!("[{inner}]");
            return self.flaw(line, Flaw::SectionTwice { section, first });
        }
        self.section = Some(true);
        self.config.sections.push(section);
    }

    fn property(&mut self, line: usize, text: &str) {
        let Some(is_read) = self.section else {
            return self.flaw(line, Flaw::OutsideOfSection);
        };
        let Some((name, value)) = text.split_once('=') else {
            self.parent = None;
            return self.flaw(line, Flaw::NotAProperty);
        };
        let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
        self.parent = Some((name.clone(), !value.is_empty()));
        let section = self.config.sections.last_mut().filter(|_| is_read);
        let Some(section) = section else { return };
        let twice = section.properties.iter().find(|other| other.name == name);
        let twice = twice.map(|first| first.line);
        let comment = comment_in(value).filter(|_| section.is_profile);
        let value = comment.map_or(value, |(value, _)| value);
        if twice.is_none() {
            section.properties.push(Property {
                line,
                name: name.clone(),
                value: value.to_owned(),
            });
        }
        if let Some(first) = twice {
            self.flaw(line, Flaw::KeyTwice { name, first });
        }
        if comment.is_some() {
            self.flaw(line, Flaw::CommentInValue);
        }
    }

    fn flaw(&mut self, line: usize, flaw: Flaw) {
        // Of a file that is something else altogether, the beginning is enough.
        if self.found.len() < FLAWS {
            let line = Some(line);
            self.found.push(Found { line, flaw });
        }
    }
}

fn is_comment(text: &str) -> bool {
    text.starts_with(['#', ';'])
}

/// A value and the comment behind it, if there is one: white space, and then `#` or `;`.
fn comment_in(value: &str) -> Option<(&str, &str)> {
    let at = [" #", " ;", "\t#", "\t;"]
        .iter()
        .filter_map(|mark| value.find(mark))
        .min()?;
    let (value, comment) = value.split_at_checked(at)?;
    Some((value.trim_end(), comment))
}

/// The profile that the text in brackets opens; none where it opens `sso-session`, `services`, or another section.
fn profile(inner: &str) -> Result<Option<String>, Flaw> {
    if inner.trim() != inner {
        return Err(Flaw::HeaderSpace);
    }
    let (kind, name) = inner
        .split_once([' ', '\t'])
        .map_or((inner, ""), |(kind, name)| (kind, name.trim()));
    match (kind, name) {
        ("default", "") => Ok(Some("default".to_owned())),
        ("profile", name) => {
            let name = name
                .strip_prefix('"')
                .and_then(|name| name.strip_suffix('"'))
                .unwrap_or(name);
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(Flaw::Header);
            }
            Ok(Some(name.to_owned()))
        }
        ("sso-session" | "services" | "plugins" | "preview", _) => Ok(None),
        (_, "") if !inner.is_empty() => Err(Flaw::NoPrefix(inner.to_owned())),
        _ => Err(Flaw::Header),
    }
}

/// The names of the profiles in the text of a credentials file, in which they stand without a prefix.
pub(in crate::cli) fn credentials_profiles(text: &str) -> Vec<String> {
    let headers = text.lines().filter_map(|line| line.strip_prefix('['));
    let names = headers.filter_map(|header| header.split_once(']'));
    names.map(|(name, _)| name.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(text: &str) -> Vec<(usize, Flaw)> {
        let (_, found) = parse(text);
        let with_line = |found: Found| Some((found.line?, found.flaw));
        found.into_iter().filter_map(with_line).collect()
    }

    #[test]
    fn a_config_is_read_as_the_sdks_read_it() {
        let text = "# a comment\n\
            [default]\n\
            Region = eu-central-1\n\
            s3 =\n  max_concurrent_requests = 20\n  ; of s3\n\
            \n\
            [profile \"dest_role\"] ; the other account\n\
            role_arn=arn:aws:iam::222222222222:role/dest\r\n\
            source_profile\t=\tsrc_role\n\
            [sso-session x]\n\
            sso_region = us-east-1\n\
            [profile src_role]\n\
            credential_process = /opt/epicac a=b\n";
        let (config, found) = parse(text);
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(config.profiles().count(), 3);
        let at = |line| config.profile_at(line).map(|profile| &*profile.name);
        assert_eq!(
            [at(1), at(5), at(8), at(12), at(14)],
            [
                None,
                Some("default"),
                Some("dest_role"),
                None,
                Some("src_role")
            ]
        );
        let value = |profile, name| config.profile(profile).and_then(|it| it.value(name));
        assert_eq!(value("default", "region"), Some("eu-central-1"));
        assert_eq!(value("default", "s3"), None);
        let arn = "arn:aws:iam::222222222222:role/dest";
        assert_eq!(value("dest_role", "role_arn"), Some(arn));
        assert_eq!(value("dest_role", "source_profile"), Some("src_role"));
        assert_eq!(value("dest_role", "sso_region"), None);
        let command = Some("/opt/epicac a=b");
        assert_eq!(value("src_role", "credential_process"), command);
    }

    #[test]
    fn what_the_sdks_read_in_different_ways_is_found() {
        for (text, line, flaw) in [
            ("a = b\n", 1, Flaw::OutsideOfSection),
            ("\u{feff}[default]\n", 1, Flaw::OutsideOfSection),
            ("[default\n", 1, Flaw::Header),
            ("[default] x\n", 1, Flaw::Header),
            ("[]\n", 1, Flaw::Header),
            ("[profile ]\n", 1, Flaw::HeaderSpace),
            ("[ default]\n", 1, Flaw::HeaderSpace),
            ("[profile a b]\n", 1, Flaw::Header),
            ("[profile]\n", 1, Flaw::Header),
            (
                "[dest_role]\na = b\n",
                1,
                Flaw::NoPrefix("dest_role".into()),
            ),
            ("[default]\nregion\n", 2, Flaw::NotAProperty),
            ("[default]\n  a = b\n", 2, Flaw::Indented),
            (
                "[default]\na = b\n  c = d\n",
                3,
                Flaw::Continues("a".into()),
            ),
            ("[default]\ns3 =\n  nothing\n", 3, Flaw::NotAProperty),
            ("[default]\na = b # c\n", 2, Flaw::CommentInValue),
            (
                "[default]\nA = b\na = c\n",
                3,
                Flaw::KeyTwice {
                    name: "a".into(),
                    first: 2,
                },
            ),
            (
                "[profile default]\n[default]\n",
                2,
                Flaw::SectionTwice {
                    section: "[default]".into(),
                    first: 1,
                },
            ),
            (
                "[services a]\n[services b]\n[services a]\n",
                3,
                Flaw::SectionTwice {
                    section: "[services a]".into(),
                    first: 1,
                },
            ),
            (
                "[sso-session a]\nB = c\nb = d # e\n",
                3,
                Flaw::KeyTwice {
                    name: "b".into(),
                    first: 2,
                },
            ),
        ] {
            assert_eq!(flaws(text), [(line, flaw)], "{text:?}");
        }
    }

    #[test]
    fn a_comment_is_no_part_of_the_value() {
        let (config, _) = parse("[default]\na = b c ; d # e\n");
        assert_eq!(config.profile("default").unwrap().value("a"), Some("b c"));
        let (config, found) = parse("[default]\na = b#c;d\n");
        assert_eq!(config.profile("default").unwrap().value("a"), Some("b#c;d"));
        assert!(found.is_empty());
    }

    #[test]
    fn of_another_file_the_beginning_is_told() {
        assert_eq!(flaws(&"x\n".repeat(100_000)).len(), FLAWS);
    }

    #[test]
    fn the_credentials_file_has_no_prefixes() {
        let names = credentials_profiles("[default]\na = b\n# [c]\n[ other ]\n");
        assert_eq!(names, ["default", "other"]);
    }
}
