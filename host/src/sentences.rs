//! Every sentence of the library for people, and nothing else (`behaviour.md` §5). The component has its own
//! sentences.rs. The texts about each member of a policy are in `policy/rules.rs`.
//!
//! An [`Error`] and a [`PolicyError`] are [`Told`] in three parts. The errors below them display as the `why`, and know
//! what to do. The tests write the tables of docs/troubleshooting.md.

use crate::denial::Denial;
use crate::error::{CredentialsError, Error};
use crate::file::FileError;
use crate::policy::{Flaw, PolicyError, PolicyFailure};
use crate::route::{BundleError, ProxyError, RouteError};
use epicac_component::Told;
use epicac_component::printable::Line;
use std::fmt::{self, Display, Formatter};
use std::io::ErrorKind;
use std::path::Path;

const IS_IT_RELEASED: &str =
    "is this the component that was released? compare `epicac --version` with SHA256SUMS";

impl Error {
    /// What failed, why, and what to do. None for the component's own error, which is one line by its contract.
    pub fn told(&self) -> Option<Told> {
        Some(match self {
            Self::Credentials(_) => return None,
            Self::Denied(denial) => {
                Told::new("request denied", denial.to_string(), denial.remedy())
            }
            Self::Limit(limit) => Told::new(
                "the component was stopped",
                format!("it went over the limit `{limit}`"),
                "try again; if it stays, please report it",
            ),
            Self::Trap(trap) => Told::new(
                "the component was stopped",
                trap.clone(),
                "this is a bug of epicac: please report it",
            ),
            Self::Variable(name) => Told::new(
                "invalid environment",
                format!("{name} is not UTF-8"),
                "set it to a plain text value",
            ),
            Self::SessionPolicy { path, flaw } => Told::new(
                "unreadable session policy",
                of_file(path, flaw),
                flaw.remedy("--session-policy takes the path of a JSON file, or the JSON itself"),
            ),
            Self::Proxy { variable, flaw } => Told::new(
                "invalid proxy",
                format!("{variable}: {flaw}"),
                flaw.remedy(),
            ),
            Self::Endpoint(RouteError::CaBundle { path, error })
            | Self::Sts(RouteError::CaBundle { path, error }) => {
                Told::new("invalid CA bundle", of_file(path, error), error.remedy())
            }
            Self::Endpoint(error) => Told::new(
                "no connection to the container credentials endpoint",
                error.to_string(),
                error.remedy(),
            ),
            Self::Sts(error) => Told::new(
                "no connection to AWS STS",
                error.to_string(),
                error.remedy(),
            ),
            Self::Refused(why) => Told::new(
                "the component was refused",
                why.clone(),
                "only the functions of wit/ exist here: is this the component that was released?",
            ),
            Self::Sandbox(why) => Told::new(
                "the sandbox could not be set up",
                why.clone(),
                "is memory or address space limited here?",
            ),
            Self::Stdout(error) => Told::new(
                "cannot write the credentials",
                format!("standard output: {error}"),
                "is it closed, or its disk full?",
            ),
            Self::Report(error) => Told::new(
                "cannot write the answer",
                format!("standard output: {error}"),
                "is it closed, or its disk full?",
            ),
        })
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match (self, self.told()) {
            (Self::Credentials(error), _) => error.fmt(f),
            (_, told) => told.map_or(Ok(()), |told| told.fmt(f)),
        }
    }
}

impl Display for CredentialsError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

fn of_file(path: &Path, why: &dyn Display) -> String {
    format!("{}: {why}", Line(&path.to_string_lossy()))
}

impl Display for Denial {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
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
                let origin = Line(origin);
                return write!(f, "the STS {origin} is neither AWS's own nor on this machine");
            }
            Self::StsOrigin => "only the STS that is configured may be sent a POST",
            Self::StsPath => "only the path / of the STS may be sent a POST",
            Self::StsForm => {
                "a role may be assumed only as the command line says: another form is never sent to the STS"
            }
        })
    }
}

impl Denial {
    fn remedy(&self) -> &'static str {
        match self {
            Self::NoEndpoint => {
                "set AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI"
            }
            Self::Https => {
                "set AWS_CONTAINER_CREDENTIALS_FULL_URI to the http endpoint of the agent; a policy file can grant an https one, by its \"endpoint\": `epicac policy` prints it, and `epicac --policy FILE` takes it"
            }
            Self::StsEndpoint(_) => {
                "a policy file can grant it, by its \"sts\": `epicac policy` prints it, and `epicac --policy FILE` takes it"
            }
            _ => IS_IT_RELEASED,
        }
    }
}

impl Display for RouteError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::CaBundle { path, error } => f.write_str(&of_file(path, error)),
            Self::NameTimeout(name) => write!(f, "{name}: its name was not resolved in time"),
            Self::NameUnknown { name, why } => {
                write!(f, "{name}: its name cannot be resolved: {}", Line(why))
            }
            Self::NoAddress(name) => write!(f, "{name}: its name has no address"),
            Self::NoCertificateName(name) => {
                write!(f, "{name}: no certificate can be for such a name")
            }
            Self::UnknownIssuer { host, .. } => write!(
                f,
                "{host}: its certificate comes from an authority that is not trusted"
            ),
            Self::Certificate { host, why } => {
                write!(f, "{host}: its certificate is not valid: {}", Line(why))
            }
            Self::Tls { host, why } => write!(f, "{host}: no TLS connection: {}", Line(why)),
            Self::ProxyUnreachable { proxy, why } => {
                write!(f, "{proxy}: no answer of the proxy: {}", Line(why))
            }
            Self::ProxySilent(proxy) => {
                write!(
                    f,
                    "{proxy}: no answer of the proxy: it did not respond in time"
                )
            }
            Self::NotAProxy(proxy) => write!(
                f,
                "{proxy}: no answer of the proxy: its response is not that of an HTTP proxy"
            ),
            Self::ProxyRefused { proxy, status: 407 } => {
                write!(f, "{proxy}: the proxy wants to know who asks: status 407")
            }
            Self::ProxyRefused { proxy, status } => {
                write!(
                    f,
                    "{proxy}: the proxy refused to connect to STS: status {status}"
                )
            }
        }
    }
}

impl RouteError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::CaBundle { error, .. } => error.remedy(),
            Self::NameTimeout(_) => "may the pod ask its DNS server?",
            Self::NameUnknown { .. } | Self::NoAddress(_) => {
                "is it the right host, for STS the right region, and may the pod ask its DNS server?"
            }
            Self::NoCertificateName(_) => "write the host's name as its certificate has it",
            Self::UnknownIssuer {
                by_bundle: true, ..
            } => {
                "add that authority to the file of AWS_CA_BUNDLE, which is the only one that counts"
            }
            Self::UnknownIssuer { .. } => {
                "if something on the way ends TLS, set AWS_CA_BUNDLE to a PEM file with its authority"
            }
            Self::Certificate { .. } => {
                "is the clock right, and is this the host's own certificate?"
            }
            Self::Tls { .. } => "does TLS 1.2 or 1.3 answer at that port?",
            Self::ProxyUnreachable { .. } | Self::ProxySilent(_) | Self::NotAProxy(_) => {
                "is HTTPS_PROXY right? NO_PROXY excludes STS from it"
            }
            Self::ProxyRefused { status: 407, .. } => {
                "set HTTPS_PROXY with user and password: http://USER:PASSWORD@HOST:PORT"
            }
            Self::ProxyRefused { .. } => "allow it there, or exclude STS from it by NO_PROXY",
        }
    }
}

impl Display for BundleError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File(error) => return error.fmt(f),
            Self::TooLarge => "it has more than 4194304 bytes",
            Self::Pem => "it is not PEM",
            Self::Empty => "there is no certificate in it",
            Self::Certificate => "none of its certificates can be read",
            Self::Tls(why) => why,
        })
    }
}

impl BundleError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::File(error) => error.remedy(
                "set AWS_CA_BUNDLE to a PEM file, or leave it unset for the built-in roots",
            ),
            Self::TooLarge | Self::Empty => {
                "name a PEM file with the certificates of your authorities"
            }
            Self::Pem => {
                "name a PEM file with the certificates of your authorities; DER has to be converted"
            }
            Self::Certificate => {
                "name a PEM file with the certificates of your authorities, in X.509 version 3"
            }
            Self::Tls(_) => "this is a bug of epicac: please report it",
        }
    }
}

impl Display for ProxyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "only an HTTP proxy can be used",
            Self::Host => "this is not the URL of a proxy",
            Self::User => "user or password cannot be read",
        })
    }
}

impl ProxyError {
    /// What to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Scheme => "name it by http://HOST:PORT, or exclude STS by NO_PROXY",
            Self::Host => "name it by http://HOST:PORT, without a path",
            Self::User => "write it percent-encoded: http://USER:PASSWORD@HOST:PORT",
        }
    }
}

impl Display for FileError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => match error.kind() {
                ErrorKind::NotFound => f.write_str("there is no such file"),
                ErrorKind::PermissionDenied => f.write_str("permission denied"),
                _ => error.fmt(f),
            },
            Self::Directory | Self::NotRegular => f.write_str("it is not a regular file"),
        }
    }
}

impl FileError {
    /// What to do, where `named` says how the file is named.
    fn remedy(&self, named: &'static str) -> &'static str {
        match self {
            Self::Io(error) if error.kind() == ErrorKind::PermissionDenied => {
                "make it readable for this user"
            }
            Self::Io(_) | Self::Directory | Self::NotRegular => named,
        }
    }
}

impl Display for PolicyError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.told().fmt(f)
    }
}

impl PolicyError {
    /// What failed, why, with the place in the file, and what to do.
    pub fn told(&self) -> Told {
        let what = match self.failure {
            PolicyFailure::Unreadable => "unreadable policy",
            PolicyFailure::Invalid => "invalid policy",
            PolicyFailure::Beyond => "beyond the policy",
            PolicyFailure::Ungrantable => "no policy can grant this",
        };
        let why = match &self.file {
            Some(file) => of_file(file, &self.why),
            None => self.why.clone(),
        };
        Told::new(what, why, self.remedy.clone())
    }

    pub(crate) fn unreadable(error: &FileError) -> Self {
        let remedy = match error {
            FileError::Io(error) if error.kind() == ErrorKind::NotFound => {
                "make one with `epicac policy > FILE`, and review it"
            }
            error => error.remedy("a policy is read from a file only: is this its path?"),
        };
        Self {
            failure: PolicyFailure::Unreadable,
            file: None,
            why: error.to_string(),
            remedy: remedy.to_owned(),
        }
    }
}

impl Display for Flaw {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "it has more than 65536 bytes",
            Self::Json(said) => said,
            Self::Array => "an array stands where an object belongs",
            Self::Version(version) => {
                return write!(f, "version {version} is not known to this build");
            }
            Self::Variable => "the component reads no variable of this name",
            Self::File => "this is not the absolute path of a file",
            Self::Asterisk => "a * can be no more than the last segment of the endpoint's path",
            Self::Host => "this is no host",
            Self::Path => "this is no path and query of a URI",
            Self::RoleArn => "this is not the ARN of a role",
            Self::Sts => "STS cannot be asked there",
            Self::Proxy => "this is no proxy",
            Self::Duration => "no session is as long",
            Self::Zero => "no run gets by on nothing",
            Self::Twice => "this comes twice",
            Self::EndpointWithoutVariable => {
                "an endpoint is granted, but no variable that names it"
            }
            Self::EndpointOfRelativeUri => {
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI alone is granted, which can name only http, 169.254.170.2 and port 80"
            }
            Self::HostOverHttp => "this endpoint's host is never asked over http",
            Self::BundleOverHttp => {
                "a CA bundle is granted for an endpoint that is asked over http"
            }
            Self::FileWithoutVariable => {
                "a token file is granted, but not the variable that names it"
            }
            Self::VariableWithoutRoles => {
                "a variable is granted that is read for roles alone, but no roles are"
            }
            Self::NoWorkingDirectory(why) => {
                return write!(
                    f,
                    "its path is relative, and the working directory cannot be told: {why}"
                );
            }
            Self::NotUtf8 => "its path is not UTF-8",
            Self::NotAnAddress => {
                "this is not an IP address and a port, such as 127.0.0.1:8470"
            }
            Self::NotLoopback => "only this machine may ask: 127.0.0.0/8 or [::1]",
            Self::DifferentSts => {
                "the profiles ask different kinds of STS, over http and over https"
            }
        })
    }
}

impl Flaw {
    /// What to do about it, where the rule of the member does not say that.
    pub(crate) fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::TooLarge => "is it the output of `epicac policy`?",
            Self::EndpointWithoutVariable => {
                "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"endpoint\": null"
            }
            Self::EndpointOfRelativeUri => {
                "add \"AWS_CONTAINER_CREDENTIALS_FULL_URI\" to \"environment\", or set \"scheme\": \"http\", \"host\": \"169.254.170.2\" and \"port\": 80"
            }
            Self::HostOverHttp => {
                "set \"host\" to an address of 127.0.0.0/8, [::1], localhost, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23], or \"scheme\" to \"https\""
            }
            Self::BundleOverHttp => "leave out its \"ca_bundle\", or set \"scheme\" to \"https\"",
            Self::FileWithoutVariable => {
                "add \"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE\" to \"environment\", or set \"token_file\": null"
            }
            Self::VariableWithoutRoles => "leave it out, or grant \"roles\"",
            Self::DifferentSts => "serve each kind by a process of its own",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limit;
    use epicac_page::examples;
    use std::io;

    /// What differs from run to run.
    fn any() -> String {
        "…".to_owned()
    }

    /// The reasons of which the message depends on the file.
    fn files() -> Vec<FileError> {
        examples!(FileError {
            Io(ErrorKind::NotFound.into()),
            Io(ErrorKind::PermissionDenied.into()),
            Io(io::Error::other("…")),
            Directory,
            NotRegular,
        })
    }

    fn routes() -> Vec<RouteError> {
        examples!(RouteError {
            CaBundle { path: any().into(), error: BundleError::Empty },
            NameTimeout(any()),
            NameUnknown { name: any(), why: any() },
            NoAddress(any()),
            NoCertificateName(any()),
            UnknownIssuer { host: any(), by_bundle: false },
            UnknownIssuer { host: any(), by_bundle: true },
            Certificate { host: any(), why: any() },
            Tls { host: any(), why: any() },
            ProxyUnreachable { proxy: any(), why: any() },
            ProxySilent(any()),
            NotAProxy(any()),
            ProxyRefused { proxy: any(), status: 407 },
            ProxyRefused { proxy: any(), status: 403 },
        })
    }

    fn errors() -> Vec<Error> {
        let mut errors = examples!(Error {
            Credentials(CredentialsError { message: any(), ..epicac_component::Error::OutputFailed.into() }),
            Denied(Denial::NoEndpoint),
            Limit(Limit::Deadline),
            Trap(any()),
            Variable("…"),
            SessionPolicy { path: any().into(), flaw: FileError::NotRegular },
            Proxy { variable: any(), flaw: ProxyError::Host },
            Endpoint(RouteError::NameTimeout(any())),
            Sts(RouteError::NameTimeout(any())),
            Refused(any()),
            Sandbox(any()),
            Stdout(io::Error::other("…")),
            Report(io::Error::other("…")),
        });
        let denials = examples!(Denial {
            NoEndpoint, Https, StsEndpoint(any()), Method, Scheme, Authority, Path, Body, File,
            StsOrigin, StsPath, StsForm,
        });
        errors.extend(denials.into_iter().map(Error::Denied));
        let limits = examples!(Limit {
            Deadline,
            Fuel,
            Memory,
            Table,
            Resources,
            Requests,
            Header,
            Stack,
        });
        errors.extend(limits.into_iter().map(Error::Limit));
        errors.extend(files().into_iter().map(|flaw| Error::SessionPolicy {
            path: any().into(),
            flaw,
        }));
        let proxies = examples!(ProxyError { Scheme, Host, User });
        errors.extend(proxies.into_iter().map(|flaw| Error::Proxy {
            variable: any(),
            flaw,
        }));
        let mut bundles = examples!(BundleError {
            File(FileError::NotRegular), TooLarge, Pem, Empty, Certificate, Tls(any()),
        });
        bundles.extend(files().into_iter().map(BundleError::File));
        errors.extend(bundles.into_iter().map(|error| {
            let path = any().into();
            Error::Sts(RouteError::CaBundle { path, error })
        }));
        errors.extend(routes().into_iter().map(Error::Sts));
        // Only STS is asked through a proxy.
        let direct = routes()
            .into_iter()
            .filter(|route| !route.to_string().contains("proxy"));
        errors.extend(direct.map(Error::Endpoint));
        errors
    }

    #[test]
    fn the_page_has_every_sentence() {
        let told = errors().into_iter().filter_map(|error| error.told());
        let parts = told.map(|Told { what, why, remedy }| [what, why, remedy]);
        epicac_page::hold("docs/troubleshooting.md", "host", parts);
    }

    #[test]
    fn what_the_component_says_is_told_as_it_is() {
        let error = epicac_component::Error::OutputFailed;
        let told = Error::from(error.clone());
        assert_eq!(told.to_string(), error.to_string());
        assert_eq!(told.told(), None);
    }

    /// A certificate can say anything.
    #[test]
    fn what_the_other_side_says_stays_on_one_line_of_bounded_length() {
        let host = any;
        let why = || format!("a\n\u{1b}[2J{}", "x".repeat(10_000));
        for error in [
            RouteError::Certificate {
                host: host(),
                why: why(),
            },
            RouteError::Tls {
                host: host(),
                why: why(),
            },
            RouteError::ProxyUnreachable {
                proxy: host(),
                why: why(),
            },
            RouteError::NameUnknown {
                name: host(),
                why: why(),
            },
        ] {
            let line = Error::Sts(error).to_string();
            assert!(!line.contains(char::is_control), "{line}");
            assert!(line.len() < 2_000 && line.ends_with(')'), "{line}");
        }
    }
}
