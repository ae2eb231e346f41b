//! What is wrong with an aws-config: why, and what to do.

use std::borrow::Cow;
use thiserror::Error;

/// How far a flaw of an aws-config goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Reach {
    /// Some SDK reads nothing of the file, or applies the line to every profile.
    File,
    /// Some SDK does not read the profile as it was meant.
    Profile,
    /// An SDK may well work all the same.
    Nothing,
}

/// A flaw of an aws-config: some SDK does not read it, or reads it in another way than it was meant.
#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(in crate::cli) enum LineError {
    #[error("the file is UTF-16, as PowerShell redirects into one")] Utf16,
    #[error("this is not UTF-8")] NotUtf8,
    #[error("the file begins with a byte order mark, which Python and Java read as text")] ByteOrderMark,
    #[error("the line holds a control character")] ControlCharacter,
    #[error("something stands before the first section")] OutsideOfSection,
    #[error("this is no header of a section")] Header,
    #[error("Python takes what is in [DEFAULT] into every profile")] EveryProfile,
    #[error("not in the common form")] Form(String),
    #[error("not in the common form: for some SDKs an indented line, be it a comment, is a part of the line above it")] Indented,
    #[error("not every SDK takes {0} for the name of a profile or another section")] Name(String),
    #[error("the section {0} is already at line {1}, and Python refuses the file")] SectionTwice(String, usize),
    #[error("the section {0} is already at line {1}")] SectionAgain(String, usize),
    #[error("{0} is already at line {1}, and Python refuses the file")] KeyTwice(String, usize),
    #[error("{0} is already at line {1}")] Again(String, usize),
    #[error("this is neither a header nor a property")] NotAProperty,
    #[error("{0} has a value, and no properties that are nested in it")] Nested(String),
    #[error("an indented line continues the value of {0}, and SDKs join them in different ways")] Cut(String),
    #[error("credential_process ends with `\\`, without its end: no SDK joins the next line to it")] Backslash,
    #[error("no SDK knows the key {0}, and SDKs ignore it without a word")] Unknown(String, &'static str),
    #[error("not every SDK takes {0} for a key")] Key(String),
    #[error("{0} has no value")] Empty(String),
    #[error("{0} is not the code of a region")] Region(String),
    #[error("role_arn is not the ARN of a role")] NotARole,
    #[error("duration_seconds is not a number from 900 to 43200")] Duration,
    #[error("a role that is assumed by a role is given at most 3600 seconds")] ChainedDuration,
    #[error("role_session_name is not one that STS accepts")] SessionName,
    #[error("external_id is not one that STS accepts")] ExternalId,
    #[error("mfa_serial makes an SDK ask for a code, and nobody types one in a pod")] Mfa,
    #[error("credential_source is none of EcsContainer, Ec2InstanceMetadata and Environment")] NotASource,
    #[error("credential_process names no program")] NoCommand,
    #[error("credential_process has a quotation mark without its end")] OpenQuote,
    #[error("credential_process has a `{0}`, which Python does not hand to a shell")] Shell(char),
    #[error("credential_process sets a variable, which Python takes for the program")] Assignment,
    #[error("credential_process has a relative path, so that it depends on the application's working directory")] Relative,
    #[error("credential_process runs {0}, which is not there")] NoEpicac(String),
    #[error("credential_process runs {0}, which is not there")] NoProgram(String),
    #[error("credential_process runs {0}, which this user cannot execute")] NotExecutable(String),
    #[error("role_arn and credential_process are in one profile, and SDKs differ in which one they take")] RoleBeside,
    #[error("{0} and credential_process are in one profile, which Go refuses")] RefusedBeside(&'static str),
    #[error("{0} and credential_process are in one profile, and SDKs differ in which one they take")] Beside(&'static str),
    #[error("{0} is missing here, so that it gives no credentials")] Part(String),
    #[error("there is no [sso-session {0}]")] NoSuchSession(String),
    #[error("{0} and {1} are in one profile, which Go refuses")] TwoSources(&'static str, &'static str),
    #[error("role_arn has no credentials to assume the role with")] RoleWithoutSource,
    #[error("{0} does nothing without role_arn")] SourceWithoutRole(&'static str),
    #[error("there is no profile {0}")] NoSuchSource(String),
    #[error("source_profile leads back to this profile")] Cycle,
    #[error("the profile {0} has no credentials")] SourceWithoutCredentials(String),
    #[error("{0} names {1}, and there is no such profile")] NoSuchProfile(&'static str, String),
    #[error("the profile {0} gives no credentials, so that SDKs take those of the pod's own role, without a word")] WithoutCredentials(String),
    #[error("AWS_PROFILE is not set and [default] gives no credentials, so that SDKs take those of the pod's own role")] DefaultWithoutCredentials,
    #[error("AWS_PROFILE is not set and there is no [default], so that SDKs take none of the profiles")] NoDefault,
    #[error("neither the profile {0} nor AWS_REGION says which region it is")] NoRegion(String),
}

impl LineError {
    /// How far it goes.
    #[rustfmt::skip]
    pub(super) fn reach(&self) -> Reach {
        match self {
            Self::Utf16
            | Self::NotUtf8
            | Self::ByteOrderMark
            | Self::ControlCharacter
            | Self::OutsideOfSection
            | Self::Header
            | Self::SectionTwice(..)
            | Self::KeyTwice(..)
            | Self::NotAProperty => Reach::File,
            Self::DefaultWithoutCredentials | Self::NoDefault | Self::NoRegion(_) => Reach::Nothing,
            _ => Reach::Profile,
        }
    }

    /// What to do about it.
    #[rustfmt::skip]
    pub(super) fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Utf16 => "save it as UTF-8 without a byte order mark",
            Self::NotUtf8 => "save the file as UTF-8",
            Self::ByteOrderMark => "save it as UTF-8 without one",
            Self::ControlCharacter => "write the line again without it",
            Self::OutsideOfSection => "begin the file with [default] or [profile NAME]",
            Self::Header => "write [default] or [profile NAME] alone on the line, NAME of letters, digits and _-/.%@:+",
            Self::EveryProfile => "write `[default]`, and make one section of all that are called so",
            Self::Form(common) => return format!("write {common}").into(),
            Self::Indented => "remove the spaces before it",
            Self::Name(_) => "write letters, digits and _-/.%@:+ alone",
            Self::SectionTwice(..) | Self::SectionAgain(..) => "make one section of them",
            Self::KeyTwice(..)
            | Self::Again(..)
            | Self::RefusedBeside(_)
            | Self::Beside(_)
            | Self::TwoSources(..) => "remove one of them",
            Self::NotAProperty => "write KEY = VALUE",
            Self::Nested(key) => return format!("write `{key} = …` on one line, with its value").into(),
            Self::Cut(_) => "write the whole value on one line",
            Self::Backslash => "write the whole command on one line",
            Self::Unknown(_, known) => return format!("write {known}").into(),
            Self::Key(_) => "write letters in lower case, digits and _-/.%@+ alone",
            Self::Empty(_) => "write one, or remove the line",
            Self::Region(_) => "write one such as eu-central-1",
            Self::NotARole => "write arn:aws:iam::ACCOUNT:role/NAME",
            Self::Duration => "write 3600, or leave it out",
            Self::ChainedDuration => "write duration_seconds = 3600, or leave it out",
            Self::SessionName => "write from 2 to 64 letters, digits and _+=,.@-, or leave it out",
            Self::ExternalId => "write that of the role's trust policy: from 2 to 1224 letters, digits and _+=,.@:/-",
            Self::Mfa => "remove it, and let the role's trust policy not ask for MFA",
            Self::NotASource => "write source_profile, naming a profile with credential_process",
            Self::NoCommand => "write the path of epicac",
            Self::OpenQuote => "close it",
            Self::Shell(_) => "write the program and its arguments as they are",
            Self::Assignment => "set it in the container's environment",
            Self::Relative => "write an absolute path",
            Self::NoEpicac(_) => "copy epicac to that path, or mount it there: `epicac install DIR`",
            Self::NoProgram(_) => "add that program to the image, or correct its path",
            Self::NotExecutable(_) => "make it a file of mode 0755, on a volume that is not mounted noexec",
            Self::RoleBeside => "make two profiles, the first with role_arn and source_profile, the second with credential_process",
            Self::NoSuchSession(_) => "add it, with sso_start_url and sso_region, or write credential_process in place of all SSO",
            Self::Part(missing) => return format!("add {missing}, or write credential_process in its place").into(),
            Self::RoleWithoutSource => "add source_profile, naming a profile with credential_process",
            Self::SourceWithoutRole(_) => "add role_arn",
            Self::NoSuchSource(name) => return format!("add [profile {name}] with a credential_process").into(),
            Self::Cycle => "let it name a profile with credential_process",
            Self::SourceWithoutCredentials(_) => "give it a credential_process",
            Self::NoSuchProfile(variable, name) => return format!("add [profile {name}], or let {variable} name one that is there").into(),
            Self::WithoutCredentials(_) => "add credential_process, or role_arn and source_profile",
            Self::DefaultWithoutCredentials => "set AWS_PROFILE, unless the pod's own role is meant",
            Self::NoDefault => "set AWS_PROFILE",
            Self::NoRegion(_) => "add region, unless the application has one",
        })
    }
}
