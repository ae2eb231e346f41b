//! The gate: pure functions that allow or deny each request. They allow only the request that EKS and ECS need, and the
//! requests that assume the roles of the command line.
//!
//! | part of a request | allowed to the endpoint | with roles, allowed to the STS |
//! |---|---|---|
//! | method | `GET` | `POST` |
//! | scheme | `http`; `https` if a policy file grants the endpoint | the scheme of the STS |
//! | host | the endpoint's, which the environment names. Over http it is one of the hosts of `behaviour.md` §1 | the host of the STS. It is AWS's own, on this machine, or granted by a policy file |
//! | port | the endpoint's, or else the default port of its scheme | the port of the STS |
//! | path and query | exactly those of the endpoint | `/` |
//! | body | none | exactly the form that assumes one of the roles, byte by byte |
//!
//! [`Admitted`] has decided which endpoint and which STS may be asked, and each request is compared with these. A
//! [`Permit`] carries the way to the server, so that nothing else can be asked with it.

use crate::denial::DeniedError;
use crate::grants::{Admitted, Roles, Way};
use epicac_component::endpoint::Endpoint;
use epicac_component::sts;
use http::uri::{Authority, PathAndQuery};
use http::{Method, Uri};
use std::sync::Arc;

/// An allowed request, with the way on which it may be sent.
#[derive(Clone, Debug)]
pub(crate) enum Permit {
    /// The request to the container's endpoint.
    Endpoint(Way),
    /// A request to STS, if its body is allowed, too.
    Sts(StsPermit),
}

/// A request to STS that is allowed if its body is the form that assumes one of these roles.
#[derive(Clone, Debug)]
pub(crate) struct StsPermit(Arc<Roles>);

impl StsPermit {
    /// The roles, whose way to STS a request with this body may take: the bytes that the component itself would send.
    pub(crate) fn roles_of_form(&self, body: &[u8]) -> Result<&Roles, DeniedError> {
        let mut forms = self.0.chain().iter().map(sts::request::form);
        match forms.any(|form| form.as_bytes() == body) {
            true => Ok(&self.0),
            false => Err(DeniedError::StsForm),
        }
    }
}

/// Whether a request may be sent, judged by everything except its body, and on which way.
pub(crate) fn may_send(
    admitted: &Admitted,
    method: &Method,
    uri: &Uri,
    has_body: bool,
) -> Result<Permit, DeniedError> {
    match admitted.roles()? {
        Some(roles) if method == Method::POST => {
            may_post(roles.endpoint(), uri)?;
            Ok(Permit::Sts(StsPermit(roles.clone())))
        }
        _ => {
            let (way, endpoint) = admitted.way()?;
            may_get(endpoint, method, uri, has_body)?;
            Ok(Permit::Endpoint(way.clone()))
        }
    }
}

fn may_post(sts: &Endpoint, uri: &Uri) -> Result<(), DeniedError> {
    if uri.scheme_str() != Some(sts.scheme().as_str())
        || uri.authority().map(Authority::as_str) != Some(&*sts.authority())
    {
        return Err(DeniedError::StsOrigin);
    }
    if uri.path_and_query().map(PathAndQuery::as_str) != Some("/") {
        return Err(DeniedError::StsPath);
    }
    Ok(())
}

fn may_get(
    endpoint: &Endpoint,
    method: &Method,
    uri: &Uri,
    has_body: bool,
) -> Result<(), DeniedError> {
    if method != Method::GET {
        return Err(DeniedError::Method);
    }
    if uri.scheme_str() != Some(endpoint.scheme().as_str()) {
        return Err(DeniedError::Scheme);
    }
    if uri.authority().map(Authority::as_str) != Some(&*endpoint.authority()) {
        return Err(DeniedError::Authority);
    }
    if uri.path_and_query().map(PathAndQuery::as_str) != Some(endpoint.path_with_query()) {
        return Err(DeniedError::Path);
    }
    if has_body {
        return Err(DeniedError::Body);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::{Grants, Roles};
    use crate::limits::Limits;
    use epicac_component::environment::FULL_URI;
    use epicac_tests::rows;

    const EKS: &str = "http://169.254.170.23/v1/credentials";

    fn grants(endpoint: &str) -> Grants {
        Grants::from_variables([(FULL_URI.to_owned(), endpoint.to_owned())])
    }

    fn by_policy(grants: Grants) -> Admitted {
        Admitted::by_policy(grants, Limits::BUILT_IN)
    }

    /// Asserts that the request in the first cell of each row gets the answer in the second cell: the way that its permit
    /// carries, or the rule that denies it.
    #[track_caller]
    fn answers(admitted: &Admitted, table: &str) {
        for [request, expected] in rows(table) {
            let (method, uri) = request.split_once(' ').unwrap();
            let (method, uri) = (method.parse().unwrap(), uri.parse().unwrap());
            let answer = match may_send(admitted, &method, &uri, false) {
                Err(denied) => format!("{denied:?}"),
                Ok(Permit::Endpoint(Way::Addresses(addresses))) => format!("{addresses:?}"),
                Ok(Permit::Endpoint(Way::Route(route))) => format!("to {}", route.server),
                Ok(Permit::Sts(permit)) => format!("to {}", permit.0.route().server),
            };
            assert_eq!(answer, expected, "{request}");
        }
    }

    #[test]
    fn the_request_to_the_endpoint_is_allowed() {
        for [endpoint, addresses] in rows(
            "
            http://169.254.170.23/v1/credentials | [169.254.170.23:80]
            http://[fd00:ec2::23]/v1/credentials | [[fd00:ec2::23]:80]
            http://127.0.0.1:8080/a?b=c&b=d      | [127.0.0.1:8080]
            http://localhost:81/                 | [127.0.0.1:81, [::1]:81]",
        ) {
            let row = format!("GET {endpoint} | {addresses}");
            answers(&grants(endpoint).into(), &row);
        }
    }

    #[test]
    fn every_other_request_is_denied() {
        answers(
            &grants(EKS).into(),
            "
            GET https://169.254.170.23/v1/credentials             | Scheme
            GET http://169.254.170.2/v1/credentials               | Authority
            GET http://169.254.170.23:80/v1/credentials           | Authority
            GET http://169.254.170.23:8080/v1/credentials         | Authority
            GET http://169.254.170.23@evil.example/v1/credentials | Authority
            GET http://u@169.254.170.23/v1/credentials            | Authority
            GET http://evil.example/v1/credentials                | Authority
            GET http://169.254.170.23/v1/credentials/             | Path
            GET http://169.254.170.23/v1/credentials?x            | Path
            GET http://169.254.170.23/v1/../v1/credentials        | Path
            GET http://169.254.170.23/                            | Path
            POST http://169.254.170.23/v1/credentials             | Method
            PUT http://169.254.170.23/v1/credentials              | Method
            HEAD http://169.254.170.23/v1/credentials             | Method
            CONNECT http://169.254.170.23/v1/credentials          | Method",
        );
    }

    #[test]
    fn no_body_goes_to_the_endpoint() {
        let (admitted, uri) = (grants(EKS).into(), EKS.parse().unwrap());
        let denied = may_send(&admitted, &Method::GET, &uri, true).unwrap_err();
        assert_eq!(denied, DeniedError::Body);
    }

    #[test]
    fn without_an_endpoint_nothing_is_allowed() {
        for endpoint in ["", "http://evil.example/"] {
            answers(
                &by_policy(grants(endpoint)),
                "
                GET http://169.254.170.23/v1/credentials  | NoEndpoint
                POST http://169.254.170.23/v1/credentials | NoEndpoint",
            );
        }
    }

    #[test]
    fn an_https_endpoint_is_asked_only_where_it_was_granted() {
        let https = || grants("https://agent.example/credentials");
        answers(
            &https().into(),
            "GET https://agent.example/credentials | Https",
        );
        answers(
            &by_policy(https()),
            "
            GET https://agent.example/credentials     | to https://agent.example/credentials
            GET http://agent.example/credentials      | Scheme
            GET https://agent.example:443/credentials | Authority
            GET https://u@agent.example/credentials   | Authority
            GET https://evil.example/credentials      | Authority
            GET https://agent.example/                | Path
            POST https://agent.example/credentials    | Method",
        );
        // A granted https endpoint does not change the rules of http.
        answers(
            &by_policy(grants(EKS)),
            "
            GET http://169.254.170.23/v1/credentials  | [169.254.170.23:80]
            GET https://169.254.170.23/v1/credentials | Scheme",
        );
    }

    /// Grants with the roles that these arguments name, one of a line.
    fn with_roles(arguments: &str) -> Grants {
        let arguments = arguments
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let roles = Roles::from_variables(arguments, []).unwrap();
        grants(EKS).with_roles(roles)
    }

    #[test]
    fn with_roles_the_request_to_their_sts_is_allowed_and_no_other() {
        answers(
            &with_roles(
                "
                --role-arn=arn:aws:iam::111111111111:role/reader
                --region=eu-central-1",
            )
            .into(),
            "
            POST https://sts.eu-central-1.amazonaws.com/                   | to https://sts.eu-central-1.amazonaws.com/
            GET http://169.254.170.23/v1/credentials                       | [169.254.170.23:80]
            GET https://sts.eu-central-1.amazonaws.com/                    | Scheme
            PUT https://sts.eu-central-1.amazonaws.com/                    | Method
            POST http://169.254.170.23/v1/credentials                      | StsOrigin
            POST http://sts.eu-central-1.amazonaws.com/                    | StsOrigin
            POST https://sts.eu-west-1.amazonaws.com/                      | StsOrigin
            POST https://sts.eu-central-1.amazonaws.com:443/               | StsOrigin
            POST https://x@sts.eu-central-1.amazonaws.com/                 | StsOrigin
            POST https://sts.eu-central-1.amazonaws.com/x                  | StsPath
            POST https://sts.eu-central-1.amazonaws.com/?Action=AssumeRole | StsPath",
        );
    }

    #[test]
    fn an_sts_that_is_not_of_aws_has_to_be_granted() {
        let grants = with_roles(
            "
            --role-arn=arn:aws:iam::111111111111:role/reader
            --sts-endpoint=https://sts.example",
        );
        // Without its roles, a run would only get credentials that nobody asked for.
        answers(
            &grants.clone().into(),
            "
            POST https://sts.example/               | StsEndpoint(\"https://sts.example\")
            GET http://169.254.170.23/v1/credentials | StsEndpoint(\"https://sts.example\")",
        );
        answers(
            &by_policy(grants),
            "POST https://sts.example/ | to https://sts.example/",
        );
    }

    #[test]
    fn a_role_is_assumed_as_the_command_line_says_and_not_otherwise() {
        let grants = with_roles(
            "
            --region=eu-central-1
            --role-arn=arn:aws:iam::111111111111:role/reader
            --session-name=first
            --external-id=an+id/with:signs
            --role-arn=arn:aws:iam::222222222222:role/writer
            --session-name=second
            --duration=900
            --tag=a=b c",
        );
        let sts = "https://sts.eu-central-1.amazonaws.com/".parse().unwrap();
        let permit = may_send(&grants.into(), &Method::POST, &sts, true).unwrap();
        let Permit::Sts(permit) = permit else {
            panic!("{permit:?}");
        };
        let first = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Freader&RoleSessionName=first&ExternalId=an%2Bid%2Fwith%3Asigns";
        let second = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A222222222222%3Arole%2Fwriter&RoleSessionName=second&DurationSeconds=900&Tags.member.1.Key=a&Tags.member.1.Value=b+c";
        for body in [first, second] {
            let route = permit.roles_of_form(body.as_bytes()).unwrap().route();
            assert_eq!(route.server.to_string(), sts.to_string(), "{body}");
        }
        for (body, from, to) in [
            (first, "AssumeRole", "GetCallerIdentity"),
            (first, "reader", "admin"),
            (first, "=first", "=second"),
            (first, "&ExternalId=an%2Bid%2Fwith%3Asigns", ""),
            (second, "=900", "=43200"),
            (second, "b+c", "b%20c"),
            (first, "Action=", "Action=AssumeRole&Action="),
            (first, "&", "&&"),
            (first, first, ""),
        ] {
            let body = body.replacen(from, to, 1);
            let denied = permit.roles_of_form(body.as_bytes()).err();
            assert_eq!(denied, Some(DeniedError::StsForm), "{body}");
        }
    }
}
