//! The built-in policy of outgoing requests, as pure functions: deny, but for the one request that EKS
//! and ECS need, and for those that assume the roles of the command line.
//!
//! | part of a request | allowed | where there are roles, also |
//! |---|---|---|
//! | method | `GET` | `POST` |
//! | scheme | `http`; `https` where a policy file grants the endpoint | that of the STS |
//! | host | that of the endpoint which the environment names, over http itself one of `behaviour.md` §1's | that of the STS, itself AWS's own or this machine, or granted by a policy file |
//! | port | that of the endpoint, or that of its scheme when it names none | that of the STS |
//! | path and query | those of the endpoint, to the letter | `/` |
//! | body | none | an `AssumeRole` of one of the roles, with the parameters that the command line gives it |
//!
//! No endpoint in the environment, or none that may be asked: nothing is allowed.

use super::denial::Denial;
use super::form;
use crate::roles::Roles;
use crate::route::name;
use epicac_component::endpoint::{Endpoint, Scheme};
use http::{Method, Uri};
use std::net::SocketAddr;

/// What a request is that is allowed so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    /// The one to the container's endpoint over http, at one of these addresses, in the order in which to try
    /// them.
    Endpoint(Vec<SocketAddr>),
    /// The one to the container's endpoint over https.
    Https,
    /// One to STS, if its [form](permit_form) is allowed, too.
    Sts,
}

/// Whether a request may be sent, by all but what its body says. An https endpoint is one only if
/// `is_https_allowed`.
pub(crate) fn permit(
    endpoint: Option<&Endpoint>,
    is_https_allowed: bool,
    roles: Option<&Roles>,
    method: &Method,
    uri: &Uri,
    has_body: bool,
) -> Result<Permit, Denial> {
    match roles {
        Some(roles) if method == Method::POST => permit_sts(roles, uri).map(|()| Permit::Sts),
        _ => match permit_endpoint(endpoint, is_https_allowed, method, uri) {
            Ok(_) if has_body => Err(Denial::Body),
            permit => permit,
        },
    }
}

/// Whether this is the form of a request that assumes one of the roles.
pub(crate) fn permit_form(roles: &Roles, body: &[u8]) -> Result<(), Denial> {
    let sent = form::parse(body).ok_or(Denial::StsForm)?;
    if sent.get("Action").map(String::as_str) != Some("AssumeRole") {
        return Err(Denial::StsAction);
    }
    // A role can be assumed in two ways, one with the credentials of the other.
    let arn = sent.get("RoleArn");
    let mut named = roles
        .chain()
        .iter()
        .filter(|role| Some(&role.request().arn) == arn)
        .map(form::of)
        .peekable();
    if named.peek().is_none() {
        return Err(Denial::StsRole);
    }
    let mut denial = Denial::StsRole;
    for expected in named {
        match form::first_difference(&expected, &sent) {
            None => return Ok(()),
            Some(name) => denial = Denial::StsParameter(name.to_owned()),
        }
    }
    Err(denial)
}

fn permit_sts(roles: &Roles, uri: &Uri) -> Result<(), Denial> {
    roles.check_endpoint()?;
    let sts = roles.endpoint();
    if uri.scheme_str() != Some(sts.scheme().as_str())
        || uri.authority().map(http::uri::Authority::as_str) != Some(&*sts.authority())
    {
        return Err(Denial::StsOrigin);
    }
    if uri.path_and_query().map(http::uri::PathAndQuery::as_str) != Some("/") {
        return Err(Denial::StsPath);
    }
    Ok(())
}

fn permit_endpoint(
    endpoint: Option<&Endpoint>,
    is_https_allowed: bool,
    method: &Method,
    uri: &Uri,
) -> Result<Permit, Denial> {
    let endpoint = endpoint.ok_or(Denial::NoEndpoint)?;
    if endpoint.scheme() == Scheme::Https && !is_https_allowed {
        return Err(Denial::Https);
    }
    if method != Method::GET {
        return Err(Denial::Method);
    }
    if uri.scheme_str() != Some(endpoint.scheme().as_str()) {
        return Err(Denial::Scheme);
    }
    if uri.authority().map(http::uri::Authority::as_str) != Some(&*endpoint.authority()) {
        return Err(Denial::Authority);
    }
    if uri.path_and_query().map(http::uri::PathAndQuery::as_str) != Some(endpoint.path_with_query())
    {
        return Err(Denial::Path);
    }
    match endpoint.scheme() {
        Scheme::Http => addresses(endpoint).map(Permit::Endpoint),
        Scheme::Https => Ok(Permit::Https),
    }
}

fn addresses(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, Denial> {
    let addresses = name::literal(endpoint.host()).ok_or(Denial::Authority)?;
    let port = endpoint.port_or_default();
    let addresses = addresses.into_iter();
    Ok(addresses.map(|it| SocketAddr::new(it, port)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EKS: &str = "http://169.254.170.23/v1/credentials";

    fn ask(endpoint: &str, method: &Method, uri: &str) -> Result<Permit, Denial> {
        let endpoint = Endpoint::from_full_uri(endpoint).unwrap();
        let uri = uri.parse().unwrap();
        permit(Some(&endpoint), false, None, method, &uri, false)
    }

    fn ask_allowed(endpoint: &str, method: &Method, uri: &str) -> Result<Permit, Denial> {
        let endpoint = Endpoint::from_full_uri(endpoint).unwrap();
        let uri = uri.parse().unwrap();
        permit(Some(&endpoint), true, None, method, &uri, false)
    }

    #[test]
    fn the_request_to_the_endpoint_is_allowed() {
        for (endpoint, addresses) in [
            (EKS, vec!["169.254.170.23:80"]),
            (
                "http://[fd00:ec2::23]/v1/credentials",
                vec!["[fd00:ec2::23]:80"],
            ),
            ("http://127.0.0.1:8080/a?b=c&b=d", vec!["127.0.0.1:8080"]),
            ("http://localhost:81/", vec!["127.0.0.1:81", "[::1]:81"]),
        ] {
            let addresses: Vec<SocketAddr> = addresses
                .iter()
                .map(|address| address.parse().unwrap())
                .collect();
            assert_eq!(
                ask(endpoint, &Method::GET, endpoint),
                Ok(Permit::Endpoint(addresses)),
                "{endpoint}"
            );
        }
    }

    #[test]
    fn every_other_request_is_denied() {
        for (uri, denial) in [
            ("https://169.254.170.23/v1/credentials", Denial::Scheme),
            ("http://169.254.170.2/v1/credentials", Denial::Authority),
            ("http://169.254.170.23:80/v1/credentials", Denial::Authority),
            (
                "http://169.254.170.23:8080/v1/credentials",
                Denial::Authority,
            ),
            (
                "http://169.254.170.23@evil.example/v1/credentials",
                Denial::Authority,
            ),
            ("http://u@169.254.170.23/v1/credentials", Denial::Authority),
            ("http://evil.example/v1/credentials", Denial::Authority),
            ("http://169.254.170.23/v1/credentials/", Denial::Path),
            ("http://169.254.170.23/v1/credentials?x", Denial::Path),
            ("http://169.254.170.23/v1/../v1/credentials", Denial::Path),
            ("http://169.254.170.23/", Denial::Path),
        ] {
            assert_eq!(ask(EKS, &Method::GET, uri), Err(denial), "{uri}");
        }
        for method in [Method::POST, Method::PUT, Method::HEAD, Method::CONNECT] {
            assert_eq!(ask(EKS, &method, EKS), Err(Denial::Method), "{method}");
        }
    }

    #[test]
    fn no_body_goes_to_the_endpoint() {
        let endpoint = Endpoint::from_full_uri(EKS).unwrap();
        let uri = EKS.parse().unwrap();
        let denied = permit(Some(&endpoint), false, None, &Method::GET, &uri, true);
        assert_eq!(denied, Err(Denial::Body));
    }

    #[test]
    fn without_an_endpoint_nothing_is_allowed() {
        let uri = EKS.parse().unwrap();
        let denied = Err(Denial::NoEndpoint);
        assert_eq!(permit(None, true, None, &Method::GET, &uri, false), denied);
        assert_eq!(permit(None, true, None, &Method::POST, &uri, false), denied);
    }

    #[test]
    fn an_https_endpoint_is_asked_only_where_it_was_granted() {
        let https = "https://agent.example/credentials";
        assert_eq!(ask(https, &Method::GET, https), Err(Denial::Https));
        assert_eq!(ask_allowed(https, &Method::GET, https), Ok(Permit::Https));
        for (uri, denial) in [
            ("http://agent.example/credentials", Denial::Scheme),
            ("https://agent.example:443/credentials", Denial::Authority),
            ("https://u@agent.example/credentials", Denial::Authority),
            ("https://evil.example/credentials", Denial::Authority),
            ("https://agent.example/", Denial::Path),
        ] {
            assert_eq!(ask_allowed(https, &Method::GET, uri), Err(denial), "{uri}");
        }
        assert_eq!(
            ask_allowed(https, &Method::POST, https),
            Err(Denial::Method)
        );
        // What is allowed of https takes nothing from http.
        assert!(matches!(
            ask_allowed(EKS, &Method::GET, EKS),
            Ok(Permit::Endpoint(_))
        ));
        let over_tls = EKS.replace("http:", "https:");
        assert_eq!(
            ask_allowed(EKS, &Method::GET, &over_tls),
            Err(Denial::Scheme)
        );
    }

    const READER: &str = "arn:aws:iam::111111111111:role/reader";
    const WRITER: &str = "arn:aws:iam::222222222222:role/writer";

    fn roles(arguments: &[&str]) -> Roles {
        Roles::from_variables(arguments.iter().copied(), []).unwrap()
    }

    fn ask_sts(roles: &Roles, method: &Method, uri: &str) -> Result<Permit, Denial> {
        let endpoint = Endpoint::from_full_uri(EKS).unwrap();
        let uri = uri.parse().unwrap();
        permit(Some(&endpoint), false, Some(roles), method, &uri, false)
    }

    #[test]
    fn with_roles_the_request_to_their_sts_is_allowed_and_no_other() {
        let roles = roles(&["--role-arn", READER, "--region", "eu-central-1"]);
        let sts = "https://sts.eu-central-1.amazonaws.com/";
        assert_eq!(ask_sts(&roles, &Method::POST, sts), Ok(Permit::Sts));
        assert!(matches!(
            ask_sts(&roles, &Method::GET, EKS),
            Ok(Permit::Endpoint(_))
        ));
        for (method, uri, denial) in [
            (Method::GET, sts, Denial::Scheme),
            (Method::PUT, sts, Denial::Method),
            (Method::POST, EKS, Denial::StsOrigin),
            (
                Method::POST,
                "http://sts.eu-central-1.amazonaws.com/",
                Denial::StsOrigin,
            ),
            (
                Method::POST,
                "https://sts.eu-west-1.amazonaws.com/",
                Denial::StsOrigin,
            ),
            (
                Method::POST,
                "https://sts.eu-central-1.amazonaws.com:443/",
                Denial::StsOrigin,
            ),
            (
                Method::POST,
                "https://x@sts.eu-central-1.amazonaws.com/",
                Denial::StsOrigin,
            ),
            (
                Method::POST,
                "https://sts.eu-central-1.amazonaws.com/x",
                Denial::StsPath,
            ),
            (
                Method::POST,
                "https://sts.eu-central-1.amazonaws.com/?Action=AssumeRole",
                Denial::StsPath,
            ),
        ] {
            assert_eq!(ask_sts(&roles, &method, uri), Err(denial), "{method} {uri}");
        }
    }

    #[test]
    fn an_sts_that_is_not_of_aws_has_to_be_allowed() {
        let url = "https://sts.example";
        let roles = roles(&["--role-arn", READER, "--sts-endpoint", url]);
        let uri = format!("{url}/");
        assert_eq!(
            ask_sts(&roles, &Method::POST, &uri),
            Err(Denial::StsEndpoint(url.to_owned()))
        );
        let roles = roles.at_any_endpoint();
        assert_eq!(ask_sts(&roles, &Method::POST, &uri), Ok(Permit::Sts));
    }

    #[test]
    fn a_role_is_assumed_as_the_command_line_says_and_not_otherwise() {
        let roles = roles(&[
            "--region=eu-central-1",
            "--role-arn",
            READER,
            "--session-name=first",
            "--external-id=an+id/with:signs",
            "--role-arn",
            WRITER,
            "--session-name=second",
            "--duration=900",
            "--source-identity=someone",
            "--tag=a=b c",
            "--tag=d=",
            "--transitive-tag=a",
            "--session-policy={\"Version\": \"2012-10-17\"}",
            "--policy-arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
        ]);
        let first = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Freader&RoleSessionName=first&ExternalId=an%2Bid%2Fwith%3Asigns";
        let second = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::222222222222:role/writer&RoleSessionName=second&DurationSeconds=900&SourceIdentity=someone&Tags.member.1.Key=a&Tags.member.1.Value=b+c&Tags.member.2.Key=d&Tags.member.2.Value=&TransitiveTagKeys.member.1=a&Policy=%7B%22Version%22%3A%20%222012-10-17%22%7D&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess";
        for body in [first, second] {
            assert_eq!(permit_form(&roles, body.as_bytes()), Ok(()), "{body}");
        }
        let parameter = |name: &str| Denial::StsParameter(name.to_owned());
        for (body, from, to, denial) in [
            (first, "AssumeRole", "GetCallerIdentity", Denial::StsAction),
            (first, "Action=", "action=", Denial::StsAction),
            (first, "reader", "admin", Denial::StsRole),
            (first, "&RoleArn", "&roleArn", Denial::StsRole),
            (first, "=first", "=other", parameter("RoleSessionName")),
            (first, "=first", "=second", parameter("RoleSessionName")),
            (first, "signs", "others", parameter("ExternalId")),
            (
                first,
                "&ExternalId",
                "&DurationSeconds=43200&ExternalId",
                parameter("DurationSeconds"),
            ),
            (second, "=900", "=43200", parameter("DurationSeconds")),
            (second, "&Policy=", "&NoPolicy=", parameter("NoPolicy")),
            (second, "=d&", "=e&", parameter("Tags.member.2.Key")),
            (
                second,
                "ReadOnlyAccess",
                "AdministratorAccess",
                parameter("PolicyArns.member.1.arn"),
            ),
            // Two readings are none.
            (
                first,
                "Action=",
                "Action=AssumeRole&Action=",
                Denial::StsForm,
            ),
            (first, "&", "&&", Denial::StsForm),
            (first, "%2F", "%2", Denial::StsForm),
            (first, first, "", Denial::StsForm),
        ] {
            let body = body.replacen(from, to, 1);
            assert_eq!(permit_form(&roles, body.as_bytes()), Err(denial), "{body}");
        }
        assert_eq!(permit_form(&roles, b"\xff=\xff"), Err(Denial::StsForm));
    }
}
