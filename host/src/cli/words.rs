//! What may stand in an aws-config and in the command of a `credential_process`: words that every SDK and
//! every shell reads in the same way, because none of them needs a quotation mark.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

/// A word that was checked when it was made.
///
/// One type for all of them: for each type that an argument has, a copy of clap's machinery would be in the
/// program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word(String);

/// Makes a [`Word`] of an argument.
pub(super) type Parser = fn(&str) -> Result<Word, WordFlaw>;

/// A profile, and the role that it becomes: `NAME=ROLE_ARN`.
pub(super) const ROLE_PROFILE: Parser = |text| {
    let (name, role) = text.split_once('=').ok_or(WordFlaw::NoRole)?;
    if !is_of(name, 1..=64, "_.@+-") {
        return Err(WordFlaw::ProfileName);
    }
    Word::of(role, is_role_arn(role), WordFlaw::RoleArn)?;
    Ok(Word(text.to_owned()))
};

/// The code of an AWS region.
pub(super) const REGION: Parser = |text| {
    let is_lower = text.bytes().all(|byte| !byte.is_ascii_uppercase());
    let allowed = is_of(text, 5..=32, "-") && text.contains('-') && is_lower;
    Word::of(text, allowed, WordFlaw::Region)
};

/// The external id that a role's trust policy asks for, as STS has it:
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
pub(super) const EXTERNAL_ID: Parser = |text| {
    let allowed = is_of(text, 2..=1224, "_+=,.@:/-");
    Word::of(text, allowed, WordFlaw::ExternalId)
};

/// The seconds that the credentials of a role last which is assumed by a role.
pub(super) const DURATION: Parser = |text| {
    let seconds = text.parse::<u16>().unwrap_or_default();
    let allowed = (900..=3600).contains(&seconds) && text.starts_with(|c| ('1'..='9').contains(&c));
    Word::of(text, allowed, WordFlaw::Duration)
};

/// The absolute path of a program.
pub(super) const PROGRAM_PATH: Parser = |text| {
    let allowed = text.starts_with('/') && is_of(text, 2..=4096, "_+=,.@:/-");
    Word::of(text, allowed, WordFlaw::ProgramPath)
};

/// Why a word is refused. Displays as the reason and what to do, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordFlaw {
    ProfileName,
    RoleArn,
    Region,
    ExternalId,
    Duration,
    ProgramPath,
    NoRole,
}

impl Word {
    fn of(text: &str, allowed: bool, flaw: WordFlaw) -> Result<Self, WordFlaw> {
        if allowed {
            Ok(Self(text.to_owned()))
        } else {
            Err(flaw)
        }
    }

    /// The word itself.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether the text is of this length, and of letters, digits and these characters.
fn is_of(text: &str, length: RangeInclusive<usize>, others: &str) -> bool {
    length.contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`. A path may hold more characters in IAM than here.
pub(super) fn is_role_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, role] = parts.as_slice() else {
        return false;
    };
    let name = role.strip_prefix("role/").unwrap_or_default();
    partition.starts_with("aws")
        && is_of(partition, 3..=32, "-")
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && is_of(name, 1..=576, "_+=,.@/-")
        && !name.ends_with('/')
}

impl fmt::Display for WordFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ProfileName => {
                "the name of a profile has up to 64 letters, digits and _.@+- (choose a plain one)"
            }
            Self::RoleArn => {
                "that is not the ARN of a role, such as arn:aws:iam::222222222222:role/dest"
            }
            Self::Region => "that is not the code of a region, such as eu-central-1",
            Self::ExternalId => {
                "an external id has from 2 to 1224 letters, digits and _+=,.@:/- \
                 (it has to be the one of the role's trust policy)"
            }
            Self::Duration => "that is no number of seconds from 900 to 3600",
            Self::ProgramPath => {
                "the path of the program has to be absolute and to need no quotation marks, which SDKs \
                 read in different ways (use letters, digits and _+=,.@:/- only, as /opt/epicac has)"
            }
            Self::NoRole => "a profile is given as NAME=ROLE_ARN",
        })
    }
}

impl Error for WordFlaw {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_an_arn() {
        for arn in [
            "arn:aws:iam::222222222222:role/dest",
            "arn:aws-us-gov:iam::000000000001:role/team/a+b=c,d.e@f_g-h",
            "arn:aws-cn:iam::222222222222:role/x",
        ] {
            assert!(is_role_arn(arn), "{arn}");
        }
        for text in [
            "",
            "dest",
            "arn:aws:iam::222222222222:user/dest",
            "arn:aws:iam::22222222222:role/dest",
            "arn:aws:iam::222222222222:role/",
            "arn:aws:iam::222222222222:role/a/",
            "arn:aws:iam::222222222222:role/a b",
            "arn:aws:iam::222222222222:role/$HOME",
            "arn:aws:iam::222222222222:role/a:b",
            "arn:aws:iam:eu-central-1:222222222222:role/a",
            "arn:aws:sts::222222222222:assumed-role/a/b",
            "arn:xyz:iam::222222222222:role/a",
            " arn:aws:iam::222222222222:role/a",
        ] {
            assert!(!is_role_arn(text), "{text}");
        }
    }

    #[test]
    fn a_path_is_absolute_and_needs_no_quotation_marks() {
        assert!(PROGRAM_PATH("/opt/epicac/epicac").is_ok());
        for path in [
            "", "/", "epicac", "./epicac", "~/epicac", "/opt/a b", "/a\"b", "/a$b", "/ä", "/a\nb",
        ] {
            assert!(PROGRAM_PATH(path).is_err(), "{path}");
        }
    }

    #[test]
    fn the_other_words_are_plain() {
        for region in ["eu-central-1", "us-gov-west-1", "us-isob-east-1"] {
            assert!(REGION(region).is_ok(), "{region}");
        }
        for region in ["", "eu", "EU-CENTRAL-1", "eu central 1", "eu-central-1\nx"] {
            assert!(REGION(region).is_err(), "{region}");
        }
        for id in ["ab", "a/b:c@d.e,f=g+h-i_j"] {
            assert!(EXTERNAL_ID(id).is_ok(), "{id}");
        }
        for id in ["", "a", "a b", "a$b", "a;b", "a\nb"] {
            assert!(EXTERNAL_ID(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_profile_is_a_name_and_a_role() {
        const ARN: &str = "arn:aws:iam::222222222222:role/a=b";
        for name in ["default", "dest_role", "a.b@c+d-e"] {
            let text = format!("{name}={ARN}");
            assert_eq!(ROLE_PROFILE(&text).unwrap().as_str(), text);
        }
        for name in ["", "a b", "a]", "a#b", "\u{e4}", &"a".repeat(65)] {
            let refused = ROLE_PROFILE(&format!("{name}={ARN}"));
            assert_eq!(refused, Err(WordFlaw::ProfileName), "{name}");
        }
        let no_role = ROLE_PROFILE("arn:aws:iam::222222222222:role/dest");
        assert_eq!(no_role, Err(WordFlaw::NoRole));
        assert_eq!(ROLE_PROFILE("a=b"), Err(WordFlaw::RoleArn));
    }

    #[test]
    fn a_duration_is_at_most_an_hour() {
        for seconds in ["900", "3600"] {
            assert!(DURATION(seconds).is_ok(), "{seconds}");
        }
        for seconds in ["", "899", "3601", "+900", "0900", "1h", "66436"] {
            assert!(DURATION(seconds).is_err(), "{seconds}");
        }
    }
}
