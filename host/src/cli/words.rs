//! The words that may stand in an aws-config and in a `credential_process`: they need no quotation marks. The
//! component's parsers check roles, names and regions.

use super::sentences::WordError;
use epicac_component::sts::partition;
use epicac_component::sts::role::{Role, RoleRequest};

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
