//! Decides what people are told about an answer: what a server said, and the remedies by status and circumstance
//! (`behaviour.md` §4). Every other error has its text and its remedy at its type.

use alloc::format;
use alloc::string::String;
use core::fmt::{self, Display, Formatter};

use crate::endpoint::Agent;
use crate::printable::{Line, Subject, has, write_printable};
use crate::transport::{Retry, TransportError};

/// For a response that no agent gives.
pub const IS_IT_ONE: &str = "is this a container credentials endpoint?";
const SEE_ECS_LOG: &str = "try again later, and see the log of the agent of Amazon ECS";
const NO_TOKEN: &str = "no token was sent: EKS sets AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; does the pod's \
    specification override it?";

/// What a server said about a failure, its code and its message, in 512 characters at most.
pub struct Said<'a>(pub &'a str, pub &'a str);

impl Display for Said<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
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

/// What to do when the name of an STS has no address, and these variables ask for that name.
pub fn variant_remedy(variables: &str) -> String {
    format!(
        "{variables} asks for this endpoint: has STS one in this region, and may the pod ask its DNS server?"
    )
}

/// What to do when no response came. A connection that was accepted tells that somebody serves there.
pub fn unreachable_remedy(error: &TransportError, agent: Agent) -> &'static str {
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
pub fn status_remedy(
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
        (Agent::Eks, _, 400 | 401) if has(message, "not valid yet") => {
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
pub fn proxy_remedy(agent: Agent) -> &'static str {
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
pub fn code_of<'a>(code: &'a str, message: &'a str) -> &'a str {
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
pub fn sts_remedy(status: u16, code: &str, message: &str) -> &'static str {
    let says = |words| has(message, words);
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
        _ if Retry::after(status, code) != Retry::Never => "try again later",
        _ => "see the errors of AssumeRole in the API reference",
    }
}
