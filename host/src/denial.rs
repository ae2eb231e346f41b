//! Why a request is denied. The rules are elsewhere: `sandbox/request.rs` denies HTTP requests, `grants/token_file.rs`
//! denies the opening of files.

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

impl std::error::Error for Denial {}
