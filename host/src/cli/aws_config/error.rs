//! What is wrong with a config file, in sentences for people: `why (what to do)`.

use std::fmt;
use std::path::Path;

use super::command::CommandError;
use epicac_component::printable::Line;

/// A flaw, and where it is.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Found {
    /// The line, from 1; none for what is not about a line.
    pub(in crate::cli) line: Option<usize>,
    pub(in crate::cli) flaw: LineError,
    /// Whether it breaks the file for some SDK, or concerns the profile in use.
    pub(in crate::cli) is_error: bool,
}

/// What some SDK does not read, or not as it was meant. Displays as `why (what to do)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum LineError {
    /// The file is UTF-16.
    Utf16,
    /// The file is not UTF-8.
    NotUtf8,
    /// The file begins with a byte order mark.
    ByteOrderMark,
    /// A control character other than a tab.
    ControlCharacter,
    /// Something before the first section.
    OutsideOfSection,
    /// A header that some SDK does not accept.
    Header,
    /// A comment with `]` behind a header.
    BracketInComment,
    /// White space in a header that does not belong there: this is the header without it.
    HeaderSpace(String),
    /// A section `[DEFAULT]`.
    Default,
    /// A section that looks like a profile but is not, and the header of the profile that was meant.
    NoProfile { section: String, written: String },
    /// A name that not every SDK takes for that of a profile.
    ProfileName(String),
    /// A section that comes twice, and whether it is written in the same way.
    SectionTwice {
        section: String,
        first: usize,
        is_same: bool,
    },
    /// A key that comes twice in its section.
    KeyTwice { key: String, first: usize },
    /// A line without `=`.
    NotAProperty,
    /// An indented line with nothing above it that it could belong to.
    Indented,
    /// An indented line, which belongs to the value of the key above it.
    Continues(String),
    /// An indented comment, and whether the file cannot be read with it.
    IndentedComment { breaks: bool },
    /// White space other than spaces and tabs beside a key or a value.
    WhiteSpace,
    /// A key with letters in upper case.
    UpperCase(String),
    /// A key with other characters than those of a key.
    Key(String),
    /// A comment after a value.
    CommentInValue,
    /// A value in quotation marks.
    Quoted(String),
    /// A key that needs a value and has none.
    Empty(String),
    /// An invalid region.
    Region(String),
    /// `credential_process`, and this key for another kind of credentials.
    TwoTypes(&'static str),
    /// `source_profile` and `credential_source`.
    TwoSources,
    /// `role_arn`, and no credentials to assume the role with.
    RoleWithoutSource,
    /// This key without `role_arn`.
    SourceWithoutRole(&'static str),
    /// An invalid `role_arn`.
    NotARole,
    /// A `duration_seconds` that STS refuses.
    Duration,
    /// A `duration_seconds` that STS refuses a role which was assumed by a role.
    ChainedDuration,
    /// A `credential_source` that does not exist.
    NotASource,
    /// A `source_profile` that does not exist.
    NoSuchSource(String),
    /// A `source_profile` that leads back to itself.
    Cycle,
    /// A `source_profile` that has no credentials.
    SourceWithoutCredentials(String),
    /// A `credential_process` that not every SDK runs as it was meant.
    Command(CommandError),
    /// A program that is not there.
    NoProgram(String),
    /// A program that cannot be executed.
    NotExecutable(String),
    /// `AWS_PROFILE` names a profile that does not exist.
    NoSuchProfile(String),
    /// No variable names a profile, and there is no default one. Worth a note.
    NoDefault,
    /// Neither the profile nor the environment says which region it is. Worth a note.
    NoRegion(String),
}

impl Found {
    /// A flaw of this line; whether it is an error is told later.
    pub(super) fn at(line: usize, flaw: LineError) -> Self {
        Self {
            line: Some(line),
            flaw,
            is_error: true,
        }
    }
}

impl LineError {
    /// Whether an SDK may well work all the same.
    pub(super) fn is_note(&self) -> bool {
        matches!(self, Self::NoDefault | Self::NoRegion(_))
    }

    /// Whether some SDK reads nothing of the file because of it, or applies it to every profile.
    pub(super) fn breaks_file(&self) -> bool {
        match self {
            Self::Utf16
            | Self::NotUtf8
            | Self::ByteOrderMark
            | Self::ControlCharacter
            | Self::OutsideOfSection
            | Self::Header
            | Self::Default
            | Self::KeyTwice { .. }
            | Self::NotAProperty
            | Self::Indented => true,
            Self::SectionTwice { is_same, .. } => *is_same,
            Self::IndentedComment { breaks } => *breaks,
            _ => false,
        }
    }
}

/// Whether the program of this path is epicac, by its name.
pub(in crate::cli) fn is_called_epicac(program: &str) -> bool {
    Path::new(program)
        .file_name()
        .is_some_and(|name| name == "epicac")
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        self.flaw.fmt(f)
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Utf16 => f.write_str(
                "the file is UTF-16, as PowerShell redirects into one (save it as UTF-8 without a byte order mark)",
            ),
            Self::NotUtf8 => f.write_str("this is not UTF-8 (save the file as UTF-8)"),
            Self::ByteOrderMark => f.write_str(
                "the file begins with a byte order mark, which Python and Java read as text (save it as UTF-8 without one)",
            ),
            Self::ControlCharacter => {
                f.write_str("the line holds a control character (write the line again without it)")
            }
            Self::OutsideOfSection => f.write_str(
                "something stands before the first section (begin the file with [default] or [profile NAME])",
            ),
            Self::Header => f.write_str(
                "this is no header of a section (write [default] or [profile NAME] alone on the line, NAME of letters, digits and _-/.%@:+)",
            ),
            Self::BracketInComment => f.write_str(
                "Python takes the last ] of the line for the end of the header (give the comment a line of its own)",
            ),
            Self::HeaderSpace(header) => write!(
                f,
                "not every SDK takes white space in a header as it was meant (write [{}])",
                Line(header)
            ),
            Self::Default => f.write_str(
                "Python puts what is in [DEFAULT] into every profile (write [default])",
            ),
            Self::NoProfile { section, written } => write!(
                f,
                "the section [{}] is no profile (write [{}])",
                Line(section),
                Line(written)
            ),
            Self::ProfileName(name) => write!(
                f,
                "not every SDK takes {} for the name of a profile (write letters, digits and _-/.%@:+ alone)",
                Line(name)
            ),
            Self::SectionTwice { section, first, is_same } => {
                let refused = if *is_same { ", and Python refuses the file" } else { "" };
                write!(
                    f,
                    "the section {} is already at line {first}{refused} (make one section of them)",
                    Line(section)
                )
            }
            Self::KeyTwice { key, first } => write!(
                f,
                "{} is already at line {first}, and Python refuses the file (remove one of them)",
                Line(key)
            ),
            Self::NotAProperty => {
                f.write_str("this is neither a header nor a property (write KEY = VALUE)")
            }
            Self::Indented => f.write_str(
                "an indented line continues the one before it, and there is none (remove the spaces before it)",
            ),
            Self::Continues(key) => write!(
                f,
                "an indented line continues the value of {} (remove the spaces before it)",
                Line(key)
            ),
            Self::IndentedComment { .. } => f.write_str(
                "an indented comment is a part of the line above it for Java and Rust (remove the spaces before it)",
            ),
            Self::WhiteSpace => f.write_str(
                "for Java, white space such as U+00A0 is a part of the key or the value beside it (write a plain space)",
            ),
            Self::UpperCase(key) => write!(
                f,
                "Java and JavaScript find no key in upper case (write {})",
                Line(key)
            ),
            Self::Key(key) => write!(
                f,
                "not every SDK takes {} for a key (write letters in lower case, digits and _-/.%@+ alone)",
                Line(key)
            ),
            Self::CommentInValue => f.write_str(
                "for Python a comment after a value is a part of the value (give the comment a line of its own)",
            ),
            Self::Quoted(key) => write!(
                f,
                "{} begins and ends with a quotation mark: Go takes both away, and others keep them (write a value that has no quotation marks around it)",
                Line(key)
            ),
            Self::Empty(key) => write!(f, "{} has no value (write one, or remove the line)", Line(key)),
            Self::Region(region) => write!(
                f,
                "{} is not the code of a region (write one such as eu-central-1)",
                Line(region)
            ),
            Self::TwoTypes(key) => write!(
                f,
                "{key} and credential_process are in one profile, which Go refuses and others read in different ways (make two profiles, the first with role_arn and source_profile, the second with credential_process)"
            ),
            Self::TwoSources => f.write_str(
                "source_profile and credential_source are in one profile (remove one of them)",
            ),
            Self::RoleWithoutSource => f.write_str(
                "role_arn has no credentials to assume the role with (add source_profile, naming a profile with credential_process)",
            ),
            Self::SourceWithoutRole(key) => write!(
                f,
                "{key} does nothing without role_arn (add role_arn)"
            ),
            Self::NotARole => f.write_str(
                "role_arn is not the ARN of a role (write arn:aws:iam::ACCOUNT:role/NAME)",
            ),
            Self::Duration => f.write_str(
                "duration_seconds is not a number from 900 to 43200 (write 3600, or leave it out)",
            ),
            Self::ChainedDuration => f.write_str(
                "a role that is assumed by a role is given at most 3600 seconds (write duration_seconds = 3600, or leave it out)",
            ),
            Self::NotASource => f.write_str(
                "credential_source is none of EcsContainer, Ec2InstanceMetadata and Environment (write source_profile, naming a profile with credential_process)",
            ),
            Self::NoSuchSource(name) => {
                let name = Line(name);
                write!(f, "there is no profile {name} (add [profile {name}] with a credential_process)")
            }
            Self::Cycle => f.write_str(
                "source_profile leads back to this profile (let it name a profile with credential_process)",
            ),
            Self::SourceWithoutCredentials(name) => write!(
                f,
                "the profile {} has no credentials (give it a credential_process)",
                Line(name)
            ),
            Self::Command(flaw) => write!(f, "credential_process {flaw}"),
            Self::NoProgram(program) => {
                let remedy = if is_called_epicac(program) {
                    "copy epicac to that path, or mount it there: `epicac install DIR`"
                } else {
                    "add that program to the image, or correct its path"
                };
                let program = Line(program);
                write!(f, "credential_process runs {program}, which is not there ({remedy})")
            }
            Self::NotExecutable(program) => write!(
                f,
                "credential_process runs {}, which this user cannot execute (make it a file of mode 0755, on a volume that is not mounted noexec)",
                Line(program)
            ),
            Self::NoSuchProfile(name) => {
                let name = Line(name);
                write!(
                    f,
                    "AWS_PROFILE names {name}, and there is no such profile (add [profile {name}], or let AWS_PROFILE name one that is there)"
                )
            }
            Self::NoDefault => f.write_str(
                "AWS_PROFILE is not set and there is no [default], so that SDKs take none of the profiles (set AWS_PROFILE)",
            ),
            Self::NoRegion(name) => write!(
                f,
                "neither the profile {} nor AWS_REGION says which region it is (add region, unless the application has one)",
                Line(name)
            ),
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("names no program (write the path of epicac)"),
            Self::OpenQuote => f.write_str("has a quotation mark without its end (close it)"),
            Self::Shell(c) => write!(
                f,
                "has a `{c}`, which Python does not hand to a shell (write the program and its arguments as they are)"
            ),
            Self::Assignment => f.write_str(
                "sets a variable, which Python takes for the program (set it in the container's environment)",
            ),
            Self::Relative => f.write_str(
                "has a relative path, so that it depends on the application's working directory (write an absolute path)",
            ),
        }
    }
}
