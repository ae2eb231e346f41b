//! The words that may stand in an aws-config and in a `credential_process`: they need no quotation marks. The
//! component's parsers check roles, names and regions.

use epicac_component::sts::partition;
use epicac_component::sts::role::{Role, RoleRequest};
use thiserror::Error;

/// A word, if the text is one.
pub(super) type Word = Result<String, WordError>;

/// Makes a [`Word`]. All options share this type: clap would add a copy of its machinery to the program for each function.
pub(super) type Parser = fn(&str) -> Word;

/// A profile, and the role that it becomes: `NAME=ROLE_ARN`.
pub(super) fn role_profile(text: &str) -> Word {
    let (name, role) = text.split_once('=').ok_or(WordError::Profile)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.@+-".contains(c);
    if !(1..=64).contains(&name.len()) || !name.chars().all(is_plain) {
        return Err(WordError::Name);
    }
    word(text, is_role_arn(role), WordError::RoleArn)
}

/// The code of an AWS region.
pub(super) fn region(text: &str) -> Word {
    word(text, partition::is_region(text), WordError::Region)
}

/// The external id that a role's trust policy asks for.
pub(super) fn external_id(text: &str) -> Word {
    let external_id = Some(text.to_owned());
    let request = RoleRequest {
        external_id,
        ..any_role()
    };
    word(text, is_sound(request), WordError::ExternalId)
}

/// The seconds that the credentials of a role last which is assumed by a role.
pub(super) fn duration(text: &str) -> Word {
    let mut request = any_role();
    request.duration = text.parse().ok();
    let is_number = request.duration.is_some() && !text.starts_with(['0', '+']);
    word(text, is_number && is_sound(request), WordError::Duration)
}

/// The absolute path of a program.
pub(super) fn program_path(text: &str) -> Word {
    let is_path = text.starts_with('/') && (2..=4096).contains(&text.len());
    word(text, is_path, WordError::Path)
}

/// The text as a word, if it is sound, and no shell and no SDK reads it in another way.
fn word(text: &str, is_sound: bool, error: WordError) -> Word {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    let is_word = is_sound && text.chars().all(is_plain);
    is_word.then(|| text.to_owned()).ok_or(error)
}

pub(super) fn is_role_arn(arn: &str) -> bool {
    is_sound(RoleRequest::new(arn.to_owned()))
}

/// Whether STS takes this name for a session.
pub(super) fn is_session_name(name: &str) -> bool {
    let session_name = Some(name.to_owned());
    is_sound(RoleRequest {
        session_name,
        ..any_role()
    })
}

/// A request whose role is sound, to hold something else of it against the component's rules.
fn any_role() -> RoleRequest {
    RoleRequest::new("arn:aws:iam::222222222222:role/any".to_owned())
}

/// Whether the component would ask for this role by the credentials of another.
fn is_sound(request: RoleRequest) -> bool {
    Role::check(request, "epicac", true).is_ok()
}

/// Why a word of the command line cannot stand in an aws-config, and what to do. The parser of arguments says what failed.
#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum WordError {
    #[error("a profile is given as NAME=ROLE_ARN (write dest_role=arn:aws:iam::222222222222:role/dest)")] Profile,
    #[error("the name of a profile has up to 64 letters, digits and _.@+- (choose a plain one)")] Name,
    #[error("that is not the ARN of a role, such as arn:aws:iam::222222222222:role/dest (take it from the role's page in IAM)")] RoleArn,
    #[error("that is not the code of a region, such as eu-central-1 (write neither the name of a region nor a zone)")] Region,
    #[error("an external id has from 2 to 1224 letters, digits and _+=,.@:/- (it has to be the one of the role's trust policy)")] ExternalId,
    #[error("that is no number of seconds from 900 to 3600 (a role that is assumed by a role is given at most 3600 seconds)")] Duration,
    #[error("the path of the program has to be absolute and to need no quotation marks, which SDKs read in different ways (use letters, digits and _+=,.@:/- only, as /opt/epicac has)")] Path,
}
