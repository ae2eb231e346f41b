//! The command line: which options there are, and what belongs to what.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::sts::arguments::ArgumentError;
use epicac_component::sts::error::ConfigurationError;
use epicac_component::{Arguments, Error, RoleRequest};
use proptest::prelude::*;

fn parse(arguments: &[&str]) -> Result<Arguments, ArgumentError> {
    Arguments::parse(arguments.iter().map(|&argument| argument.to_owned()))
}

fn reason(arguments: &[&str]) -> String {
    let error = Error::from(ConfigurationError::from(parse(arguments).unwrap_err()));
    error.to_string()
}

#[test]
fn no_arguments_ask_for_no_role() {
    assert_eq!(parse(&[]), Ok(Arguments::default()));
}

#[test]
fn an_option_belongs_to_the_role_before_it() {
    let parsed = parse(&[
        "--region=eu-central-1",
        "--role-arn",
        "first",
        "--external-id",
        "id",
        "--duration=900",
        "--tag",
        "team=blue",
        "--tag=empty=",
        "--tag",
        "sum=a=b",
        "--transitive-tag",
        "team",
        "--role-arn=second",
        "--session-name",
        "me",
        "--source-identity=who",
        "--session-policy",
        "/policy.json",
        "--policy-arn=p1",
        "--policy-arn",
        "p2",
        "--sts-endpoint",
        "https://sts.example",
    ]);
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = Arguments {
        roles: vec![
            RoleRequest {
                external_id: Some("id".into()),
                duration: Some(900),
                tags: vec![tag("team", "blue"), tag("empty", ""), tag("sum", "a=b")],
                transitive_tag_keys: vec!["team".into()],
                ..RoleRequest::new("first".into())
            },
            RoleRequest {
                session_name: Some("me".into()),
                source_identity: Some("who".into()),
                session_policy: Some("/policy.json".into()),
                policy_arns: vec!["p1".into(), "p2".into()],
                ..RoleRequest::new("second".into())
            },
        ],
        region: Some("eu-central-1".into()),
        sts_endpoint: Some("https://sts.example".into()),
    };
    assert_eq!(parsed, Ok(expected));
}

#[test]
fn what_cannot_be_understood_is_named_with_its_remedy() {
    for (arguments, expected) in [
        (
            &["--role-anr", "x"][..],
            "--role-anr is no option of epicac (see docs/roles.md for the options)",
        ),
        (
            &["--role-arn", "x", "role"],
            "argument 3 is no option (write --role-arn ARN, and options after it)",
        ),
        (
            &["-r", "x"],
            "argument 1 is no option (write --role-arn ARN, and options after it)",
        ),
        (
            &["--role-arn"],
            "--role-arn has no value (write --role-arn=VALUE)",
        ),
        (
            &["--role-arn="],
            "--role-arn has no value (write --role-arn=VALUE)",
        ),
        (
            &["--role-arn", ""],
            "--role-arn has no value (write --role-arn=VALUE)",
        ),
        (
            &["--role-arn", "x", "--external-id", "--region", "y"],
            "--external-id has no value (write --external-id=VALUE)",
        ),
        (
            &["--external-id", "x", "--role-arn", "y"],
            "--external-id comes before any role (write it after the --role-arn that it is for)",
        ),
        (
            &["--role-arn", "x", "--duration", "900", "--duration", "901"],
            "--duration comes twice (write it once)",
        ),
        (
            &["--region", "a", "--role-arn", "x", "--region", "a"],
            "--region comes twice (write it once)",
        ),
        (
            &["--region", "eu-central-1"],
            "a region or an endpoint is for assuming a role, and there is none (add --role-arn ARN)",
        ),
        (
            &["--role-arn", "x", "--tag", "team"],
            "--tag has no = (write --tag KEY=VALUE)",
        ),
    ] {
        let expected = format!("cannot assume a role: {expected}");
        assert_eq!(reason(arguments), expected, "{arguments:?}");
    }
    for duration in ["1h", "-1", "+900", "0900", "900.0", "4294967296"] {
        let shown = reason(&["--role-arn", "x", "--duration", duration]);
        assert!(shown.contains("a whole number of seconds"), "{shown}");
    }
}

#[test]
fn no_value_is_ever_shown() {
    for arguments in [
        &["--secret=hunter2"][..],
        &["hunter2"],
        &["--role-arn", "x", "--tag", "hunter2"],
        &["--role-arn", "x", "--duration", "hunter2"],
        &["--external-id", "hunter2"],
    ] {
        let shown = reason(arguments);
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn arguments_of_another_program_are_told_from_ours_by_a_role() {
    let name_roles = |arguments: &[&str]| {
        let arguments: Vec<_> = arguments.iter().map(|&a| a.to_owned()).collect();
        Arguments::name_roles(&arguments)
    };
    assert!(name_roles(&["app", "--role-arn", "x"]));
    assert!(name_roles(&["app", "--role-arn=x"]));
    assert!(!name_roles(&[
        "app",
        "--verbose",
        "role-arn",
        "--role-arns"
    ]));
    assert!(!name_roles(&[]));
}

#[test]
fn a_session_policy_that_begins_with_a_brace_is_json_and_else_a_file() {
    for (policy, file) in [
        ("{}", None),
        (" \n\t{\"Version\":\"2012-10-17\"}", None),
        ("/etc/policy.json", Some("/etc/policy.json")),
        ("policy{}", Some("policy{}")),
    ] {
        let parsed = parse(&["--role-arn", "x", "--session-policy", policy]).unwrap();
        let role = parsed.roles.first().unwrap();
        assert_eq!(role.session_policy_file(), file, "{policy:?}");
    }
}

fn roles() -> impl Strategy<Value = Vec<RoleRequest>> {
    let text = "[ -~é]{1,12}";
    let role = (
        text,
        proptest::option::of(text),
        proptest::option::of(any::<u32>()),
        proptest::collection::vec(("[a-z ]{1,4}", "[ -~é]{0,6}"), 0..3),
        proptest::collection::vec(text, 0..3),
        proptest::option::of(text),
    );
    let role = role.prop_map(|(arn, name, duration, tags, keys, policy)| RoleRequest {
        session_name: name.clone(),
        external_id: policy.clone(),
        source_identity: name,
        duration,
        tags,
        transitive_tag_keys: keys.clone(),
        session_policy: policy,
        policy_arns: keys,
        ..RoleRequest::new(arn)
    });
    proptest::collection::vec(role, 1..4)
}

proptest! {
    #[test]
    fn what_is_written_is_parsed_as_itself(
        roles in roles(), region in proptest::option::of("[ -~]{1,12}"),
    ) {
        let arguments = Arguments { roles, sts_endpoint: region.clone(), region };
        prop_assert_eq!(Arguments::parse(arguments.to_arguments()), Ok(arguments));
    }

    #[test]
    fn no_arguments_panic_and_each_failure_is_one_line(
        arguments in proptest::collection::vec(
            prop_oneof![
                Just("--role-arn".to_owned()), Just("--tag".to_owned()), Just("--duration=9".to_owned()),
                "--[a-z-]{0,12}(=.{0,5})?", ".{0,8}",
            ],
            0..8,
        ),
    ) {
        if let Err(error) = Arguments::parse(arguments) {
            let sentence = Error::from(ConfigurationError::from(error)).to_string();
            prop_assert!(!sentence.chars().any(char::is_control) && sentence.ends_with(')'), "{}", sentence);
        }
    }
}
