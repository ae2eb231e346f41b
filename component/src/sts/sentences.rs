//! The sentences about roles and STS.

use alloc::borrow::Cow;
use alloc::format;

use crate::error;
use crate::printable::Subject;
use crate::sts::ConfigurationError;
use crate::sts::arguments::ArgumentError;
use crate::sts::role::RoleError;
use crate::sts::service::ServiceError;

/// What to do about an answer of STS, as far as its code and message tell. The codes are those of the
/// API reference of AssumeRole and of the errors common to all actions.
pub fn remedy(status: u16, code: &str, message: &str) -> &'static str {
    let says = |words| message.contains(words);
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

/// Why, and what to do about it.
type Told = (Cow<'static, str>, Cow<'static, str>);

impl ConfigurationError {
    /// Why no role can be assumed, and what to do about it.
    pub fn told(&self) -> (Cow<'static, str>, Cow<'static, str>) {
        match self {
            Self::Arguments(error) => of_arguments(error),
            Self::Role { name, error } => {
                let (why, remedy) = of_role(error);
                (format!("{}: {why}", Subject(name)).into(), remedy)
            }
            Self::Service(error) => of_service(error),
        }
    }
}

fn told(why: impl Into<Cow<'static, str>>, remedy: impl Into<Cow<'static, str>>) -> Told {
    (why.into(), remedy.into())
}

fn of_arguments(error: &ArgumentError) -> Told {
    match error {
        ArgumentError::UnknownOption(name) => told(
            format!("{} is no option of epicac", Subject(name)),
            "see docs/roles.md for the options",
        ),
        ArgumentError::NotAnOption(position) => told(
            format!("argument {position} is no option"),
            "write --role-arn ARN, and options after it",
        ),
        ArgumentError::NoValue(option) => told(
            format!("{} has no value", Subject(option)),
            format!("write {}=VALUE", Subject(option)),
        ),
        ArgumentError::BeforeRole(option) => told(
            format!("{} comes before any role", Subject(option)),
            "write it after the --role-arn that it is for",
        ),
        ArgumentError::Repeated(option) => {
            told(format!("{} comes twice", Subject(option)), "write it once")
        }
        ArgumentError::NoRole => told("no role is named", "name one by --role-arn ARN"),
        ArgumentError::NoRoleForRegion => told(
            "a region or an endpoint is for assuming a role, and there is none",
            "add --role-arn ARN",
        ),
        ArgumentError::Duration => told(
            "--duration is not a whole number of seconds",
            "write 900 to 43200",
        ),
        ArgumentError::Tag => told("--tag has no =", "write --tag KEY=VALUE"),
    }
}

fn of_role(error: &RoleError) -> Told {
    match error {
        RoleError::Arn => told(
            "is not the ARN of a role",
            "write arn:aws:iam::ACCOUNT:role/NAME, the account with its twelve digits",
        ),
        RoleError::Partition(name) => told(
            format!("is not of the region's partition, {name}"),
            "name a region of its own",
        ),
        RoleError::SessionName => told(
            "the session name is not of 2 to 64 letters, digits and characters of _+=,.@-",
            "correct --session-name or AWS_ROLE_SESSION_NAME",
        ),
        RoleError::ExternalId => told(
            "the external id is not of 2 to 1224 letters, digits and characters of _+=,.@:/-",
            "write the one that the role's trust policy asks for",
        ),
        RoleError::Duration => told(
            "the duration is not of 900 to 43200 seconds",
            "write one that is",
        ),
        RoleError::ChainedDuration => told(
            "a role assumed by another one lasts 3600 seconds at most",
            "write 3600 or less",
        ),
        RoleError::SourceIdentity => told(
            "the source identity is not of 2 to 256 letters, digits and characters of _+=,.@-",
            "write one that is",
        ),
        RoleError::TooManyTags => {
            told("has more than 50 tags or transitive tags", "leave some out")
        }
        RoleError::TagKey => told(
            "a tag's key is not of 1 to 128 letters, digits, spaces and characters of _.:/=+-@, or \
             begins with aws:",
            "write one that does not",
        ),
        RoleError::TagValue => told(
            "a tag's value is not of at most 256 letters, digits, spaces and characters of _.:/=+-@",
            "write one that is",
        ),
        RoleError::RepeatedTag => told("two tags have the same key", "leave one of them out"),
        RoleError::PolicyTooLarge(chars) => told(
            format!("the session policy has {chars} characters, more than the 2048 that STS takes"),
            "shorten it, or name managed policies by --policy-arn",
        ),
        RoleError::PolicyNotJson => told(
            "the session policy is not a JSON object",
            "write an IAM policy document",
        ),
        RoleError::PolicyFile(error) => told(
            format!("{error}"),
            "is the session policy there, and is it granted, as with wasmtime's --dir?",
        ),
        RoleError::TooManyPolicyArns => told("has more than 10 policy ARNs", "leave some out"),
        RoleError::PolicyArn => told(
            "one of the policy ARNs is not that of a managed policy",
            "write arn:aws:iam::ACCOUNT:policy/NAME",
        ),
    }
}

fn of_service(error: &ServiceError) -> Told {
    match error {
        ServiceError::NoRegion => told(
            "neither a region nor an endpoint is given",
            "set --region or AWS_REGION, or --sts-endpoint",
        ),
        ServiceError::Region(region) => told(
            format!("{} is not the code of a region", Subject(region)),
            "write one such as eu-central-1",
        ),
        ServiceError::Variant => told(
            "FIPS and dual-stack go with no other endpoint than the region's",
            "unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT",
        ),
        ServiceError::Endpoint(error) => told(
            format!("the URL {error}"),
            "set --sts-endpoint or AWS_ENDPOINT_URL_STS to one such as \
             https://sts.eu-central-1.amazonaws.com",
        ),
        ServiceError::Path => told(
            "the URL holds a path or a query",
            "write scheme, host and port alone",
        ),
    }
}
