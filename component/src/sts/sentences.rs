//! The sentences about roles and STS.

use core::fmt::{self, Display, Formatter};

use crate::error;
use crate::number::decimal;
use crate::printable::{Line, Subject, contains};
use crate::sts::arguments::ArgumentFlaw;
use crate::sts::role::{RoleFlaw, RoleFlawOf};
use crate::sts::service::ServiceFlaw;

/// What to do about an answer of STS, as far as its code and message tell. The codes are those of the
/// API reference of AssumeRole and of the errors common to all actions.
pub fn remedy(status: u16, code: &str, message: &str) -> &'static str {
    let says = |words| contains(message, words);
    match code.strip_suffix("Exception").unwrap_or(code) {
        _ if says("sts:TagSession") => {
            "EKS Pod Identity tags its sessions: allow sts:TagSession in the source role's policy \
             and in the destination role's trust policy"
        }
        _ if says("sts:SetSourceIdentity") => {
            "allow sts:SetSourceIdentity in the source role's policy \
             and in the destination role's trust policy"
        }
        "AccessDenied" => {
            "do the source role's policy and this role's trust policy allow sts:AssumeRole and \
             sts:TagSession, with this external id?"
        }
        "ExpiredToken" => {
            "the credentials before this hop have expired: is the clock of this node right?"
        }
        "PackedPolicyTooLarge" => {
            "shorten the session policy, policy ARNs and tags: they count together, \
             with the tags of EKS Pod Identity"
        }
        "MalformedPolicyDocument" => "correct the session policy",
        "RegionDisabled" => {
            "activate STS for this region in the source role's account, or name another"
        }
        "InvalidClientTokenId" | "UnrecognizedClient" => {
            "is the region enabled? one that is opted into takes no token of the global STS endpoint"
        }
        _ if says("Signature expired") || says("Signature not yet current") => {
            "set the clock of this node"
        }
        "RequestExpired" | "RequestTimeTooSkewed" => "set the clock of this node",
        "SignatureDoesNotMatch" | "IncompleteSignature" => {
            "is the clock of this node right, and does a proxy change the request?"
        }
        _ if says("role chaining") => {
            "a role assumed by another one lasts 3600 seconds at most: ask for no more"
        }
        _ if says("MaxSessionDuration") => {
            "ask for less, or raise the maximum session duration of the role"
        }
        _ if (300..400).contains(&status) => "redirects are not followed: name the endpoint itself",
        _ if error::is_busy(status, code) => "try again later",
        _ => "see the errors of AssumeRole in the API reference",
    }
}

impl Display for ArgumentFlaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption(name) => write!(
                f,
                "{} is no option of epicac \
                 (see the README for those there are)",
                Subject(name),
            ),
            Self::NotAnOption(position) => write!(
                f,
                "argument {} is no option (write --role-arn ARN, and options after it)",
                decimal(*position),
            ),
            Self::NoValue(option) => write!(
                f,
                "{} has no value (write {}=VALUE)",
                Line(option),
                Line(option),
            ),
            Self::BeforeRole(option) => write!(
                f,
                "{} comes before any role (write it after the --role-arn that it is for)",
                Line(option),
            ),
            Self::Repeated(option) => write!(f, "{} comes twice (write it once)", Line(option)),
            Self::NoRole => f.write_str(
                "a region or an endpoint is for assuming a role, and there is none (add --role-arn ARN)",
            ),
            Self::Duration => f.write_str(
                "--duration is not a whole number of seconds (write 900 to 43200)",
            ),
            Self::Tag => f.write_str("--tag has no = (write --tag KEY=VALUE)"),
        }
    }
}

impl Display for RoleFlawOf<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(subject, flaw) = self;
        write!(f, "{}: {flaw}", Subject(subject))
    }
}

impl Display for RoleFlaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Arn => {
                "is not the ARN of a role \
                 (write arn:aws:iam::ACCOUNT:role/NAME, the account with its twelve digits)"
            }
            Self::Partition(name) => {
                return write!(
                    f,
                    "is not of the region's partition, {} (name a region of its own)",
                    Line(name),
                );
            }
            Self::SessionName => {
                "the session name is not of 2 to 64 letters, digits and characters of _+=,.@- \
                 (correct --session-name or AWS_ROLE_SESSION_NAME)"
            }
            Self::ExternalId => {
                "the external id is not of 2 to 1224 letters, digits and characters of _+=,.@:/- \
                 (write the one that the role's trust policy asks for)"
            }
            Self::Duration => "the duration is not of 900 to 43200 seconds (write one that is)",
            Self::ChainedDuration => {
                "a role assumed by another one lasts 3600 seconds at most (write 3600 or less)"
            }
            Self::SourceIdentity => {
                "the source identity is not of 2 to 256 letters, digits and characters of _+=,.@- \
                 (write one that is)"
            }
            Self::TooManyTags => "has more than 50 tags or transitive tags (leave some out)",
            Self::TagKey => {
                "a tag's key is not of 1 to 128 letters, digits, spaces and characters of _.:/=+-@, or \
                 begins with aws: (write one that does not)"
            }
            Self::TagValue => {
                "a tag's value is not of at most 256 letters, digits, spaces and characters of _.:/=+-@ \
                 (write one that is)"
            }
            Self::RepeatedTag => "two tags have the same key (leave one of them out)",
            Self::PolicyTooLarge(chars) => {
                return write!(
                    f,
                    "the session policy has {} characters, more than the 2048 that STS takes \
                     (shorten it, or name managed policies by --policy-arn)",
                    decimal(*chars),
                );
            }
            Self::PolicyNotJson => {
                "the session policy is not a JSON object (write an IAM policy document)"
            }
            Self::PolicyFile(flaw) => {
                return write!(
                    f,
                    "{flaw} (is the session policy there, and is it granted, as with wasmtime's --dir?)",
                );
            }
            Self::TooManyPolicyArns => "has more than 10 policy ARNs (leave some out)",
            Self::PolicyArn => {
                "one of the policy ARNs is not that of a managed policy \
                 (write arn:aws:iam::ACCOUNT:policy/NAME)"
            }
        })
    }
}

impl Display for ServiceFlaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoRegion => {
                "neither a region nor an endpoint is given \
                 (set --region or AWS_REGION, or --sts-endpoint)"
            }
            Self::Region => {
                "the region is not of lower-case letters, digits and hyphens (write one such as \
                 eu-central-1)"
            }
            Self::Variant => {
                "FIPS and dual-stack go with no other endpoint than the region's (unset \
                 AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT)"
            }
            Self::Endpoint(flaw) => {
                return write!(
                    f,
                    "the URL {flaw} (set --sts-endpoint or AWS_ENDPOINT_URL_STS to one such as \
                     https://sts.eu-central-1.amazonaws.com)",
                );
            }
            Self::Path => "the URL holds a path or a query (write scheme, host and port alone)",
        })
    }
}
