//! Why a role cannot be assumed.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use thiserror::Error;

use crate::document::DocumentError;
use crate::message::Failure;
use crate::printable::{Line, Subject};
use crate::sentences::{Said, sts_remedy, variant_remedy};
use crate::sts::arguments::ArgumentError;
use crate::sts::role::RoleError;
use crate::sts::service::ServiceError;
use crate::transport::{RequestDenied, TransportError};

/// Why no role can be assumed as it is asked for. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum ConfigurationError {
    #[error(transparent)]
    Arguments(#[from] ArgumentError),
    /// The name is the ARN of the role, or the path of the file of its session policy.
    #[error("{}: {error}", Subject(.name))]
    Role { name: String, error: RoleError },
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl Failure for ConfigurationError {
    fn what(&self) -> Cow<'static, str> {
        "cannot assume a role".into()
    }

    fn remedy(&self) -> Cow<'static, str> {
        match self {
            Self::Arguments(error) => error.remedy(),
            Self::Role { error, .. } => error.remedy().into(),
            Self::Service(error) => error.remedy().into(),
        }
    }
}

/// Why STS gave no credentials of a role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum StsError {
    #[error(transparent)]
    Denied(RequestDenied),
    /// No complete response came. The variant is that of the [`Sts`](crate::Sts).
    #[error("{} {error}", Line(.origin))]
    Unreachable {
        origin: String,
        error: TransportError,
        variant: Option<&'static str>,
    },
    /// Another status than 200. Each text may be empty; without a document, the message is the text of the body.
    #[error("{}{}", Said(.code, .message), of_request(.request_id))]
    Refused {
        status: u16,
        code: String,
        message: String,
        request_id: String,
    },
    #[error(transparent)]
    Invalid(DocumentError),
    /// Both are ARNs: of the role that was asked for, and of the session that STS began.
    #[error("its credentials are those of {}, and {} was asked for", Subject(.assumed), Subject(.asked))]
    AnotherRole { asked: String, assumed: String },
}

fn of_request(id: &str) -> String {
    match id {
        "" => String::new(),
        id => format!(" [request id {}]", Subject(id)),
    }
}

impl Failure for StsError {
    fn what(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Denied(denied) => return denied.what(),
            Self::Unreachable { .. } => "no response from AWS STS",
            Self::Refused { status, .. } => {
                return format!("AWS STS answered with status {status}").into();
            }
            Self::Invalid(_) | Self::AnotherRole { .. } => "invalid response from AWS STS",
        })
    }

    fn remedy(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Denied(denied) => return denied.remedy(),
            Self::Unreachable {
                error: TransportError::Unresolved,
                variant: Some(variables),
                ..
            } => return variant_remedy(variables).into(),
            Self::Unreachable { .. } => {
                "may the pod reach it? without internet access, its VPC needs an endpoint for STS"
            }
            Self::Refused {
                status,
                code,
                message,
                ..
            } => sts_remedy(*status, code, message),
            Self::Invalid(_) | Self::AnotherRole { .. } => "is this an endpoint of STS?",
        })
    }
}
