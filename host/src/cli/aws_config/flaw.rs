//! What is wrong with a config file, in sentences for people: `why (what to do)`.

use std::fmt;

use super::command::CommandFlaw;
use epicac_component::printable::Line;

/// A flaw, and where it is.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::cli) struct Found {
    /// The line, from 1; none for what is not about a line.
    pub(in crate::cli) line: Option<usize>,
    pub(in crate::cli) flaw: Flaw,
}

/// What some SDK does not read, or not as it was meant. Displays as `why (what to do)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Flaw {
    /// A header that is not `[default]` or `[profile NAME]`.
    Header,
    /// White space inside of the brackets, next to them.
    HeaderSpace,
    /// A section of this name without `profile` before it.
    NoPrefix(String),
    /// A section that comes twice.
    SectionTwice { section: String, first: usize },
    /// A key that comes twice in its section.
    KeyTwice { name: String, first: usize },
    /// Something before the first section.
    OutsideOfSection,
    /// A line without `=`.
    NotAProperty,
    /// An indented line with nothing before it that it could belong to.
    Indented,
    /// An indented line, which belongs to the value of the key before it.
    Continues(String),
    /// A comment after a value.
    CommentInValue,
    /// `credential_process`, and this key for another kind of credentials.
    TwoTypes(&'static str),
    /// `source_profile` and `credential_source`.
    TwoSources,
    /// `role_arn`, and no credentials to assume the role with.
    RoleWithoutSource,
    /// This key without `role_arn`.
    SourceWithoutRole(&'static str),
    /// A `role_arn` that is none.
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
    Command(CommandFlaw),
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

impl Flaw {
    /// Whether an SDK may well work all the same.
    pub(in crate::cli) fn is_note(&self) -> bool {
        matches!(self, Self::NoDefault | Self::NoRegion(_))
    }

    /// Whether some SDK reads nothing of the file because of it, whichever profile is used.
    pub(in crate::cli) fn breaks_file(&self) -> bool {
        matches!(
            self,
            Self::Header
                | Self::SectionTwice { .. }
                | Self::KeyTwice { .. }
                | Self::OutsideOfSection
                | Self::NotAProperty
                | Self::Indented
        )
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        self.flaw.fmt(f)
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str(
                "this is no header of a section (write [default] or [profile NAME], NAME without spaces)",
            ),
            Self::HeaderSpace => f.write_str(
                "Python does not know a section with spaces next to its brackets (write [profile NAME])",
            ),
            Self::NoPrefix(name) => {
                let name = Line(name);
                write!(f, "the section [{name}] is no profile (write [profile {name}])")
            }
            Self::SectionTwice { section, first } => write!(
                f,
                "the section {} is already at line {first}, and Python refuses the file (make one section of them)",
                Line(section)
            ),
            Self::KeyTwice { name, first } => write!(
                f,
                "{} is already at line {first}, and Python refuses the file (remove one of them)",
                Line(name)
            ),
            Self::OutsideOfSection => f.write_str(
                "something stands before the first section (begin the file with [default] or [profile NAME], without a byte order mark)",
            ),
            Self::NotAProperty => {
                f.write_str("this is neither a header nor a property (write KEY = VALUE)")
            }
            Self::Indented => f.write_str(
                "an indented line continues the one before it, and there is none (remove the spaces before it)",
            ),
            Self::Continues(name) => write!(
                f,
                "an indented line continues the value of {} (remove the spaces before it)",
                Line(name)
            ),
            Self::CommentInValue => f.write_str(
                "for Python a comment after a value is a part of the value (give the comment a line of its own)",
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
            Self::NoProgram(program) => write!(
                f,
                "credential_process runs {}, which is not there (copy epicac to that path, or mount it there: `epicac install DIR`)",
                Line(program)
            ),
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

impl fmt::Display for CommandFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("names no program (write the path of epicac)"),
            Self::OpenQuote => f.write_str("has a quotation mark without its end (close it)"),
            Self::QuotedWhole => f.write_str(
                "begins and ends with a quotation mark, and Go takes both away (use a path without spaces, and no quotation marks)",
            ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flaw_is_one_line_with_its_remedy() {
        let name = || "a\nname".to_owned();
        let commands = [
            CommandFlaw::Empty,
            CommandFlaw::OpenQuote,
            CommandFlaw::QuotedWhole,
            CommandFlaw::Shell('$'),
            CommandFlaw::Assignment,
            CommandFlaw::Relative,
        ];
        let flaws = [
            Flaw::Header,
            Flaw::HeaderSpace,
            Flaw::NoPrefix(name()),
            Flaw::SectionTwice {
                section: name(),
                first: 1,
            },
            Flaw::KeyTwice {
                name: name(),
                first: 1,
            },
            Flaw::OutsideOfSection,
            Flaw::NotAProperty,
            Flaw::Indented,
            Flaw::Continues(name()),
            Flaw::CommentInValue,
            Flaw::TwoTypes("role_arn"),
            Flaw::TwoSources,
            Flaw::RoleWithoutSource,
            Flaw::SourceWithoutRole("source_profile"),
            Flaw::NotARole,
            Flaw::Duration,
            Flaw::ChainedDuration,
            Flaw::NotASource,
            Flaw::NoSuchSource(name()),
            Flaw::Cycle,
            Flaw::SourceWithoutCredentials(name()),
            Flaw::NoProgram(name()),
            Flaw::NotExecutable(name()),
            Flaw::NoSuchProfile(name()),
            Flaw::NoDefault,
            Flaw::NoRegion(name()),
        ];
        let commands = commands.into_iter().map(Flaw::Command);
        for flaw in flaws.into_iter().chain(commands) {
            let line = Found {
                line: Some(3),
                flaw,
            }
            .to_string();
            assert!(!line.contains('\n'), "{line}");
            assert!(line.starts_with("line 3: "), "{line}");
            assert!(line.contains(" (") && line.ends_with(')'), "{line}");
        }
    }
}
