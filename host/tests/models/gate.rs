//! Which request passes the gate: the table of `sandbox/request.rs`.

use super::config;
use crate::grants::{Admitted, Grants, Roles, Way};
use crate::limits::Limits;
use crate::sandbox::request::{Permit, may_send};
use epicac_component::environment::FULL_URI;
use http::{Method, Uri};
use proptest::prelude::*;
use proptest::sample::select;

/// Where a request goes, in canonical spelling.
#[derive(Clone, Debug, PartialEq)]
struct Target {
    scheme: &'static str,
    host: &'static str,
    port: Option<u16>,
    path: &'static str,
}

impl Target {
    fn uri(&self) -> String {
        let port = self.port.map_or(String::new(), |port| format!(":{port}"));
        format!("{}://{}{port}{}", self.scheme, self.host, self.path)
    }

    fn default_port(&self) -> u16 {
        if self.scheme == "http" { 80 } else { 443 }
    }

    /// What the permit of a request to it shows.
    fn way(&self) -> String {
        match self.scheme {
            "http" => {
                let host = self.host.replace("localhost", "127.0.0.1");
                format!("{host}:{}", self.port.unwrap_or(self.default_port()))
            }
            _ => self.uri(),
        }
    }
}

/// A process, and a request of its component.
#[derive(Clone, Debug)]
struct Case {
    endpoint: Target,
    sts: Option<Target>,
    is_by_policy: bool,
    method: &'static str,
    request: Target,
    has_body: bool,
}

const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
const AGENTS: [&str; 3] = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];
const OTHERS: [&str; 3] = ["agent.example", "169.254.169.254", "10.0.0.1"];
const AWS: [&str; 2] = ["sts.amazonaws.com", "sts-fips.us-east-1.amazonaws.com"];
const NEARLY_AWS: [&str; 2] = ["sts.example", "sts.amazonaws.com.example"];

fn target() -> impl Strategy<Value = Target> {
    let hosts = [&LOOPBACK[..], &AGENTS, &OTHERS, &AWS, &NEARLY_AWS].concat();
    let paths = ["/", "/v1/credentials", "/v1/credentials?a=b", "/a/../b"];
    let parts = (
        select(&["http", "https"][..]),
        select(hosts),
        select(vec![None, None, Some(80), Some(443), Some(8080)]),
        select(paths.to_vec()),
    );
    parts.prop_map(|(scheme, host, port, path)| Target {
        scheme,
        host,
        port,
        path,
    })
}

/// Many requests are the allowed one but for a part.
fn case() -> impl Strategy<Value = Case> {
    let methods = select(&["GET", "GET", "POST", "POST", "PUT", "HEAD"][..]);
    let own = (target(), proptest::option::of(target()), any::<bool>());
    (own, methods, target(), 0..3, 0..8, any::<bool>()).prop_map(
        |((endpoint, sts, is_by_policy), method, other, of, changed, has_body)| {
            let mut request = match (of, &sts) {
                (0, _) | (1, None) => endpoint.clone(),
                (1, Some(sts)) => canonical_sts(sts),
                _ => other.clone(),
            };
            match changed {
                0 => request.scheme = other.scheme,
                1 => request.host = other.host,
                2 => request.port = other.port,
                3 => request.path = other.path,
                _ => {}
            }
            Case {
                endpoint,
                sts,
                is_by_policy,
                method,
                request,
                has_body,
            }
        },
    )
}

/// Without a path, and without the port of its scheme.
fn canonical_sts(sts: &Target) -> Target {
    Target {
        path: "/",
        port: sts.port.filter(|port| *port != sts.default_port()),
        ..sts.clone()
    }
}

/// The way on which the request may be sent, or nothing.
fn model(case: &Case) -> Option<String> {
    if let Some(sts) = case.sts.as_ref().map(canonical_sts) {
        let is_of_aws = sts.scheme == "https" && sts.port.is_none() && AWS.contains(&sts.host);
        if !is_of_aws && !LOOPBACK.contains(&sts.host) && !case.is_by_policy {
            return None;
        }
        if case.method == "POST" {
            return (case.request == sts).then(|| sts.uri());
        }
    }
    let may_be_asked = match case.endpoint.scheme {
        "http" => [LOOPBACK, AGENTS].concat().contains(&case.endpoint.host),
        _ => case.is_by_policy,
    };
    let is_the_one = case.method == "GET" && case.request == case.endpoint && !case.has_body;
    (may_be_asked && is_the_one).then(|| case.endpoint.way())
}

const ROLE: &str = "--role-arn=arn:aws:iam::111111111111:role/reader";

/// What this process grants; nothing if its STS is not one at all.
fn admitted(case: &Case) -> Option<Admitted> {
    let mut grants = Grants::from_variables([(FULL_URI.to_owned(), case.endpoint.uri())]);
    if let Some(sts) = &case.sts {
        let sts = Target {
            path: "/",
            ..sts.clone()
        };
        let options = [ROLE.to_owned(), format!("--sts-endpoint={}", sts.uri())];
        grants = grants.with_roles(Roles::from_variables(options, []).ok()?);
    }
    Some(match case.is_by_policy {
        true => Admitted::by_policy(grants, Limits::BUILT_IN),
        false => grants.into(),
    })
}

fn permitted(admitted: &Admitted, case: &Case) -> Option<String> {
    let (method, uri): (Method, Uri) = (
        case.method.parse().unwrap(),
        case.request.uri().parse().unwrap(),
    );
    match may_send(admitted, &method, &uri, case.has_body).ok()? {
        Permit::Endpoint(Way::Addresses(addresses)) => Some(addresses[0].to_string()),
        Permit::Endpoint(Way::Route(route)) => Some(route.server.to_string()),
        Permit::Sts(permit) => {
            let form = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole%2Freader&RoleSessionName=epicac";
            let route = permit.roles_of_form(form.as_bytes()).unwrap().route();
            Some(route.server.to_string())
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_request_passes_the_gate_if_it_is_the_one_that_is_granted(case in case()) {
        let Some(admitted) = admitted(&case) else {
            // Such an STS is refused before any request.
            let sts = case.sts.unwrap();
            prop_assert!(sts.scheme == "http");
            return Ok(());
        };
        prop_assert_eq!(permitted(&admitted, &case), model(&case));
    }

    #[test]
    fn a_form_passes_the_gate_if_it_is_the_one_of_a_role(
        ids in proptest::collection::vec("[a-zA-Z0-9+=,.@:/-]{2,8}", 1..3),
        of in 0..3_usize,
        at in any::<proptest::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let roles = ids.iter().enumerate().flat_map(|(number, id)| {
            let role = format!("--role-arn=arn:aws:iam::111111111111:role/r{number}");
            [role, format!("--session-name=s{number}"), format!("--external-id={id}")]
        });
        let sts = "--sts-endpoint=https://sts.amazonaws.com".to_owned();
        let roles = Roles::from_variables([sts].into_iter().chain(roles), []).unwrap();
        let grants = Grants::from_variables([]).with_roles(roles);
        let uri = "https://sts.amazonaws.com/".parse().unwrap();
        let Permit::Sts(permit) = may_send(&grants.into(), &Method::POST, &uri, true).unwrap() else {
            panic!("it is a request to STS");
        };

        let forms: Vec<String> = ids.iter().enumerate().map(|(number, id)| form(number, id)).collect();
        let mut body = forms[of.min(ids.len() - 1)].clone().into_bytes();
        prop_assert!(permit.roles_of_form(&body).is_ok());
        let at = at.index(body.len());
        body[at] = byte;
        let is_one = forms.iter().any(|form| form.as_bytes() == body);
        prop_assert_eq!(permit.roles_of_form(&body).is_ok(), is_one);
        body.remove(at);
        prop_assert!(permit.roles_of_form(&body).is_err());
    }
}

/// The form that assumes this role, byte by byte.
fn form(number: usize, id: &str) -> String {
    let encoded = |text: String| {
        let bytes = text.into_bytes().into_iter().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        });
        bytes.collect::<String>()
    };
    let arn = encoded(format!("arn:aws:iam::111111111111:role/r{number}"));
    let id = encoded(id.to_owned());
    format!(
        "Action=AssumeRole&Version=2011-06-15&RoleArn={arn}&RoleSessionName=s{number}&ExternalId={id}"
    )
}
