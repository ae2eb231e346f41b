//! The words that may stand in an aws-config and in a `credential_process`: they need no quotation marks. The
//! component's parsers check roles, names and regions.

use epicac_component::sts::partition;
use epicac_component::sts::role::{Role, RoleRequest};

/// A word that was checked when it was made.
///
/// All kinds of words share one type: clap would add a copy of its machinery to the program for each type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(String);

/// Makes a [`Word`] of an argument, or says why not and what to do.
pub(super) type Parser = fn(&str) -> Result<Word, &'static str>;

/// A profile, and the role that it becomes: `NAME=ROLE_ARN`.
pub(super) const ROLE_PROFILE: Parser = |text| {
    const NO_ARN: &str =
        "that is not the ARN of a role, such as arn:aws:iam::222222222222:role/dest";
    let Some((name, role)) = text.split_once('=') else {
        return Err("a profile is given as NAME=ROLE_ARN");
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.@+-".contains(c);
    if !(1..=64).contains(&name.len()) || !name.chars().all(is_plain) {
        return Err(
            "the name of a profile has up to 64 letters, digits and _.@+- (choose a plain one)",
        );
    }
    word(role, is_role_arn(role), NO_ARN)?;
    Ok(Word(text.to_owned()))
};

/// The code of an AWS region.
pub(super) const REGION: Parser = |text| {
    let flaw = "that is not the code of a region, such as eu-central-1";
    word(text, is_region(text), flaw)
};

/// The external id that a role's trust policy asks for.
pub(super) const EXTERNAL_ID: Parser = |text| {
    let flaw = "an external id has from 2 to 1224 letters, digits and _+=,.@:/- \
                (it has to be the one of the role's trust policy)";
    let request = RoleRequest {
        external_id: Some(text.to_owned()),
        ..any_role()
    };
    word(text, is_sound(request), flaw)
};

/// The seconds that the credentials of a role last which is assumed by a role.
pub(super) const DURATION: Parser = |text| {
    let flaw = "that is no number of seconds from 900 to 3600";
    let request = RoleRequest {
        duration: text.parse().ok(),
        ..any_role()
    };
    let is_number = request.duration.is_some() && !text.starts_with(['0', '+']);
    word(text, is_number && is_sound(request), flaw)
};

/// The absolute path of a program.
pub(super) const PROGRAM_PATH: Parser = |text| {
    let flaw = "the path of the program has to be absolute and to need no quotation marks, which SDKs \
                read in different ways (use letters, digits and _+=,.@:/- only, as /opt/epicac has)";
    let is_path = text.starts_with('/') && (2..=4096).contains(&text.len());
    word(text, is_path, flaw)
};

impl Word {
    /// The word itself.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text as a word, if it is sound, and no shell and no SDK reads it in another way.
fn word(text: &str, is_sound: bool, flaw: &'static str) -> Result<Word, &'static str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    if is_sound && text.chars().all(is_plain) {
        Ok(Word(text.to_owned()))
    } else {
        Err(flaw)
    }
}

pub(super) fn is_role_arn(arn: &str) -> bool {
    is_sound(RoleRequest::new(arn.to_owned()))
}

pub(super) fn is_region(code: &str) -> bool {
    partition::is_region(code)
}

/// A request whose role is sound, to hold something else of it against the component's rules.
fn any_role() -> RoleRequest {
    RoleRequest::new("arn:aws:iam::222222222222:role/any".to_owned())
}

/// Whether the component would ask for this role by the credentials of another.
fn is_sound(request: RoleRequest) -> bool {
    Role::check(request, "epicac", true).is_ok()
}
