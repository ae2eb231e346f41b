//! Every sentence for people, and nothing else (`behaviour.md` §5).
//!
//! An [`Error`] is told as `what failed: why (what to do)`, on one line; the flaws below it are the
//! `why`. Whatever comes from outside is printed through [`Line`], which keeps it short and on the line.

use alloc::string::ToString;
use core::fmt::{self, Display, Formatter};

use crate::document::DocumentFlaw;
use crate::endpoint::EndpointFlaw;
use crate::error::Error;
use crate::number::decimal;
use crate::printable::{Line, Subject, write_printable};
use crate::process::CredentialsFlaw;
use crate::sts;
use crate::token::TokenFlaw;
use crate::transport::Fault;

const NO_ENDPOINT: &str = "no container credentials endpoint: \
    neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set \
    (is the pod's service account associated with a role by EKS Pod Identity?)";
const IS_IT_ONE: &str = "is this a container credentials endpoint?";
// Reasons that have a remedy of their own. An error that comes back through `describe` has nothing but
// its reason to tell it by.
const NOT_GRANTED: &str = "the runtime grants no folder that holds it";
const NO_TOKEN: &str = "holds no token";
const NOT_SENDABLE: &str = "holds a line break, a control character or one beyond ASCII";
const TOO_LARGE: &str = "holds more than 65,536 bytes";

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEndpoint => f.write_str(NO_ENDPOINT),
            Self::InvalidEndpoint { name, reason } => write!(
                f,
                "invalid container credentials endpoint: {} {} \
                 (EKS and ECS set this variable; does the pod's specification override it?)",
                Line(name),
                Line(reason),
            ),
            Self::InvalidToken { name, reason } => write!(
                f,
                "invalid authorization token: {} {} \
                 (set it to the token alone, on one line)",
                Line(name),
                Line(reason),
            ),
            Self::InvalidTokenFile { path, reason } => write!(
                f,
                "invalid authorization token file: {}: {} ({})",
                Line(path),
                Line(reason),
                Line(match reason.as_str() {
                    NOT_GRANTED => "does it exist, and is it granted, as with wasmtime's --dir?",
                    NO_TOKEN | NOT_SENDABLE | TOO_LARGE => {
                        "it has to hold the token alone, on one line"
                    }
                    _ => "is the token's volume mounted there, and readable for this user?",
                }),
            ),
            Self::RequestDenied(reason) => write!(
                f,
                "request denied: {} (allow this endpoint in the runtime's policy)",
                Line(reason),
            ),
            Self::Unreachable(reason) => write!(
                f,
                "no response from the container credentials endpoint: {} \
                 (does the EKS Pod Identity Agent run on this node, and may the pod reach it?)",
                Line(reason),
            ),
            Self::UnexpectedStatus {
                status,
                code,
                message,
            } => write!(
                f,
                "the container credentials endpoint answered with status {}: {} ({})",
                decimal(*status),
                Said {
                    code: code.as_deref().unwrap_or_default(),
                    message
                },
                Line(remedy(*status)),
            ),
            Self::Refused { code, message } => write!(
                f,
                "the container credentials endpoint refused: {} \
                 (may the pod's service account use a role? see the agent's log)",
                Said { code, message },
            ),
            Self::ResponseTooLarge => write!(
                f,
                "response too large: more than the 65,536 bytes that are read of it ({})",
                Line(IS_IT_ONE),
            ),
            Self::InvalidResponse(reason) => write!(
                f,
                "invalid response from the container credentials endpoint: {} ({})",
                Line(reason),
                Line(IS_IT_ONE),
            ),
            Self::Expired(expiration) => write!(
                f,
                "expired credentials: the endpoint served some that expired at {expiration} \
                 (is the clock of this node right?)",
            ),
            Self::InvalidCredentials(reason) => write!(
                f,
                "invalid credentials: {} (pass them on as the endpoint served them)",
                Line(reason),
            ),
            Self::OutputTooLarge(bytes) => write!(
                f,
                "output too large: {} bytes, more than the 64,000 that every AWS SDK reads \
                 (give the session fewer tags and shorter policies)",
                decimal(*bytes),
            ),
            Self::OutputFailed => f.write_str(
                "output failed: standard output cannot be written \
                 (is the disk full, or the reader gone?)",
            ),
            // The reason tells the remedy as well: it is another one for each.
            Self::InvalidRole(reason) => write!(f, "cannot assume a role: {}", Line(reason)),
            Self::StsUnreachable(reason) => write!(
                f,
                "no response from AWS STS: {} \
                 (may the pod reach it? without internet access, its VPC needs an endpoint for STS)",
                Line(reason),
            ),
            Self::StsRefused {
                status,
                code,
                message,
                request_id,
            } => {
                write!(
                    f,
                    "AWS STS answered with status {}: {} ",
                    decimal(*status),
                    Said { code, message },
                )?;
                if !request_id.is_empty() {
                    write!(f, "[request id {}] ", Subject(request_id))?;
                }
                write!(
                    f,
                    "({})",
                    Line(sts::sentences::remedy(*status, code, message))
                )
            }
            Self::InvalidStsResponse(reason) => write!(
                f,
                "invalid response from AWS STS: {} (is this an endpoint of STS?)",
                Line(reason),
            ),
        }
    }
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

/// What to do about a status: `behaviour.md` §7 has what the agent means by it.
fn remedy(status: u16) -> &'static str {
    match status {
        300..=399 => "redirects are not followed: name the endpoint itself",
        400 => "is the token the pod's own, unexpired, with audience pods.eks.amazonaws.com?",
        401 | 403 => {
            "is the endpoint the agent's own address, \
             and does the role trust pods.eks.amazonaws.com?"
        }
        404 => "is the endpoint's path right, and is a role associated with the service account?",
        429 => "too many requests on this node: try again later",
        500..=599 => "try again later, and see the log of the EKS Pod Identity Agent",
        _ => IS_IT_ONE,
    }
}

impl Display for EndpointFlaw {
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
            Self::Character => "holds a character that a URI cannot hold",
        })
    }
}

impl Display for TokenFlaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => NO_TOKEN,
            Self::Character => NOT_SENDABLE,
            Self::TooLarge => TOO_LARGE,
            Self::NotGranted => NOT_GRANTED,
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

impl Display for DocumentFlaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 => f.write_str("it is not UTF-8"),
            Self::TooLarge => f.write_str("it has more than 65,536 bytes"),
            Self::NotXml => f.write_str("it is not XML"),
            Self::NotJson { line, column } => {
                let (line, column) = (decimal(*line), decimal(*column));
                write!(f, "it is not JSON at line {line}, column {column}")
            }
            Self::Truncated => f.write_str("its JSON ends too early"),
            Self::NotAnObject => f.write_str("it is not a JSON object"),
            Self::Repeated(field) => write!(f, "{} comes more than once", Line(field)),
            Self::Missing(field) => write!(f, "{} is missing", Line(field)),
            Self::NotAString(field) => write!(f, "{} is not a string", Line(field)),
            Self::Empty(field) => write!(f, "{} is empty", Line(field)),
            Self::NotATimestamp(field) => {
                write!(f, "{} is not an RFC 3339 date and time", Line(field))
            }
        }
    }
}

impl Display for CredentialsFlaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty(field) => write!(f, "{} is empty", Line(field)),
            Self::Character(field) => write!(f, "{} cannot be sent", Line(field)),
            Self::TooLarge(bytes) => write!(f, "{} bytes are too many", decimal(*bytes)),
            Self::Expiration => f.write_str("expiration is not in the years 1970 to 9999"),
        }
    }
}

impl Display for Fault {
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
