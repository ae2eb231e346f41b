//! What a rule refused, and the sentences for people. The rules are in `sandbox/request.rs` and
//! `grants/token_file.rs`.

use epicac_component::printable::Line;
use std::fmt;

/// Why a request is denied: the first rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The environment names no endpoint.
    NoEndpoint,
    /// The endpoint is an https one, and no policy file has granted it.
    Https,
    /// Another method than GET.
    Method,
    /// Another scheme.
    Scheme,
    /// Another host or port.
    Authority,
    /// Another path or query.
    Path,
    /// A body.
    Body,
    /// Another file, or another way to open it than to read.
    File,
    /// The STS of this origin is neither AWS's own nor on this machine, and no policy file has granted it.
    StsEndpoint(String),
    /// A POST to another host, port or scheme than those of the STS.
    StsOrigin,
    /// A POST to another path of the STS.
    StsPath,
    /// A body that is none of the forms which assume the roles.
    StsForm,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoEndpoint => "the environment names no endpoint",
            Self::Https => {
                "https endpoints are not allowed by the built-in policy, as the agents of EKS and ECS speak http"
            }
            Self::Method => "only GET is allowed",
            Self::Scheme => "only the scheme of the endpoint is allowed",
            Self::Authority => "only the host and port of the endpoint are allowed",
            Self::Path => "only the path and query of the endpoint are allowed",
            Self::Body => "no body may be sent to the endpoint",
            Self::File => "only the file of the token may be opened, and only to be read",
            Self::StsEndpoint(origin) => {
                return write!(
                    f,
                    "the STS {} is neither AWS's own nor on this machine",
                    Line(origin)
                );
            }
            Self::StsOrigin => "only the STS that is configured may be sent a POST",
            Self::StsPath => "only the path / of the STS may be sent a POST",
            Self::StsForm => {
                "a role may be assumed only as the command line says: another form is never sent to the STS"
            }
        })
    }
}

impl std::error::Error for Denial {}
