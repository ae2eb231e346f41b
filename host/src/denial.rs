//! Why the sandbox denies a request of the component.

use thiserror::Error;

/// Why a request is denied: the first rule that it breaks. `sandbox/request.rs` has the rules of HTTP requests,
/// `grants/admitted.rs` those of what only a policy file can grant, and `grants/token_file.rs` those of opening a file.
#[rustfmt::skip]
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[allow(missing_docs, reason = "the text of each variant says what it is")]
pub enum DeniedError {
    #[error("the environment names no endpoint")] NoEndpoint,
    #[error("https endpoints are not allowed by the built-in policy, as the agents of EKS and ECS speak http")] Https,
    #[error("the STS {0} is neither AWS's own nor on this machine")] StsEndpoint(String),
    #[error("AWS_ENDPOINT_URL names the STS {0}, which is neither AWS's own nor on this machine")] EndpointForAll(String),
    #[error("only GET is allowed")] Method,
    #[error("only the scheme of the endpoint is allowed")] Scheme,
    #[error("only the host and port of the endpoint are allowed")] Authority,
    #[error("only the path and query of the endpoint are allowed")] Path,
    #[error("no body may be sent to the endpoint")] Body,
    #[error("only the file of the token may be opened, and only to be read")] File,
    #[error("only the STS that is configured may be sent a POST")] StsOrigin,
    #[error("only the path / of the STS may be sent a POST")] StsPath,
    #[error("a role may be assumed only as the command line says: another form is never sent to the STS")] StsForm,
}

impl DeniedError {
    /// What to do about it.
    #[rustfmt::skip]
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::NoEndpoint => "set AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI",
            Self::Https => "set AWS_CONTAINER_CREDENTIALS_FULL_URI to the http endpoint of the agent; a policy file can grant an https one, by its \"endpoint\": `epicac policy` prints it, and `epicac --policy FILE` takes it",
            Self::StsEndpoint(_) => "a policy file can grant it, by its \"sts\": `epicac policy` prints it, and `epicac --policy FILE` takes it",
            Self::EndpointForAll(_) => "set AWS_ENDPOINT_URL_STS to the endpoint of STS, such as https://sts.eu-central-1.amazonaws.com; a policy file can grant this one, by its \"sts\"",
            Self::Method
            | Self::Scheme
            | Self::Authority
            | Self::Path
            | Self::Body
            | Self::File
            | Self::StsOrigin
            | Self::StsPath
            | Self::StsForm => IS_IT_RELEASED,
        }
    }
}

const IS_IT_RELEASED: &str =
    "is this the component that was released? compare `epicac --version` with SHA256SUMS";
