//! What can be wrong with a policy, and the sentences for people.

use super::model::MAX_BYTES;
use epicac_component::printable::Line;
use std::fmt;

/// Why a text is not a policy. Displays as `place: why (what to do)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyFlaw {
    /// It has more than [`MAX_BYTES`].
    TooLarge,
    /// It is not JSON, or not the JSON of a policy.
    Json {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// What is wrong there, with the remedy in parentheses at its end.
        what: String,
    },
    /// Two of its rules cannot both be meant.
    Contradiction {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// Which ones.
        what: Contradiction,
    },
}

/// Two rules of a policy that cannot both be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// An endpoint is granted, and no variable that could name it.
    EndpointUnnamed,
    /// The relative URI alone is granted, and an endpoint elsewhere than on ECS's address.
    EndpointElsewhere,
    /// An endpoint is granted over http whose host is never asked over it.
    HostOverHttp,
    /// A CA bundle is granted for an endpoint over http.
    CaBundleOverHttp,
    /// A token file is granted, and not the variable that could name it.
    TokenFileUnnamed,
    /// A variable is granted that is read for roles alone, and no roles are.
    RolesUngranted,
}

impl Contradiction {
    /// The member of the policy that the other one contradicts.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::EndpointUnnamed
            | Self::EndpointElsewhere
            | Self::HostOverHttp
            | Self::CaBundleOverHttp => "endpoint",
            Self::TokenFileUnnamed => "token_file",
            Self::RolesUngranted => "environment",
        }
    }
}

/// Why a single value cannot be granted. Displays as `why (what to do)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueFlaw {
    /// A version other than 1.
    Version(u64),
    /// Not 64 hexadecimal digits in lower case.
    Digest,
    /// Not the name of an imported function.
    Import(String),
    /// Another method than GET.
    Method(String),
    /// Another scheme than http and https.
    Scheme(String),
    /// No state of a layer of the second wall.
    Layer(String),
    /// No host.
    Host(String),
    /// A host in another spelling than this one.
    HostSpelling(String),
    /// A file's path that is not absolute, or holds a NUL.
    RelativePath(String),
    /// A file's path in another spelling than this one.
    PathSpelling(String),
    /// A path of the endpoint that does not begin with `/`.
    RelativeUri(String),
    /// A path of the endpoint with a character that a URI cannot hold.
    PathCharacter(String),
    /// A wildcard where there can be none, or of a kind that there is not.
    Wildcard(String),
    /// A wildcard that leaves nothing to compare.
    Everything(String),
    /// An element that comes twice.
    Repeated(String),
    /// Not the ARN of a role.
    RoleArn(String),
    /// Not where an STS can be.
    StsOrigin(String),
    /// An origin in another spelling than this one.
    OriginSpelling(String),
    /// Not a proxy.
    Proxy(String),
    /// Sessions are not that short, or long.
    Duration(u64),
    /// Says nothing of a session policy.
    SessionPolicy(String),
}

impl fmt::Display for PolicyFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(
                f,
                "it has more than {MAX_BYTES} bytes (is it the output of `epicac policy`?)"
            ),
            Self::Json { line, column, what } => write!(f, "line {line}, column {column}: {what}"),
            Self::Contradiction { line, column, what } => {
                write!(f, "line {line}, column {column}: {what}")
            }
        }
    }
}

impl std::error::Error for PolicyFlaw {}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EndpointUnnamed => {
                "an endpoint is granted, but no variable that names it (add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"endpoint\": null)"
            }
            Self::EndpointElsewhere => {
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone is granted, which can name only http, 169.254.170.2 and port 80 (add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"scheme\": \"http\", \"host\": \"169.254.170.2\" and \"port\": 80)"
            }
            Self::HostOverHttp => {
                "this endpoint's host is never asked over http (set \"host\" to an address of 127.0.0.0/8, [::1], localhost, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23], or \"scheme\" to \"https\")"
            }
            Self::CaBundleOverHttp => {
                "a CA bundle is granted for an endpoint that is asked over http (leave out its \"ca_bundle\", or set \"scheme\" to \"https\")"
            }
            Self::TokenFileUnnamed => {
                "a token file is granted, but not the variable that names it (add \"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\" to \"environment\", or set \"token_file\": null)"
            }
            Self::RolesUngranted => {
                "a variable is granted that is read for roles alone, but no roles are (leave it out, or grant \"roles\")"
            }
        })
    }
}

impl fmt::Display for ValueFlaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(
                f,
                "version {version} is not known to this build (write \"version\": 1, and compare the rest with the output of `epicac policy`)"
            ),
            Self::Digest => f.write_str(
                "this is no SHA-256 digest (write the 64 hexadecimal digits of `epicac --version`, in lower case)",
            ),
            Self::Import(text) => write!(
                f,
                "`{}` is no imported function (write each one out, as \"wasi:io/poll@0.2.0#poll\")",
                Line(text)
            ),
            Self::Method(text) => write!(
                f,
                "the method `{}` cannot be granted (write \"GET\")",
                Line(text)
            ),
            Self::Scheme(text) => write!(
                f,
                "the scheme `{}` cannot be granted (write \"http\", as the agents of EKS and ECS speak it, or \"https\")",
                Line(text)
            ),
            Self::Layer(text) => write!(
                f,
                "`{}` says nothing of a layer of the wall (write \"required\" where a run must be refused without it, or else \"enforced\" or \"unavailable\")",
                Line(text)
            ),
            Self::Host(text) => write!(
                f,
                "`{}` is no host (write one address or name, without a port, an IPv6 address in brackets)",
                Line(text)
            ),
            Self::HostSpelling(host) => {
                write!(f, "this host has another spelling (write \"{}\")", Line(host))
            }
            Self::RelativePath(text) => write!(
                f,
                "`{}` is not the absolute path of a file (write it from / on)",
                Line(text)
            ),
            Self::PathSpelling(path) => write!(
                f,
                "this path has another spelling (write \"{}\")",
                Line(path)
            ),
            Self::RelativeUri(text) => write!(
                f,
                "the path `{}` does not begin with / (write path and query alone, from / on)",
                Line(text)
            ),
            Self::PathCharacter(text) => write!(
                f,
                "the path `{}` holds a character that a URI cannot hold (write it as in the endpoint's URI)",
                Line(text)
            ),
            Self::Wildcard(text) => write!(
                f,
                "`{}` holds a wildcard that there is not (the only one is {{any}}, for one whole segment of the endpoint's path; a literal * is written {{*}})",
                Line(text)
            ),
            Self::Everything(text) => write!(
                f,
                "`{}` would match everything (write out at least one segment of the path)",
                Line(text)
            ),
            Self::Repeated(text) => {
                write!(f, "`{}` comes twice (leave it out here)", Line(text))
            }
            Self::RoleArn(text) => write!(
                f,
                "`{}` is not the ARN of a role (write it out, as \"arn:aws:iam::123456789012:role/reader\")",
                Line(text)
            ),
            Self::StsOrigin(text) => write!(
                f,
                "STS cannot be asked at `{}` (write \"https://\" and its host, or \"http://\" and a host of this machine; without a path)",
                Line(text)
            ),
            Self::OriginSpelling(origin) => write!(
                f,
                "this origin has another spelling (write \"{}\")",
                Line(origin)
            ),
            Self::Proxy(text) => write!(
                f,
                "`{}` is no proxy (write \"http://host:port\", without a user)",
                Line(text)
            ),
            Self::Duration(seconds) => write!(
                f,
                "no session has {seconds} seconds (write a number from 900 to 43200)"
            ),
            Self::SessionPolicy(text) => write!(
                f,
                "`{}` says nothing of a session policy (write \"required\" where a run must be refused without one, or else \"optional\")",
                Line(text)
            ),
        }
    }
}

impl std::error::Error for ValueFlaw {}
