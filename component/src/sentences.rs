//! Every sentence for people, and nothing else (`behaviour.md` §5).
//!
//! An [`Error`] is [`Told`] in three parts, on one line. The errors below it are the `why`. Text from outside is printed
//! through [`Line`], which keeps it short and on one line. docs/troubleshooting.md has a table of all of them, which
//! tests/sentences.rs writes.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Display, Formatter};

use crate::credentials::CredentialsError;
use crate::document::DocumentError;
use crate::endpoint::{Agent, EndpointError, UriError};
use crate::environment::TOKEN;
use crate::error::{Error, is_busy};
use crate::printable::{Line, Subject, write_printable};
use crate::sts::arguments::ArgumentError;
use crate::sts::error::ConfigurationError;
use crate::sts::role::RoleError;
use crate::sts::service::ServiceError;
use crate::token::TokenError;
use crate::told::Told;
use crate::transport::TransportError;

const IS_IT_ONE: &str = "is this a container credentials endpoint?";
const SEE_ECS_LOG: &str = "try again later, and see the log of the agent of Amazon ECS";
const NO_TOKEN: &str = "no token was sent: EKS sets AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; does the pod's \
    specification override it?";

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl Error {
    /// The parts of the sentence for people.
    pub fn told(&self) -> Told {
        match self {
            Self::Endpoint(EndpointError::Unset) => Told::new(
                "no container credentials endpoint",
                "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
                 AWS_CONTAINER_CREDENTIALS_FULL_URI is set",
                "is the pod's service account associated with a role by EKS Pod Identity?",
            ),
            Self::Endpoint(EndpointError::Invalid { name, error }) => Told::new(
                "invalid container credentials endpoint",
                format!("{name} {error}"),
                "EKS and ECS set this variable; does the pod's specification override it?",
            ),
            Self::InvalidToken(error) => Told::new(
                "invalid authorization token",
                format!("{TOKEN} {error}"),
                "set it to the token alone, on one line",
            ),
            Self::InvalidTokenFile { path, error } => Told::new(
                "invalid authorization token file",
                format!("{}: {error}", Line(path)),
                match error {
                    TokenError::NotGranted => {
                        "does it exist, and is it granted, as with wasmtime's --dir?"
                    }
                    TokenError::Empty | TokenError::Character | TokenError::TooLarge => {
                        "it has to hold the token alone, on one line"
                    }
                    _ => "is the token's volume mounted there, and readable for this user?",
                },
            ),
            Self::RequestDenied {
                method,
                origin,
                error,
            } => Told::new(
                "request denied",
                format!("{method} {} {error}", Line(origin)),
                match error {
                    TransportError::Denied => "allow this endpoint in the runtime's policy",
                    _ => "the runtime refuses a header or the URI: see its log",
                },
            ),
            Self::Unreachable {
                origin,
                error,
                agent,
            } => Told::new(
                "no response from the container credentials endpoint",
                format!("{} {error}", Line(origin)),
                unreachable_remedy(error, *agent),
            ),
            Self::UnexpectedStatus {
                status,
                code,
                message,
                agent,
                has_token,
                is_by_proxy,
            } => {
                let code = code.as_deref().unwrap_or_default();
                Told::new(
                    format!("the container credentials endpoint answered with status {status}"),
                    Said { code, message }.to_string(),
                    match *is_by_proxy && code_of(code, message).is_empty() {
                        true => proxy_remedy(*agent),
                        false => status_remedy(*status, code, message, *agent, *has_token),
                    },
                )
            }
            Self::Refused {
                code,
                message,
                agent,
            } => Told::new(
                "the container credentials endpoint refused",
                Said { code, message }.to_string(),
                match agent {
                    Agent::Eks => "may the pod's service account use a role? see the agent's log",
                    Agent::Ecs => "does the task have a task role, which ECS may assume?",
                },
            ),
            Self::InvalidResponse(DocumentError::TooLarge) => Told::new(
                "response too large",
                "more than the 65,536 bytes that are read of it",
                IS_IT_ONE,
            ),
            Self::InvalidResponse(error) => Told::new(
                "invalid response from the container credentials endpoint",
                error.to_string(),
                IS_IT_ONE,
            ),
            Self::Expired(expiration) => Told::new(
                "expired credentials",
                format!("the endpoint served some that expired at {expiration}"),
                "is the clock of this node right?",
            ),
            Self::InvalidCredentials(CredentialsError::TooLarge(bytes)) => Told::new(
                "output too large",
                format!("{bytes} bytes, more than the 64,000 that every AWS SDK reads"),
                "give the session fewer tags and shorter policies",
            ),
            Self::InvalidCredentials(error) => Told::new(
                "invalid credentials",
                error.to_string(),
                "pass them on as the endpoint served them",
            ),
            Self::OutputFailed => Told::new(
                "output failed",
                "standard output cannot be written",
                "is the disk full, or the reader gone?",
            ),
            Self::InvalidRole(error) => {
                let (why, remedy) = of_configuration(error);
                Told::new("cannot assume a role", why, remedy)
            }
            Self::StsUnreachable {
                origin,
                error,
                variant,
            } => Told::new(
                "no response from AWS STS",
                format!("{} {error}", Line(origin)),
                match (error, variant) {
                    (TransportError::Unresolved, Some(variables)) => {
                        variant_remedy(variables).into()
                    }
                    _ => Cow::Borrowed(
                        "may the pod reach it? without internet access, its VPC needs an endpoint for STS",
                    ),
                },
            ),
            Self::StsRefused {
                status,
                code,
                message,
                request_id,
            } => {
                let mut why = Said { code, message }.to_string();
                if !request_id.is_empty() {
                    why += &format!(" [request id {}]", Subject(request_id));
                }
                Told::new(
                    format!("AWS STS answered with status {status}"),
                    why,
                    sts_remedy(*status, code, message),
                )
            }
            Self::InvalidStsResponse(error) => Told::new(
                "invalid response from AWS STS",
                error.to_string(),
                "is this an endpoint of STS?",
            ),
            Self::AnotherRole { asked, assumed } => Told::new(
                "invalid response from AWS STS",
                format!(
                    "its credentials are those of {}, and {} was asked for",
                    Subject(assumed),
                    Subject(asked)
                ),
                "is this an endpoint of STS?",
            ),
            Self::Again { last, before } => {
                let last = last.told();
                let why = format!("{}; before that, it {}", last.why, before.did());
                Told::new(last.what, why, last.remedy)
            }
        }
    }

    /// What the server did, behind its name: of failures after which it is asked again.
    fn did(&self) -> String {
        match self {
            Self::Unreachable { error, .. } | Self::StsUnreachable { error, .. } => {
                error.to_string()
            }
            Self::UnexpectedStatus {
                status,
                code,
                message,
                ..
            } => {
                let code = code.as_deref().unwrap_or_default();
                format!("answered with status {status}: {}", Said { code, message })
            }
            Self::StsRefused {
                status,
                code,
                message,
                ..
            } => format!("answered with status {status}: {}", Said { code, message }),
            _ => "sent an invalid response".to_owned(),
        }
    }
}

/// What to do when the name of an STS has no address, and these variables ask for that name.
pub fn variant_remedy(variables: &str) -> String {
    format!(
        "{variables} asks for this endpoint: has STS one in this region, and may the pod ask its DNS server?"
    )
}

/// What an endpoint said about a failure, in 512 characters at most.
struct Said<'a> {
    code: &'a str,
    message: &'a str,
}

impl Display for Said<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.code, self.message) {
            ("", "") => f.write_str("it did not say why"),
            ("", text) | (text, "") => Line(text).fmt(f),
            (code, message) => {
                write!(f, "{}: ", Subject(code))?;
                // Behind a code of 160 characters, and a colon.
                write_printable(message, 350, f)
            }
        }
    }
}

/// What to do when no response came. A connection that was accepted tells that somebody serves there.
fn unreachable_remedy(error: &TransportError, agent: Agent) -> &'static str {
    use TransportError::{
        BodyTimeout, Certificate, Closed, NotHttp, ResponseTimeout, RuntimeLimit, Tls,
    };
    match (agent, error) {
        (_, NotHttp | RuntimeLimit | Tls) => IS_IT_ONE,
        (_, Certificate) => "does the runtime trust the authority of its certificate?",
        (Agent::Eks, ResponseTimeout | BodyTimeout) => {
            "the EKS Pod Identity Agent runs, and waits for EKS Auth: see its log, and whether the \
             node reaches the eks-auth endpoint of its region"
        }
        (Agent::Eks, Closed) => "try again later, and see the log of the EKS Pod Identity Agent",
        (Agent::Eks, _) => {
            "does the EKS Pod Identity Agent run on this node, and may the pod reach it?"
        }
        (Agent::Ecs, ResponseTimeout | BodyTimeout | Closed) => SEE_ECS_LOG,
        (Agent::Ecs, _) => "does the agent of Amazon ECS run here, and may the task reach it?",
    }
}

/// What to do about a status other than 200: `behaviour.md` §7 has what the agents mean by it. The code of
/// AWS's answer, which the EKS agent passes on, tells more than the status.
fn status_remedy(
    status: u16,
    code: &str,
    message: &str,
    agent: Agent,
    has_token: bool,
) -> &'static str {
    let code = code_of(code, message);
    let code = code.strip_suffix("Exception").unwrap_or(code);
    match (agent, code, status) {
        (_, _, 300..=399) => "redirects are not followed: name the endpoint itself",
        (Agent::Eks, "Throttling", _) => {
            "too many requests of this account at EKS Auth: try again later"
        }
        (Agent::Eks, _, 429) => "too many requests on this node: try again later",
        (Agent::Eks, "AccessDenied", _) => {
            "does the role's trust policy allow sts:AssumeRole and sts:TagSession to \
             pods.eks.amazonaws.com, and the role of the node eks-auth:AssumeRoleForPodIdentity?"
        }
        (Agent::Eks, "ResourceNotFound", _) => {
            "is a role associated with the pod's service account in this cluster?"
        }
        (Agent::Eks, _, _) if code.starts_with("Invalid") && !code.starts_with("InvalidToken") => {
            "EKS Auth does not take what the agent asks: see the log of the EKS Pod Identity Agent"
        }
        (Agent::Eks, _, 400 | 401 | 403) if !has_token => NO_TOKEN,
        (Agent::Eks, _, 400 | 401) if message.contains("not valid yet") => {
            "is the clock of this node right? if it is, a new pod gets a token that is valid"
        }
        (Agent::Eks, _, 400 | 401) => {
            "is the token the pod's own, unexpired, with audience pods.eks.amazonaws.com?"
        }
        (Agent::Eks, _, 403) => {
            "is the endpoint the agent's own address, \
             and does the role trust pods.eks.amazonaws.com?"
        }
        (Agent::Eks, _, 404) => {
            "is the endpoint's path right, and is a role associated with the service account?"
        }
        (Agent::Eks, _, 500..=599) => {
            "try again later, and see the log of the EKS Pod Identity Agent"
        }
        (Agent::Ecs, _, 429) => "too many requests of this task: try again later",
        (Agent::Ecs, _, 400..=404) => {
            "is the path the one that ECS gave to this task, and does the task have a task role?"
        }
        (Agent::Ecs, _, 500..=599) => SEE_ECS_LOG,
        _ => IS_IT_ONE,
    }
}

/// What to do about an answer that is not the agent's.
fn proxy_remedy(agent: Agent) -> &'static str {
    match agent {
        Agent::Eks => {
            "a proxy of a service mesh answered in the agent's place: exclude 169.254.170.23 and \
             [fd00:ec2::23] from the mesh"
        }
        Agent::Ecs => {
            "a proxy of a service mesh answered in the agent's place: exclude 169.254.170.2 from the mesh"
        }
    }
}

/// The code of AWS's answer: that of a JSON body, or that in what the EKS agent passes on from EKS Auth,
/// `[request-id]: (Code): message, fault: client`.
fn code_of<'a>(code: &'a str, message: &'a str) -> &'a str {
    if !code.is_empty() {
        return code;
    }
    let code = message
        .strip_prefix('[')
        .and_then(|message| message.split_once("]: ("))
        .and_then(|(_, code)| code.split_once(')'));
    code.map_or("", |(code, _)| code)
}

/// What to do about an answer of STS, as far as its code and message tell. The codes are those of the
/// API reference of AssumeRole and of the errors common to all actions.
fn sts_remedy(status: u16, code: &str, message: &str) -> &'static str {
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
            "is the region enabled in the source role's account? an opt-in region has to be, and takes \
             no token of the global STS endpoint"
        }
        _ if says("Credential should be scoped to a valid region") => {
            "name the region of this STS by --region or AWS_REGION; an opt-in region has to be enabled \
             in the source role's account"
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
        _ if is_busy(status, code) => "try again later",
        _ => "see the errors of AssumeRole in the API reference",
    }
}

impl Display for UriError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAPath => "does not begin with /",
            Self::NotAbsolute => "is not an absolute URI",
            Self::Scheme => "has a scheme other than http and https",
            Self::UserInfo => "holds a user name or password",
            Self::Host => "names no valid host",
            Self::HostNotAllowed(host) => {
                let host = host.to_string();
                return write!(
                    f,
                    "names the host {}, but over http only 127.0.0.0/8, [::1], localhost, \
                     169.254.170.2, 169.254.170.23 and [fd00:ec2::23] may be asked",
                    // A DNS name is no longer; the list of hosts must not be cut off after it.
                    Line(host.get(..253).unwrap_or(&host)),
                );
            }
            Self::Port => "has a port that is not a number from 1 to 65535",
            Self::Fragment => "holds a fragment",
            Self::TooLong => "has more than 65,000 characters",
            Self::Character => "holds a character that a URI cannot hold",
        })
    }
}

impl Display for TokenError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "holds no token",
            Self::Character => "holds a line break, a control character or one beyond ASCII",
            Self::TooLarge => "holds more than 65,536 bytes",
            Self::NotGranted => "the runtime grants no folder that holds it",
            Self::Missing => "no such file",
            Self::Denied => "permission denied",
            Self::DeniedOrOutside => {
                "permission denied, or a link that leads out of what is granted"
            }
            Self::IsDirectory => "it is a directory",
            Self::NotDirectory => "a part of the path is not a directory",
            Self::Loop => "its links lead in a circle",
            Self::Unreadable => "it cannot be read",
        })
    }
}

impl Display for DocumentError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("it is not UTF-8"),
            Self::TooLarge => f.write_str("it has more than 65,536 bytes"),
            Self::NotXml => f.write_str("it is not XML"),
            Self::NotJson { line, column } => {
                write!(f, "it is not JSON at line {line}, column {column}")
            }
            Self::Truncated => f.write_str("its JSON ends too early"),
            Self::NotAnObject => f.write_str("it is not a JSON object"),
            Self::Repeated(field) => write!(f, "{field} comes more than once"),
            Self::Missing(field) => write!(f, "{field} is missing"),
            Self::NotAString(field) => write!(f, "{field} is not a string"),
            Self::Empty(field) => write!(f, "{field} is empty"),
            Self::NotATimestamp(field) => {
                write!(f, "{field} is not an RFC 3339 date and time")
            }
        }
    }
}

impl Display for CredentialsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(field) => write!(f, "{field} is empty"),
            Self::Character(field) => write!(f, "{field} cannot be sent"),
            Self::TooLarge(bytes) => write!(f, "{bytes} bytes are too many"),
            Self::Expiration => f.write_str("expiration is not in the years 1970 to 9999"),
            Self::Unwritable => f.write_str("they cannot be written as JSON"),
        }
    }
}

impl Display for TransportError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Denied => "is not allowed",
            Self::Unsendable => "cannot be sent by the runtime",
            Self::ConnectTimeout => "did not accept a connection in time",
            Self::ResponseTimeout => "did not respond in time",
            Self::BodyTimeout => "did not finish its response in time",
            Self::Refused => "refused the connection",
            Self::Closed => "closed the connection before its response was complete",
            Self::Unroutable => "cannot be reached from here",
            Self::Unresolved => "has no known address",
            Self::Certificate => "has a certificate that is not trusted",
            Self::Tls => "failed in the TLS handshake",
            Self::NotHttp => "did not respond with valid HTTP",
            Self::RuntimeLimit => "exceeded a limit of the runtime",
            Self::Internal(Some(text)) if !text.is_empty() => {
                return write!(f, "could not be asked: {}", Line(text));
            }
            Self::Internal(_) => "could not be asked, and the runtime does not say why",
        })
    }
}

/// Why, and what to do about it.
type Because = (Cow<'static, str>, Cow<'static, str>);

fn because(why: impl Into<Cow<'static, str>>, remedy: impl Into<Cow<'static, str>>) -> Because {
    (why.into(), remedy.into())
}

/// Why no role can be assumed.
fn of_configuration(error: &ConfigurationError) -> Because {
    match error {
        ConfigurationError::Arguments(error) => of_arguments(error),
        ConfigurationError::Role { name, error } => {
            let (why, remedy) = of_role(error);
            because(format!("{}: {why}", Subject(name)), remedy)
        }
        ConfigurationError::Service(error) => of_service(error),
    }
}

fn of_arguments(error: &ArgumentError) -> Because {
    match error {
        ArgumentError::UnknownOption(name) => because(
            format!("{} is no option of epicac", Subject(name)),
            "see docs/roles.md for the options",
        ),
        ArgumentError::NotAnOption(position) => because(
            format!("argument {position} is no option"),
            "write --role-arn ARN, and options after it",
        ),
        ArgumentError::NoValue(option) => because(
            format!("{} has no value", Subject(option)),
            format!("write {}=VALUE", Subject(option)),
        ),
        ArgumentError::BeforeRole(option) => because(
            format!("{} comes before any role", Subject(option)),
            "write it after the --role-arn that it is for",
        ),
        ArgumentError::Repeated(option) => {
            because(format!("{} comes twice", Subject(option)), "write it once")
        }
        ArgumentError::NoRole => because("no role is named", "name one by --role-arn ARN"),
        ArgumentError::NoRoleForRegion => because(
            "a region or an endpoint is for assuming a role, and there is none",
            "add --role-arn ARN",
        ),
        ArgumentError::Duration => because(
            "--duration is not a whole number of seconds",
            "write 900 to 43200",
        ),
        ArgumentError::Tag => because("--tag has no =", "write --tag KEY=VALUE"),
    }
}

fn of_role(error: &RoleError) -> Because {
    match error {
        RoleError::Arn => because(
            "is not the ARN of a role",
            "write arn:aws:iam::ACCOUNT:role/NAME, the account with its twelve digits",
        ),
        RoleError::Partition(name) => because(
            format!("is not of the region's partition, {name}"),
            "name a region of its own",
        ),
        RoleError::SessionName => because(
            "the session name is not of 2 to 64 letters, digits and characters of _+=,.@-",
            "correct --session-name or AWS_ROLE_SESSION_NAME",
        ),
        RoleError::ExternalId => because(
            "the external id is not of 2 to 1224 letters, digits and characters of _+=,.@:/-",
            "write the one that the role's trust policy asks for",
        ),
        RoleError::Duration => because(
            "the duration is not of 900 to 43200 seconds",
            "write one that is",
        ),
        RoleError::ChainedDuration => because(
            "a role assumed by another one lasts 3600 seconds at most",
            "write 3600 or less",
        ),
        RoleError::SourceIdentity => because(
            "the source identity is not of 2 to 256 letters, digits and characters of _+=,.@-",
            "write one that is",
        ),
        RoleError::TooManyTags => {
            because("has more than 50 tags or transitive tags", "leave some out")
        }
        RoleError::TagKey => because(
            "a tag's key is not of 1 to 128 letters, digits, spaces and characters of _.:/=+-@, or \
             begins with aws:",
            "write one that does not",
        ),
        RoleError::TagValue => because(
            "a tag's value is not of at most 256 letters, digits, spaces and characters of _.:/=+-@",
            "write one that is",
        ),
        RoleError::RepeatedTag => because("two tags have the same key", "leave one of them out"),
        RoleError::PolicyTooLarge(chars) => because(
            format!("the session policy has {chars} characters, more than the 2048 that STS takes"),
            "shorten it, or name managed policies by --policy-arn",
        ),
        RoleError::PolicyNotJson => because(
            "the session policy is not a JSON object",
            "write an IAM policy document",
        ),
        RoleError::PolicyFile(error) => because(
            format!("{error}"),
            "is the session policy there, and is it granted, as with wasmtime's --dir?",
        ),
        RoleError::TooManyPolicyArns => because("has more than 10 policy ARNs", "leave some out"),
        RoleError::PolicyArn => because(
            "one of the policy ARNs is not that of a managed policy",
            "write arn:aws:iam::ACCOUNT:policy/NAME",
        ),
    }
}

fn of_service(error: &ServiceError) -> Because {
    match error {
        ServiceError::NoRegion => because(
            "neither a region nor an endpoint is given",
            "set --region or AWS_REGION, or --sts-endpoint",
        ),
        ServiceError::Region(region) => because(
            format!("{} is not the code of a region", Subject(region)),
            "write one such as eu-central-1",
        ),
        ServiceError::Variant => because(
            "FIPS and dual-stack go with no other endpoint than the region's",
            "unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT",
        ),
        ServiceError::Flag(variable) => because(
            format!("{variable} is neither true nor false"),
            "set it to true or false, or leave it unset",
        ),
        ServiceError::OtherRegion {
            origin,
            of_host,
            named,
        } => because(
            format!("{origin} is the STS of {of_host}, but {named} is named as its region"),
            "name one and the same region by --region or AWS_REGION and by the endpoint, or leave the \
             endpoint out",
        ),
        ServiceError::Endpoint { name, error } => because(
            format!("{name} {error}"),
            "set --sts-endpoint or AWS_ENDPOINT_URL_STS to one such as \
             https://sts.eu-central-1.amazonaws.com",
        ),
        ServiceError::Path { name } => because(
            format!("{name} holds a path or a query"),
            "write scheme, host and port alone",
        ),
    }
}
