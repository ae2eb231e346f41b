//! Every error of the library, with its sentences for people (`behaviour.md` §5): one row for each. The component and the
//! program have sentences.rs files of their own. The texts about each member of a policy are in `policy/rules.rs`.
//!
//! An [`Error`] and a [`PolicyError`] are [`Told`] in three parts. The errors below them display as the reason. The tests
//! write the tables of docs/troubleshooting.md.

use crate::limits::Limit;
use PolicyFailure::{Beyond, Invalid, Ungrantable, Unreadable};
use epicac_component::printable::Line;
use epicac_component::rows::Field;
use epicac_component::{Cause, Told, rows};
use std::fmt::{self, Display, Formatter};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

rows! {
    /// Why there are no credentials. Its [`Display`](std::fmt::Display) is the line for people, without the
    /// program's name: `what failed: why (what to do)`. It never holds a secret.
    #[derive(Clone, Debug)]
    #[non_exhaustive]
    pub enum Error: &'static str {
        /// The component says why, in a line of its own.
        Credentials(error: CredentialsError) = "" => "{error}", "";
        /// The component asked for a request or a file that is not granted.
        Denied(denial: DeniedError) = "request denied" => "{denial}", "{denial}";
        Limit(limit: Limit) = "the component was stopped" => "it went over the limit `{limit}`", "try again; if it happens again, please report it";
        /// The component trapped.
        Trap(why: String) = "the component was stopped" => "{why}", "this is a bug of epicac: please report it";
        Variable(name: &'static str) = "invalid environment" => "{name} is not UTF-8", "set it to a plain text value";
        SessionPolicy(path: String, error: FileError) = "unreadable session policy" => "{path}: {error}",
            "--session-policy takes the path of a JSON file, or the JSON itself";
        SessionPolicyDenied(path: String) = "unreadable session policy" => "{path}: permission denied", "make it readable for this user";
        /// The variable names no proxy that can be used.
        Proxy(variable: String, error: ProxyError) = "invalid proxy" => "{variable}: {error}", "{error}";
        /// No request comes through to the https endpoint.
        Endpoint(error: RouteError) = "no connection to the container credentials endpoint" => "{error}", "{error}";
        /// No request comes through to AWS STS.
        Sts(error: RouteError) = "no connection to AWS STS" => "{error}", "{error}";
        /// This sandbox cannot run the component.
        Refused(why: String) = "the component was refused" => "{why}",
            "only the functions of wit/ exist here: is this the component that was released?";
        /// The sandbox could not be set up.
        Sandbox(why: String) = "the sandbox could not be set up" => "{why}", "is memory or address space limited here?";
        /// The credentials could not be written.
        Stdout(error: Arc<io::Error>) = "cannot write the credentials" => "standard output: {error}", "is it closed, or its disk full?";
        /// The output of a verb could not be written.
        Report(error: Arc<io::Error>) = "cannot write the answer" => "standard output: {error}", "is it closed, or its disk full?";
    }
}

rows! {
    /// Why a request is denied: the first rule that it breaks. `sandbox/request.rs` has the rules of HTTP requests,
    /// `grants/admitted.rs` those of what only a policy file can grant, and `grants/token_file.rs` those of opening a file.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum DeniedError {
        NoEndpoint => "the environment names no endpoint",
            "set AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI";
        Https => "https endpoints are not allowed by the built-in policy, as the agents of EKS and ECS speak http",
            "set AWS_CONTAINER_CREDENTIALS_FULL_URI to the http endpoint of the agent; a policy file can grant an https one, by its \"endpoint\": `epicac policy` prints it, and `epicac --policy FILE` takes it";
        StsEndpoint(origin: String) => "the STS {origin} is neither AWS's own nor on this machine",
            "a policy file can grant it, by its \"sts\": `epicac policy` prints it, and `epicac --policy FILE` takes it";
        EndpointForAll(origin: String) => "AWS_ENDPOINT_URL names the STS {origin}, which is neither AWS's own nor on this machine",
            "set AWS_ENDPOINT_URL_STS to the endpoint of STS, such as https://sts.eu-central-1.amazonaws.com; a policy file can grant this one, by its \"sts\"";
        Method => "only GET is allowed", IS_IT_RELEASED;
        Scheme => "only the scheme of the endpoint is allowed", IS_IT_RELEASED;
        Authority => "only the host and port of the endpoint are allowed", IS_IT_RELEASED;
        Path => "only the path and query of the endpoint are allowed", IS_IT_RELEASED;
        Body => "no body may be sent to the endpoint", IS_IT_RELEASED;
        File => "only the file of the token may be opened, and only to be read", IS_IT_RELEASED;
        StsOrigin => "only the STS that is configured may be sent a POST", IS_IT_RELEASED;
        StsPath => "only the path / of the STS may be sent a POST", IS_IT_RELEASED;
        StsForm => "a role may be assumed only as the command line says: another form is never sent to the STS", IS_IT_RELEASED;
    }
}

const IS_IT_RELEASED: &str =
    "is this the component that was released? compare `epicac --version` with SHA256SUMS";

rows! {
    /// Why no request comes through to a server. Displays as `host: why`, with a path in place of the host where a file is
    /// at fault. The component sees only its kind, as an error of WASI.
    #[derive(Clone, Debug)]
    #[non_exhaustive]
    pub enum RouteError {
        /// The file of `AWS_CA_BUNDLE` cannot be used.
        CaBundle(path: String, error: BundleError) => "{path}: {error}", "{error}";
        NameTimeout(name: String) => "{name}: its name was not resolved in time", "may the pod ask its DNS server?";
        NameUnknown(name: String, why: String) => "{name}: its name cannot be resolved: {why}",
            "is it the right host, for STS the right region, and may the pod ask its DNS server?";
        NoAddress(name: String) => "{name}: its name has no address",
            "is it the right host, for STS the right region, and may the pod ask its DNS server?";
        VariantUnknown(name: String, why: String, variables: &'static str) => "{name}: its name cannot be resolved: {why}", IS_THERE_ONE;
        NoVariant(name: String, variables: &'static str) => "{name}: its name has no address", IS_THERE_ONE;
        NoCertificateName(name: String) => "{name}: no certificate can be for such a name", "write the host's name as its certificate has it";
        /// The built-in authorities are trusted.
        UnknownIssuer(host: String) => "{host}: its certificate comes from an authority that is not trusted",
            "if something on the way ends TLS, set AWS_CA_BUNDLE to a PEM file with its authority";
        /// The authorities of `AWS_CA_BUNDLE` are trusted.
        IssuerNotInBundle(host: String) => "{host}: its certificate comes from an authority that is not trusted",
            "add that authority to the file of AWS_CA_BUNDLE, which is the only one that counts";
        Certificate(host: String, why: String) => "{host}: its certificate is not valid: {why}",
            "is the clock right, and is this the host's own certificate?";
        Tls(host: String, why: String) => "{host}: no TLS connection: {why}", "does TLS 1.2 or 1.3 answer at that port?";
        ProxyUnreachable(proxy: String, why: String) => "{proxy}: no answer of the proxy: {why}", IS_IT_RIGHT;
        ProxySilent(proxy: String) => "{proxy}: no answer of the proxy: it did not respond in time", IS_IT_RIGHT;
        NotAProxy(proxy: String) => "{proxy}: no answer of the proxy: its response is not that of an HTTP proxy", IS_IT_RIGHT;
        ProxyNeedsUser(proxy: String) => "{proxy}: the proxy wants to know who asks: status 407",
            "set HTTPS_PROXY with user and password: http://USER:PASSWORD@HOST:PORT";
        ProxyRefused(proxy: String, status: u16) => "{proxy}: the proxy refused to connect to STS: status {status}",
            "allow it there, or exclude STS from it by NO_PROXY";
    }
}

const IS_THERE_ONE: &str = "{variables} asks for this endpoint: has STS one in this region, and may the pod ask its DNS server?";

const IS_IT_RIGHT: &str = "is HTTPS_PROXY right? NO_PROXY excludes STS from it";

rows! {
    /// Why the file of `AWS_CA_BUNDLE` cannot be used. Displays as the reason.
    #[derive(Clone, Debug)]
    #[non_exhaustive]
    pub enum BundleError {
        /// The file cannot be read.
        File(error: FileError) => "{error}", "set AWS_CA_BUNDLE to a PEM file, or leave it unset for the built-in roots";
        Denied => "permission denied", "make it readable for this user";
        TooLarge => "it has more than 4194304 bytes", "name a PEM file with the certificates of your authorities";
        Pem => "it is not PEM", "name a PEM file with the certificates of your authorities; DER has to be converted";
        Empty => "there is no certificate in it", "name a PEM file with the certificates of your authorities";
        Certificate => "none of its certificates can be read",
            "name a PEM file with the certificates of your authorities, in X.509 version 3";
        /// TLS could not be set up at all.
        Tls(why: String) => "{why}", "this is a bug of epicac: please report it";
    }
}

rows! {
    /// Why the variable names no proxy. Displays as the reason.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum ProxyError {
        Scheme => "only an HTTP proxy can be used", "name it by http://HOST:PORT, or exclude STS by NO_PROXY";
        /// Its host or port is invalid.
        Host => "this is not the URL of a proxy", "name it by http://HOST:PORT, without a path";
        /// User or password is not UTF-8 when it is decoded, or the user has a colon.
        User => "user or password cannot be read", "write it percent-encoded: http://USER:PASSWORD@HOST:PORT";
    }
}

rows! {
    /// Why a member of a policy cannot be enforced, or a value cannot be written into one. Displays as the reason. A row
    /// begins with what failed, and with the member at which the documentation shows the error. If the remedy is empty, it
    /// is the remedy of the member's rule (`policy/rules.rs`).
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum MemberError: (PolicyFailure, &'static str) {
        TooLarge = (Invalid, "") => "it has more than 65536 bytes", "is it the output of `epicac policy`?";
        /// It is not JSON, or not of the types of a policy, as serde says.
        Json(message: String) = (Invalid, "") => "{message}", "";
        Version(version: u64) = (Invalid, "/version") => "version {version} is not known to this build", "";
        Variable = (Invalid, "/environment") => "the component reads no variable of this name", "";
        File = (Invalid, "/token_file") => "this is not the absolute path of a file", "";
        Asterisk = (Invalid, "/endpoint/path") => "a * can be no more than the last segment of the endpoint's path", "";
        Host = (Invalid, "/endpoint/host") => "this is no host", "";
        Path = (Invalid, "/endpoint/path") => "this is no path and query of a URI", "";
        RoleArn = (Invalid, "/roles/arns") => "this is not the ARN of a role", "";
        Sts = (Invalid, "/roles/sts") => "STS cannot be asked there", "";
        Proxy = (Invalid, "/roles/proxy") => "this is no proxy", "";
        Duration = (Invalid, "/roles/max_duration_seconds") => "no session has this duration", "";
        Twice = (Invalid, "/roles/arns") => "this comes twice", "";
        EndpointWithoutVariable = (Invalid, "/endpoint") => "an endpoint is granted, but no variable that names it",
            "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"endpoint\": null";
        EndpointOfRelativeUri = (Invalid, "/endpoint") => "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone is granted, which can name only http, 169.254.170.2 and port 80",
            "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"scheme\": \"http\", \"host\": \"169.254.170.2\" and \"port\": 80";
        HostOverHttp = (Invalid, "/endpoint/host") => "this endpoint's host is never asked over http",
            "set \"host\" to an address of 127.0.0.0/8, [::1], localhost, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23], or \"scheme\" to \"https\"";
        BundleOverHttp = (Invalid, "/endpoint/ca_bundle") => "a CA bundle is granted for an endpoint that is asked over http",
            "leave out its \"ca_bundle\", or set \"scheme\" to \"https\"";
        FileWithoutVariable = (Invalid, "/token_file") => "a token file is granted, but not the variable that names it",
            "add \"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\" to \"environment\", or set \"token_file\": null";
        VariableWithoutRoles = (Invalid, "/environment") => "a variable is granted that is read for roles alone, but no roles are",
            "leave it out, or grant \"roles\"";
        NoWorkingDirectory(why: String) = (Ungrantable, "/token_file") => "its path is relative, and the working directory cannot be told: {why}", "";
        NotUtf8 = (Ungrantable, "/token_file") => "its path is not UTF-8", "";
        NotAnAddress = (Invalid, "/serve/listen") => "this is not an IP address and a port, such as 127.0.0.1:8470", "";
        NotLoopback = (Invalid, "/serve/listen") => "only this machine may ask: 127.0.0.0/8 or [::1]", "";
        DifferentSts = (Ungrantable, "/roles/ca_bundle") => "the profiles ask different kinds of STS, over http and over https",
            "serve each kind by a process of its own";
    }
}

macro_rules! displayed_as_the_reason {
    ($($name:ident)*) => {$(
        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str(&self.why())
            }
        }

        impl std::error::Error for $name {}
    )*};
}

displayed_as_the_reason! { DeniedError RouteError BundleError ProxyError MemberError }

impl Error {
    /// What failed, why, and what to do. None for the component's own error, which is one line by its contract.
    pub fn told(&self) -> Option<Told> {
        let (what, why, remedy) = self.row();
        let what = match self {
            Self::Credentials(_) => return None,
            Self::Endpoint(RouteError::CaBundle(..)) | Self::Sts(RouteError::CaBundle(..)) => {
                CA_BUNDLE
            }
            _ => what,
        };
        Some(Told::new(what, why, remedy))
    }

    /// The file of a session policy cannot be read.
    pub(crate) fn session_policy(path: &Path, error: FileError) -> Self {
        let path = path.to_string_lossy().into_owned();
        match error.is_denied() {
            true => Self::SessionPolicyDenied(path),
            false => Self::SessionPolicy(path, error),
        }
    }
}

/// What failed if the file of `AWS_CA_BUNDLE` cannot be used.
const CA_BUNDLE: &str = "invalid CA bundle";

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.told() {
            Some(told) => told.fmt(f),
            None => f.write_str(&self.why()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stdout(error) | Self::Report(error) => Some(error),
            Self::Endpoint(error) | Self::Sts(error) => Some(error),
            _ => None,
        }
    }
}

impl Field for Limit {
    fn why(&self) -> String {
        self.to_string()
    }
}

/// Why the component has no credentials. Its [`Display`](std::fmt::Display) is the message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialsError {
    /// What kind of failure it is.
    pub cause: Cause,
    /// `what failed: why (what to do)`, on one line. Never holds a secret.
    pub message: String,
    /// The HTTP status of the response that refused, if one did.
    pub status: Option<u16>,
}

impl Display for CredentialsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}

impl Field for CredentialsError {
    fn why(&self) -> String {
        self.message.clone()
    }
}

impl From<epicac_component::Error> for CredentialsError {
    fn from(error: epicac_component::Error) -> Self {
        Self {
            cause: error.cause(),
            message: error.to_string(),
            status: error.status(),
        }
    }
}

impl From<epicac_component::Error> for Error {
    fn from(error: epicac_component::Error) -> Self {
        Self::Credentials(error.into())
    }
}

/// Why a file cannot be read. Displays as the reason.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FileError {
    /// The operating system does not let us.
    Io(Arc<io::Error>),
    /// It is a folder.
    Directory,
    /// It is a FIFO, a socket, a device, or the like.
    NotRegular,
}

impl FileError {
    /// Whether this user may not read it.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == ErrorKind::PermissionDenied)
    }
}

impl Display for FileError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == ErrorKind::NotFound => {
                f.write_str("there is no such file")
            }
            Self::Io(_) if self.is_denied() => f.write_str("permission denied"),
            Self::Io(error) => error.fmt(f),
            Self::Directory | Self::NotRegular => f.write_str("it is not a regular file"),
        }
    }
}

impl std::error::Error for FileError {}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl Field for FileError {
    fn why(&self) -> String {
        self.to_string()
    }

    #[cfg(test)]
    fn shown() -> Vec<[String; 2]> {
        let errors = [
            Self::from(io::Error::from(ErrorKind::NotFound)),
            Self::NotRegular,
            Self::from(io::Error::other("…")),
        ];
        errors.map(|it| [it.why(), it.remedy()]).into()
    }
}

impl From<FileError> for BundleError {
    fn from(error: FileError) -> Self {
        match error.is_denied() {
            true => Self::Denied,
            false => Self::File(error),
        }
    }
}

/// Why nothing runs under a policy. Displays as `what failed: why (what to do)`, on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    failure: PolicyFailure,
    why: String,
    remedy: String,
}

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyFailure {
    /// The file of the policy cannot be read.
    Unreadable,
    /// It holds no policy that can be enforced.
    Invalid,
    /// This build, this environment or this run is not within the policy.
    Beyond,
    /// No policy can grant what this environment asks for.
    Ungrantable,
}

impl PolicyError {
    pub(crate) fn new(
        failure: PolicyFailure,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            failure,
            why: why.into(),
            remedy: remedy.into(),
        }
    }

    /// The file cannot be read.
    pub(crate) fn unreadable(error: &FileError) -> Self {
        let remedy = match error {
            FileError::Io(error) if error.kind() == ErrorKind::NotFound => {
                "make one with `epicac policy > FILE`, and review it"
            }
            error if error.is_denied() => "make it readable for this user",
            _ => "a policy is read from a file only: is this its path?",
        };
        Self::new(Unreadable, error.why(), remedy)
    }

    /// The same error, of the policy in this file.
    #[must_use]
    pub fn in_file(self, file: &Path) -> Self {
        let why = format!("{}: {}", Line(&file.to_string_lossy()), self.why);
        Self { why, ..self }
    }

    /// What failed.
    pub fn failure(&self) -> PolicyFailure {
        self.failure
    }

    /// What failed, why, with the place in the file, and what to do.
    pub fn told(&self) -> Told {
        let what = match self.failure {
            Unreadable => "unreadable policy",
            Invalid => "invalid policy",
            Beyond => "beyond the policy",
            Ungrantable => "no policy can grant this",
        };
        Told::new(what, self.why.clone(), self.remedy.clone())
    }
}

impl Display for PolicyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl std::error::Error for PolicyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_component::process::OutputFailed;

    #[test]
    fn the_page_has_every_sentence() {
        let bundles = BundleError::rows().into_iter();
        let bundles: Vec<_> = bundles.map(|(_, why, _)| format!("…: {why}")).collect();
        let rows = Error::rows().into_iter().map(|(what, why, remedy)| {
            let is_of_bundle = what.starts_with("no connection") && bundles.contains(&why);
            let what = if is_of_bundle { CA_BUNDLE } else { what };
            [what.to_owned(), why, remedy]
        });
        let rows = rows.filter(|[what, why, _]| {
            // Only STS is asked through a proxy. What the component says is on the page by the component's own test.
            let is_proxied_endpoint = what.contains("endpoint") && why.contains("proxy");
            !what.is_empty() && !is_proxied_endpoint
        });
        epicac_page::hold("docs/troubleshooting.md", "host", rows);
    }

    #[test]
    fn what_the_component_says_is_told_as_it_is() {
        let error = epicac_component::Error::from(OutputFailed);
        let told = Error::from(error.clone());
        assert_eq!(told.to_string(), error.to_string());
        assert_eq!(told.told(), None);
    }

    /// A certificate can say anything.
    #[test]
    fn what_the_other_side_says_stays_on_one_line_of_bounded_length() {
        let host = || "…".to_owned();
        let why = || format!("a\n\u{1b}[2J{}", "x".repeat(10_000));
        for error in [
            RouteError::Certificate(host(), why()),
            RouteError::Tls(host(), why()),
            RouteError::ProxyUnreachable(host(), why()),
            RouteError::NameUnknown(host(), why()),
        ] {
            let line = Error::Sts(error).to_string();
            assert!(!line.contains(char::is_control), "{line}");
            assert!(line.len() < 2_000 && line.ends_with(')'), "{line}");
        }
    }
}
