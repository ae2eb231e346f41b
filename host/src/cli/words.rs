//! What may stand in an aws-config and in the command of a `credential_process`: words that every SDK and
//! every shell reads in the same way, because none of them needs a quotation mark.

use std::error::Error;
use std::fmt;
use std::str::FromStr;

/// The name of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProfileName(String);

/// The ARN of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleArn(String);

/// The code of an AWS region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region(String);

/// The external id that a role's trust policy asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ExternalId(String);

/// The absolute path of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProgramPath(String);

/// A profile, and the role that it becomes: `NAME=ROLE_ARN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RoleProfile {
    pub(super) name: ProfileName,
    pub(super) role: RoleArn,
}

/// Why a word is refused. Displays as the reason and what to do, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WordFlaw {
    ProfileName,
    RoleArn,
    Region,
    ExternalId,
    ProgramPath,
    NoRole,
}

macro_rules! word {
    ($name:ident: $allowed:expr) => {
        impl FromStr for $name {
            type Err = WordFlaw;

            fn from_str(text: &str) -> Result<Self, WordFlaw> {
                let allowed: fn(&str) -> bool = $allowed;
                if allowed(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(WordFlaw::$name)
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
word!(ProfileName: |text| is_of(text, 1..=64, "_.@+-"));
word!(RoleArn: is_role_arn);
word!(Region: |text| {
    is_of(text, 5..=32, "-") && text.contains('-') && !text.contains(|c: char| c.is_ascii_uppercase())
});
// As STS has it: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
word!(ExternalId: |text| is_of(text, 2..=1224, "_+=,.@:/-"));
word!(ProgramPath: |text| text.starts_with('/') && is_of(text, 2..=4096, "_+=,.@:/-"));

impl FromStr for RoleProfile {
    type Err = WordFlaw;

    fn from_str(text: &str) -> Result<Self, WordFlaw> {
        let (name, role) = text.split_once('=').ok_or(WordFlaw::NoRole)?;
        Ok(Self {
            name: name.parse()?,
            role: role.parse()?,
        })
    }
}

/// Whether the text is of this length, and of letters, digits and these characters.
fn is_of(text: &str, length: std::ops::RangeInclusive<usize>, others: &str) -> bool {
    length.contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

/// `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`. A path may hold more characters in IAM than here.
fn is_role_arn(text: &str) -> bool {
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
            assert_eq!(arn.parse::<RoleArn>().unwrap().to_string(), arn);
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
            assert_eq!(text.parse::<RoleArn>(), Err(WordFlaw::RoleArn), "{text}");
        }
    }

    #[test]
    fn a_path_is_absolute_and_needs_no_quotation_marks() {
        assert!("/opt/epicac/epicac".parse::<ProgramPath>().is_ok());
        for path in [
            "", "/", "epicac", "./epicac", "~/epicac", "/opt/a b", "/a\"b", "/a$b", "/ä", "/a\nb",
        ] {
            assert!(path.parse::<ProgramPath>().is_err(), "{path}");
        }
    }

    #[test]
    fn the_other_words_are_plain() {
        for name in ["default", "dest_role", "a.b@c+d-e"] {
            assert!(name.parse::<ProfileName>().is_ok(), "{name}");
        }
        for name in ["", "a b", "a]", "a#b", "ä", &"a".repeat(65)] {
            assert!(name.parse::<ProfileName>().is_err(), "{name}");
        }
        for region in ["eu-central-1", "us-gov-west-1", "us-isob-east-1"] {
            assert!(region.parse::<Region>().is_ok(), "{region}");
        }
        for region in ["", "eu", "EU-CENTRAL-1", "eu central 1", "eu-central-1\nx"] {
            assert!(region.parse::<Region>().is_err(), "{region}");
        }
        for id in ["ab", "a/b:c@d.e,f=g+h-i_j"] {
            assert!(id.parse::<ExternalId>().is_ok(), "{id}");
        }
        for id in ["", "a", "a b", "a$b", "a;b", "a\nb"] {
            assert!(id.parse::<ExternalId>().is_err(), "{id}");
        }
    }

    #[test]
    fn a_profile_is_a_name_and_a_role() {
        let profile: RoleProfile = "dest=arn:aws:iam::222222222222:role/a=b".parse().unwrap();
        assert_eq!(profile.name.to_string(), "dest");
        assert!(profile.role.to_string().ends_with("role/a=b"));
        let no_role = "arn:aws:iam::222222222222:role/dest".parse::<RoleProfile>();
        assert_eq!(no_role, Err(WordFlaw::NoRole));
    }
}
