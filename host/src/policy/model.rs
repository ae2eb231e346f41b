//! What a policy can say. The types are the format: their fields and documentation make up
//! docs/policy.schema.json.

use super::path::PathRule;
use super::role::RolesRule;
use super::shape::{Set, object, optional_object};
use super::text::{FilePath, HostName, Import, LayerRule, Method, Scheme, Sha256, Version};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::{NonZeroU16, NonZeroU64};

/// The size of a policy file, in bytes, at most.
pub const MAX_BYTES: usize = 64 << 10;

/// What epicac may do. What is not named is denied; what is named is enforced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The version of this format: 1.
    pub version: Version,
    /// The component that may run.
    #[serde(deserialize_with = "object")]
    pub component: ComponentRule,
    /// The variables that the component may see. None by default.
    #[serde(default)]
    pub environment: Set<Variable>,
    /// The one file that the component may read, its authorization token: an absolute path, compared to
    /// the letter, with `.` steps and repeated slashes left out. Links are followed. A literal `*` is
    /// written `{*}`, a literal `{` is written `{{}`. None by default.
    #[serde(default)]
    pub token_file: Option<FilePath>,
    /// The one request that the component may send. None by default.
    #[serde(default, deserialize_with = "optional_object")]
    pub endpoint: Option<EndpointRule>,
    /// The roles that may be assumed, and what that takes. None by default.
    #[serde(default, deserialize_with = "optional_object")]
    pub roles: Option<RolesRule>,
    /// How much of everything a run may use.
    #[serde(deserialize_with = "object")]
    pub limits: LimitsRule,
    /// What one call or one connection may use, which is the same in every run of a build. Not compared
    /// by default.
    #[serde(default, deserialize_with = "optional_object")]
    pub bounds: Option<BoundsRule>,
    /// The second wall, by which the kernel holds the process of the sandbox itself. Not required by
    /// default.
    #[serde(default, deserialize_with = "object")]
    pub wall: WallRule,
}

/// The component that may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComponentRule {
    /// The SHA-256 digest of `epicac.wasm`, 64 hexadecimal digits in lower case.
    pub sha256: Sha256,
    /// Every function that it imports, as `package:name/interface@version#function`: no more, no less.
    pub imports: Set<Import>,
}

/// A variable that the component may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Variable {
    /// The path of the endpoint, on ECS.
    #[serde(rename = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")]
    RelativeUri,
    /// The URI of the endpoint.
    #[serde(rename = "AWS_CONTAINER_CREDENTIALS_FULL_URI")]
    FullUri,
    /// The path of the file with the authorization token.
    #[serde(rename = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")]
    TokenFile,
    /// The authorization token.
    #[serde(rename = "AWS_CONTAINER_AUTHORIZATION_TOKEN")]
    Token,
    /// With roles: the name of a session that is given no other.
    #[serde(rename = "AWS_ROLE_SESSION_NAME")]
    SessionName,
    /// With roles: the name of this host, which the default name of a session is made of.
    #[serde(rename = "HOSTNAME")]
    HostName,
    /// With roles: the region of STS.
    #[serde(rename = "AWS_REGION")]
    Region,
    /// With roles: the region of STS, where the one above is not set.
    #[serde(rename = "AWS_DEFAULT_REGION")]
    DefaultRegion,
    /// With roles: the URL of STS.
    #[serde(rename = "AWS_ENDPOINT_URL_STS")]
    StsUrl,
    /// With roles: the URL of STS, as of every other service.
    #[serde(rename = "AWS_ENDPOINT_URL")]
    Url,
    /// With roles: whether the two above are ignored.
    #[serde(rename = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")]
    IgnoreUrls,
    /// With roles: whether the FIPS endpoint is asked.
    #[serde(rename = "AWS_USE_FIPS_ENDPOINT")]
    UseFips,
    /// With roles: whether the dual-stack endpoint is asked.
    #[serde(rename = "AWS_USE_DUALSTACK_ENDPOINT")]
    UseDualStack,
}

impl Variable {
    /// Those of the container's credentials.
    pub const CONTAINER: [Self; 4] = [
        Self::RelativeUri,
        Self::FullUri,
        Self::TokenFile,
        Self::Token,
    ];

    /// Those that are read for roles alone, in the order of the component's list.
    pub const ROLES: [Self; 9] = [
        Self::SessionName,
        Self::HostName,
        Self::Region,
        Self::DefaultRegion,
        Self::StsUrl,
        Self::Url,
        Self::IgnoreUrls,
        Self::UseFips,
        Self::UseDualStack,
    ];

    /// Every one there is.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::CONTAINER.into_iter().chain(Self::ROLES)
    }

    /// Its name in the environment.
    pub fn name(self) -> &'static str {
        use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
        match self {
            Self::RelativeUri => RELATIVE_URI,
            Self::FullUri => FULL_URI,
            Self::TokenFile => TOKEN_FILE,
            Self::Token => TOKEN,
            Self::SessionName => "AWS_ROLE_SESSION_NAME",
            Self::HostName => "HOSTNAME",
            Self::Region => "AWS_REGION",
            Self::DefaultRegion => "AWS_DEFAULT_REGION",
            Self::StsUrl => "AWS_ENDPOINT_URL_STS",
            Self::Url => "AWS_ENDPOINT_URL",
            Self::IgnoreUrls => "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            Self::UseFips => "AWS_USE_FIPS_ENDPOINT",
            Self::UseDualStack => "AWS_USE_DUALSTACK_ENDPOINT",
        }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The one request that the component may send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EndpointRule {
    /// The method: `GET`.
    pub method: Method,
    /// The scheme: `http`, as the agents of EKS and ECS speak it, or `https`.
    pub scheme: Scheme,
    /// The host, in the spelling of a `Host` header. Over http: an address of 127.0.0.0/8, `[::1]`, `localhost`,
    /// `169.254.170.2` (ECS), `169.254.170.23` or `[fd00:ec2::23]` (EKS). Over https: any name or address.
    pub host: HostName,
    /// The port, from 1 to 65535; where the URI names none, 80 for http and 443 for https.
    pub port: NonZeroU16,
    /// Path and query, compared to the letter. One segment of the path may be `{any}`: any text of
    /// letters, digits, `-`, `.`, `_` and `~` but `.` and `..`. A literal `*` is written `{*}`.
    pub path: PathRule,
    /// Over https, the file with the certificates of the authorities that TLS trusts, as `token_file` writes a
    /// path. Those that are built in by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_bundle: Option<FilePath>,
}

/// How much of everything a run may use, each at most what this build allows anyway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LimitsRule {
    /// The time that a run may take, waiting included, in milliseconds.
    pub deadline_ms: NonZeroU64,
    /// The instructions that a run may execute, as Wasmtime counts fuel.
    pub fuel: NonZeroU64,
    /// The size of the linear memories together, in bytes.
    pub memory_bytes: NonZeroU64,
    /// The number of elements of the tables together.
    pub table_elements: NonZeroU64,
    /// The number of resources that are open at the same time.
    pub resources: NonZeroU64,
    /// The number of requests of a run.
    pub requests: NonZeroU64,
    /// The size of a request's header, in bytes.
    pub header_bytes: NonZeroU64,
}

impl LimitsRule {
    /// Each limit with its name.
    pub fn named(&self) -> [(&'static str, u64); 7] {
        let Self {
            deadline_ms,
            fuel,
            memory_bytes,
            table_elements,
            resources,
            requests,
            header_bytes,
        } = self;
        [
            ("deadline_ms", deadline_ms.get()),
            ("fuel", fuel.get()),
            ("memory_bytes", memory_bytes.get()),
            ("table_elements", table_elements.get()),
            ("resources", resources.get()),
            ("requests", requests.get()),
            ("header_bytes", header_bytes.get()),
        ]
    }
}

/// What one call or one connection may use: exactly what this build has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BoundsRule {
    /// The time in which a connection has to be made, in milliseconds.
    pub connect_ms: NonZeroU64,
    /// The time without a byte of a response after which it is given up, in milliseconds.
    pub read_ms: NonZeroU64,
    /// The size of a response's header, in bytes.
    pub response_header_bytes: NonZeroU64,
    /// What one call may hand to the host, in bytes of the host.
    pub call_bytes: NonZeroU64,
    /// The number of handles that the runtime keeps, of the component's own resources too.
    pub handles: NonZeroU64,
    /// The number of instances, of memories and of tables that the component is made of, each.
    pub parts: NonZeroU64,
    /// The size of the component's stack, in bytes.
    pub stack_bytes: NonZeroU64,
}

impl BoundsRule {
    /// Each bound with its name.
    pub fn named(&self) -> [(&'static str, u64); 7] {
        let Self {
            connect_ms,
            read_ms,
            response_header_bytes,
            call_bytes,
            handles,
            parts,
            stack_bytes,
        } = self;
        [
            ("connect_ms", connect_ms.get()),
            ("read_ms", read_ms.get()),
            ("response_header_bytes", response_header_bytes.get()),
            ("call_bytes", call_bytes.get()),
            ("handles", handles.get()),
            ("parts", parts.get()),
            ("stack_bytes", stack_bytes.get()),
        ]
    }
}

/// The second wall, layer by layer: `required` where a run is refused without it. `enforced` and
/// `unavailable` say what the kernel did where the policy was printed, and ask for nothing: the same policy
/// holds on other kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct WallRule {
    /// No program that is executed gives more privileges.
    pub no_new_privs: LayerRule,
    /// The memory is neither dumped nor shown to other processes.
    pub no_core_dumps: LayerRule,
    /// Files can be read in the token's folder, and that is all.
    pub files: LayerRule,
    /// TCP connections go to the endpoint's port only.
    pub tcp: LayerRule,
    /// System calls that are not needed fail.
    pub system_calls: LayerRule,
}

impl WallRule {
    /// Each layer with its name.
    pub fn named(&self) -> [(&'static str, LayerRule); 5] {
        let Self {
            no_new_privs,
            no_core_dumps,
            files,
            tcp,
            system_calls,
        } = *self;
        [
            ("no_new_privs", no_new_privs),
            ("no_core_dumps", no_core_dumps),
            ("files", files),
            ("tcp", tcp),
            ("system_calls", system_calls),
        ]
    }
}
