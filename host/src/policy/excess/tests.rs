//! What goes beyond a policy, and what is said of it.

use super::*;
use crate::grants::Grants;
use crate::limits::Limits;
use epicac_component::environment::{FULL_URI, RELATIVE_URI, TOKEN, TOKEN_FILE};
use proptest::prelude::*;

const EKS: &str = "http://169.254.170.23/v1/credentials";

fn needed(variables: &[(&str, &str)]) -> Policy {
    let variables = variables
        .iter()
        .map(|(n, v)| (n.to_string(), v.to_string()));
    Policy::effective(&Grants::from_variables(variables)).unwrap()
}

fn lines(granted: &Policy, needed: &Policy) -> Vec<(String, String)> {
    let excesses = granted.excesses(needed);
    excesses
        .iter()
        .map(|excess| (excess.rule(), excess.line()))
        .collect()
}

#[test]
fn less_than_what_is_granted_is_within() {
    let granted = needed(&[(FULL_URI, EKS), (TOKEN_FILE, "/token"), (TOKEN, "t")]);
    for variables in [
        &[][..],
        &[(FULL_URI, EKS)],
        &[(FULL_URI, "http://169.254.170.23:80/v1/credentials")],
        &[(FULL_URI, "ftp://example.com/"), (TOKEN, "other")],
    ] {
        assert_eq!(
            granted.excesses(&needed(variables)),
            vec![],
            "{variables:?}"
        );
    }
}

#[test]
fn what_is_more_than_granted_names_its_rule_and_line() {
    let granted = needed(&[(FULL_URI, EKS), (TOKEN_FILE, "/a/token")]);
    for (variables, rule, line) in [
        (
            [(FULL_URI, EKS), (TOKEN, "secret")],
            "environment",
            r#""AWS_CONTAINER_AUTHORIZATION_TOKEN""#,
        ),
        (
            [(FULL_URI, EKS), (TOKEN_FILE, "/a/\u{202e}*")],
            "token_file",
            r#""token_file": "/a/\u202e{*}""#,
        ),
        (
            [
                (FULL_URI, "http://127.0.0.1/v1/credentials"),
                (TOKEN_FILE, ""),
            ],
            "endpoint.host",
            r#""host": "127.0.0.1""#,
        ),
        (
            [
                (FULL_URI, "http://169.254.170.23:81/v1/credentials"),
                (TOKEN_FILE, ""),
            ],
            "endpoint.port",
            r#""port": 81"#,
        ),
        (
            [
                (FULL_URI, "http://169.254.170.23/v1/credentials?"),
                (TOKEN_FILE, ""),
            ],
            "endpoint.path",
            r#""path": "/v1/credentials?""#,
        ),
    ] {
        let expected = vec![(rule.to_owned(), line.to_owned())];
        assert_eq!(lines(&granted, &needed(&variables)), expected);
    }
}

#[test]
fn an_https_endpoint_is_granted_by_what_names_it_and_whom_it_trusts() {
    const AGENT: &str = "https://agent.example/v1/credentials";
    let bundle = ("AWS_CA_BUNDLE", "/etc/bundle.pem");
    let over_http = lines(&needed(&[(FULL_URI, EKS)]), &needed(&[(FULL_URI, AGENT)]));
    let expected = [
        ("endpoint.scheme", r#""scheme": "https""#),
        ("endpoint.host", r#""host": "agent.example""#),
        ("endpoint.port", r#""port": 443"#),
    ];
    let owned = |(rule, line): (&str, &str)| (rule.to_owned(), line.to_owned());
    assert_eq!(over_http, expected.map(owned));

    let granted = needed(&[(FULL_URI, AGENT)]);
    let with_bundle = needed(&[(FULL_URI, AGENT), bundle]);
    let expected = ("endpoint.ca_bundle", r#""ca_bundle": "/etc/bundle.pem""#);
    assert_eq!(lines(&granted, &with_bundle), [owned(expected)]);
    // Nor do the built-in authorities stand in for the one that is named.
    let expected = ("endpoint.ca_bundle", r#""ca_bundle": null"#);
    assert_eq!(lines(&with_bundle, &granted), [owned(expected)]);
    assert_eq!(lines(&with_bundle, &with_bundle), []);
}

#[test]
fn another_component_is_not_the_pinned_one() {
    let this = needed(&[]);
    let mut other = this.clone();
    other.component.sha256 = "0".repeat(64).try_into().unwrap();
    let more: Import = "wasi:sockets/tcp@0.2.0#connect"
        .to_owned()
        .try_into()
        .unwrap();
    let imports = this.component.imports.iter().skip(1).cloned();
    other.component.imports = imports.chain([more.clone()]).collect();
    let first = this.component.imports.iter().next().unwrap().clone();
    assert_eq!(
        other.excesses(&this),
        [
            Excess::Component(this.component.sha256.clone()),
            Excess::Import(first),
            Excess::NoImport(more),
        ]
    );
}

#[test]
fn limits_can_be_lower_and_not_higher() {
    let this = needed(&[]);
    let mut other = this.clone();
    other.limits.requests = 1.try_into().unwrap();
    assert_eq!(other.excesses(&this), []);
    other.limits.fuel = u64::MAX.try_into().unwrap();
    let expected = ("limits.fuel".to_owned(), "\"fuel\": 1000000000".to_owned());
    assert_eq!(lines(&other, &this), [expected]);
}

#[test]
fn bounds_are_those_of_the_build_where_they_are_named() {
    let this = needed(&[]);
    let mut other = this.clone();
    other.bounds = None;
    assert_eq!(other.excesses(&this), []);
    other.bounds.clone_from(&this.bounds);
    other.bounds.as_mut().unwrap().handles = 1.try_into().unwrap();
    let expected = ("bounds.handles".to_owned(), "\"handles\": 1000".to_owned());
    assert_eq!(lines(&other, &this), [expected]);
}

#[test]
fn a_layer_of_the_wall_is_missed_only_where_it_is_required() {
    let mut this = needed(&[]);
    let mut granted = this.clone();
    for asked in [LayerRule::Enforced, LayerRule::Unavailable] {
        granted.wall.tcp = asked;
        assert_eq!(granted.excesses(&this), []);
    }
    granted.wall.tcp = LayerRule::Required;
    let expected = ("wall.tcp".to_owned(), "\"tcp\": \"unavailable\"".to_owned());
    assert_eq!(lines(&granted, &this), [expected]);
    this.wall.tcp = LayerRule::Enforced;
    assert_eq!(granted.excesses(&this), []);
}

#[test]
fn only_a_lower_limit_is_the_policys() {
    let most = LimitsRule::from(&Limits::BUILT_IN);
    let mut granted = most.clone();
    granted.requests = 1.try_into().unwrap();
    let hit = |limit| Excess::of_limit(limit, &granted, &most);
    assert_eq!(
        hit(Limit::Requests),
        Some(Excess::LimitHit {
            name: "requests",
            most: 32
        })
    );
    assert_eq!((hit(Limit::Fuel), hit(Limit::Stack)), (None, None));
}

#[test]
fn the_id_of_an_ecs_task_is_not_shown() {
    let granted = needed(&[(RELATIVE_URI, "/v2/credentials/of-one-task")]);
    let other = needed(&[(RELATIVE_URI, "/v2/credentials/of-another-task")]);
    let line = r#""path": "/v2/credentials/{any}""#;
    assert_eq!(
        lines(&granted, &other),
        [("endpoint.path".to_owned(), line.to_owned())]
    );
    let nothing = needed(&[(RELATIVE_URI, "")]);
    let shown = nothing.excesses(&other);
    assert!(!format!("{shown:?}").contains("of-another-task"));

    let mut any = granted;
    any.endpoint.as_mut().unwrap().path =
        PathRule::try_from("/v2/credentials/{any}".to_owned()).unwrap();
    assert_eq!(any.excesses(&other), []);
}

fn environments() -> impl Strategy<Value = Vec<(String, String)>> {
    let value = prop_oneof![
        Just(EKS.to_owned()),
        Just("http://169.254.170.23:81/v1/credentials".to_owned()),
        "/[a-c*{]{0,3}",
    ];
    let name = proptest::sample::select(vec![RELATIVE_URI, FULL_URI, TOKEN_FILE, TOKEN]);
    proptest::collection::vec((name.prop_map(str::to_owned), value), 0..4)
}

proptest! {
    #[test]
    fn each_excess_is_one_line_without_a_secret(one in environments(), other in environments()) {
        let policy = |variables| Policy::effective(&Grants::from_variables(variables)).unwrap();
        for excess in policy(one).excesses(&policy(other)) {
            let line = excess.to_string();
            prop_assert!(line.contains(&excess.line()) && line.ends_with(')'), "{}", line);
            prop_assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{}", line);
        }
    }

    #[test]
    fn within_is_equal_rule_by_rule(one in environments(), other in environments()) {
        // Exact policies grant each other's needs only where these are none, or the same.
        let policy = |variables| Policy::effective(&Grants::from_variables(variables)).unwrap();
        let (granted, needed) = (policy(one), policy(other));
        let within = needed.environment.iter().all(|v| granted.environment.contains(v))
            && (needed.token_file.is_none() || needed.token_file == granted.token_file)
            && (needed.endpoint.is_none() || needed.endpoint == granted.endpoint);
        prop_assert_eq!(granted.excesses(&needed).is_empty(), within);
    }
}

const READER: &str = "arn:aws:iam::111111111111:role/reader";
const WRITER: &str = "arn:aws:iam::222222222222:role/writer";

fn needed_with(variables: &[(&str, &str)], options: &[&str]) -> Policy {
    let variables = variables
        .iter()
        .map(|(n, v)| (n.to_string(), v.to_string()));
    let roles = crate::roles::Roles::from_variables(options.iter().copied(), variables).unwrap();
    let grants = Grants::from_variables([(FULL_URI.to_owned(), EKS.to_owned())]);
    Policy::effective(&grants.with_roles(roles)).unwrap()
}

const REGION: (&str, &str) = ("AWS_REGION", "eu-central-1");

#[test]
fn roles_that_are_needed_have_to_be_granted() {
    let granted = needed_with(
        &[REGION],
        &[
            "--role-arn",
            READER,
            "--external-id=an-id",
            "--duration=7200",
        ],
    );
    assert_eq!(granted.excesses(&needed(&[(FULL_URI, EKS)])), vec![]);
    let proxy = ("HTTPS_PROXY", "http://user:secret@proxy.example:3128");
    let bundle = ("AWS_CA_BUNDLE", "/etc/bundle.pem");
    for (variables, options, rule, line) in [
        (&[REGION][..], &["--role-arn", READER][..], "", ""),
        (
            &[REGION],
            &["--role-arn", READER, "--role-arn", WRITER],
            "roles.arns",
            r#""arn:aws:iam::222222222222:role/writer""#,
        ),
        (
            &[("AWS_REGION", "us-gov-west-1")],
            &["--role-arn", "arn:aws-us-gov:iam::111111111111:role/reader"],
            "roles.arns",
            r#""arn:aws-us-gov:iam::111111111111:role/reader""#,
        ),
        (
            &[("AWS_REGION", "us-west-2")],
            &["--role-arn", READER],
            "roles.sts",
            r#""https://sts.us-west-2.amazonaws.com""#,
        ),
        (
            &[REGION],
            &["--role-arn", READER, "--tag=a=b"],
            "roles.parameters",
            r#""Tags""#,
        ),
        (
            &[REGION],
            &["--role-arn", READER, "--duration=7201"],
            "roles.max_duration_seconds",
            r#""max_duration_seconds": 7201"#,
        ),
        (
            &[REGION, proxy],
            &["--role-arn", READER],
            "roles.proxy",
            r#""proxy": "http://proxy.example:3128""#,
        ),
        (
            &[REGION, bundle],
            &["--role-arn", READER],
            "roles.ca_bundle",
            r#""ca_bundle": "/etc/bundle.pem""#,
        ),
    ] {
        let beyond = lines(&granted, &needed_with(variables, options));
        match rule {
            "" => assert_eq!(beyond, vec![], "{options:?}"),
            rule => assert_eq!(beyond[0], (rule.to_owned(), line.to_owned())),
        }
    }
    let roles = lines(&needed(&[(FULL_URI, EKS)]), &granted);
    assert!(roles.iter().any(|(rule, _)| rule == "roles"), "{roles:?}");
}

#[test]
fn what_is_said_of_roles_is_one_line_with_a_remedy() {
    let none = needed(&[]);
    let all = needed_with(
        &[REGION, ("HTTPS_PROXY", "http://proxy.example:3128")],
        &[
            "--role-arn",
            READER,
            "--tag=a=b",
            "--policy-arn=arn:aws:iam::aws:policy/x",
        ],
    );
    let mut some = needed_with(&[REGION], &["--role-arn", WRITER]);
    if let Some(roles) = &mut some.roles {
        roles.session_policy = SessionPolicyRule::Required;
    }
    let plain = needed_with(&[REGION], &["--role-arn", WRITER]);
    let excesses = [
        none.excesses(&all),
        some.excesses(&all),
        some.excesses(&plain),
    ];
    for excess in excesses.concat() {
        let line = excess.to_string();
        assert!(
            !line.contains('\n') && line.contains(" (") && line.ends_with(')'),
            "{line}"
        );
    }
}
