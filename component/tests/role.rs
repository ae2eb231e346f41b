//! What is refused before any request, because STS could only refuse it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::sts::error::ConfigurationError;
use epicac_component::sts::role::Tag;
use epicac_component::{Arguments, Chain, Error, Role, RoleRequest, StsEnvironment};
use proptest::prelude::*;

const ARN: &str = "arn:aws:iam::123456789012:role/reader";

fn request() -> RoleRequest {
    RoleRequest::new(ARN.into())
}

/// Why the role is refused; nothing if it is not.
fn refused(request: RoleRequest) -> Option<String> {
    match Role::check(request, "session", false) {
        Ok(_) => None,
        Err(error) => {
            let name = ARN.to_owned();
            Some(Error::Role(ConfigurationError::Role { name, error }).to_string())
        }
    }
}

fn assert_refused(request: RoleRequest, why: &str) {
    let reason = refused(request.clone()).unwrap_or_else(|| panic!("taken: {request:?}"));
    assert!(reason.contains(why) && reason.ends_with(')'), "{reason}");
}

#[test]
fn a_role_is_named_by_its_arn() {
    for arn in [
        ARN,
        "arn:aws-cn:iam::123456789012:role/path/to/reader",
        "arn:aws-us-gov:iam::000000000000:role/a",
        "arn:aws-iso-b:iam::123456789012:role/a+=,.@_-b",
        // The longest name, and the longest path: 512 characters, with the `/` at either end.
        &format!("arn:aws:iam::123456789012:role/{}", "x".repeat(64)),
        &format!(
            "arn:aws:iam::123456789012:role/{}/{}",
            "p".repeat(510),
            "x".repeat(64)
        ),
        "arn:aws:iam::123456789012:role/p*th/!/reader",
    ] {
        assert_eq!(refused(RoleRequest::new(arn.into())), None, "{arn}");
    }
    let long = format!("arn:aws:iam::123456789012:role/{}", "x".repeat(2_018));
    let long_name = format!("arn:aws:iam::123456789012:role/path/{}", "x".repeat(65));
    let long_path = format!("arn:aws:iam::123456789012:role/{}/reader", "p".repeat(511));
    for arn in [
        "",
        "reader",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/path/",
        "arn:aws:iam::123456789012:user/reader",
        "arn:aws:iam::12345678901:role/reader",
        "arn:aws:iam::1234567890123:role/reader",
        "arn:aws:iam::12345678901x:role/reader",
        "arn:aws:iam::aws:role/reader",
        "arn:aws:iam:eu-west-1:123456789012:role/reader",
        "arn:aws:sts::123456789012:role/reader",
        "arn:gcp:iam::123456789012:role/reader",
        "arn:AWS:iam::123456789012:role/reader",
        "arn:aws:iam::123456789012:role/re ader",
        "arn:aws:iam::123456789012:role/r\u{e9}ader",
        "arn:aws:iam::123456789012:role/reader\n",
        "arn:aws:iam::123456789012:role/read*",
        "arn:aws:iam::123456789012:role/reader:x",
        "arn:aws:iam::123456789012:rolex/reader",
        &long,
        &long_name,
        &long_path,
    ] {
        assert_refused(RoleRequest::new(arn.into()), "is not the ARN of a role");
    }
}

#[test]
fn names_have_the_length_and_characters_that_sts_takes() {
    let name = |name: &str| RoleRequest {
        session_name: Some(name.into()),
        ..request()
    };
    let identity = |name: &str| RoleRequest {
        source_identity: Some(name.into()),
        ..request()
    };
    let external = |id: &str| RoleRequest {
        external_id: Some(id.into()),
        ..request()
    };
    for good in ["ab", "a_B+=,.@-9", &"x".repeat(64)] {
        assert_eq!(refused(name(good)), None, "{good}");
        assert_eq!(refused(identity(good)), None, "{good}");
    }
    for bad in ["a", "", "a b", "a:b", "a/b", "a\u{e9}", &"x".repeat(65)] {
        assert_refused(name(bad), "the session name");
    }
    for bad in ["a", "", "a b", "a:b", &"x".repeat(257)] {
        assert_refused(identity(bad), "the source identity");
    }
    for good in ["ab", "a:b/c_+=,.@-", &"x".repeat(1_224)] {
        assert_eq!(refused(external(good)), None, "{good}");
    }
    for bad in ["a", "", "a b", "a#b", "a\u{e9}b", &"x".repeat(1_225)] {
        assert_refused(external(bad), "the external id");
    }
}

#[test]
fn a_session_lasts_900_to_43200_seconds_and_in_a_chain_3600() {
    let lasting = |seconds| RoleRequest {
        duration: Some(seconds),
        ..request()
    };
    for (seconds, alone, chained) in [
        (899, false, false),
        (900, true, true),
        (3_600, true, true),
        (3_601, true, false),
        (43_200, true, false),
        (43_201, false, false),
    ] {
        let check = |chained| Role::check(lasting(seconds), "session", chained).is_ok();
        assert_eq!((check(false), check(true)), (alone, chained), "{seconds}");
    }
}

#[test]
fn tags_are_within_the_limits_of_sts() {
    let tagged = |tags: Vec<Tag>| RoleRequest { tags, ..request() };
    let tag = |key: &str, value: &str| vec![(key.to_owned(), value.to_owned())];
    let numbered = |count: u32| {
        (0..count)
            .map(|n| (format!("k{n}"), String::new()))
            .collect()
    };
    for good in [
        tag("k", ""),
        tag("Kostenstelle \u{fc}_.:/=+-@", "\u{65e5}\u{672c}"),
        tag(&"k".repeat(128), &"v".repeat(256)),
        tag(&"\u{fc}".repeat(128), &"\u{fc}".repeat(256)),
        numbered(50),
    ] {
        assert_eq!(refused(tagged(good.clone())), None, "{good:?}");
    }
    assert_refused(tagged(numbered(51)), "more than 50 tags");
    for key in ["", "a;b", "a\tb", "aws:x", "AWS:x", &"k".repeat(129)] {
        assert_refused(tagged(tag(key, "")), "a tag's key");
        assert_refused(
            RoleRequest {
                transitive_tag_keys: vec![key.into()],
                ..request()
            },
            "a tag's key",
        );
    }
    for value in ["a;b", "a\nb", &"v".repeat(257)] {
        assert_refused(tagged(tag("k", value)), "a tag's value");
    }
    let twice = [tag("Team", "a"), tag("team", "b")].concat();
    assert_refused(tagged(twice), "two tags have the same key");
}

#[test]
fn a_session_policy_is_a_json_object_of_at_most_2048_characters() {
    let limited = |policy: &str| RoleRequest {
        session_policy: Some(policy.into()),
        ..request()
    };
    let of_size = |size: usize| format!("{{\"a\":\"{}\"}}", "\u{fc}".repeat(size - 8));
    for good in ["{}", " {\"Version\":\"2012-10-17\"} ", &of_size(2_048)] {
        assert_eq!(refused(limited(good)), None, "{good}");
    }
    assert_refused(limited(&of_size(2_049)), "has 2049 characters");
    for bad in ["", "[]", "\"x\"", "{", "{}}", "{a:1}", "/policy.json"] {
        assert_refused(limited(bad), "not a JSON object");
    }
}

#[test]
fn at_most_ten_managed_policies_are_named_by_their_arns() {
    let limited = |arns: Vec<&str>| RoleRequest {
        policy_arns: arns.into_iter().map(str::to_owned).collect(),
        ..request()
    };
    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    assert_eq!(refused(limited(vec![policy; 10])), None);
    assert_eq!(
        refused(limited(vec!["arn:aws:iam::123456789012:policy/p/x"])),
        None
    );
    assert_refused(limited(vec![policy; 11]), "more than 10 policy ARNs");
    for bad in ["", "x", ARN, "arn:aws:iam::x:policy/ReadOnlyAccess"] {
        assert_refused(limited(vec![bad]), "one of the policy ARNs");
    }
}

fn plan(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Chain, String> {
    let arguments = Arguments::parse(arguments.iter().map(|&a| a.to_owned())).unwrap();
    let variables = variables.iter().map(|&(name, value)| (name, value.into()));
    let planned = StsEnvironment::from_variables(variables)
        .and_then(|environment| Chain::plan(arguments, &environment));
    planned.map_err(|error| Error::from(error).to_string())
}

#[test]
fn only_a_later_hop_is_certain_to_be_chained() {
    let of = |first, second| {
        plan(
            &[
                "--region=eu-west-1",
                "--role-arn",
                ARN,
                "--duration",
                first,
                "--role-arn",
                ARN,
                "--duration",
                second,
            ],
            &[],
        )
    };
    assert!(of("7200", "3600").is_ok());
    let error = of("3600", "7200").unwrap_err();
    assert!(error.contains("lasts 3600 seconds at most"), "{error}");
}

#[test]
fn a_role_is_of_the_regions_partition() {
    let china = "arn:aws-cn:iam::123456789012:role/reader";
    let error = plan(&["--role-arn", china], &[("AWS_REGION", "eu-west-1")]).unwrap_err();
    assert!(
        error.contains("is not of the region's partition, aws "),
        "{error}"
    );
    assert!(plan(&["--role-arn", china], &[("AWS_REGION", "cn-north-1")]).is_ok());
    // What another endpoint knows, only it can tell.
    let elsewhere = ["--role-arn", china, "--sts-endpoint", "http://localhost:1"];
    assert!(plan(&elsewhere, &[("AWS_REGION", "eu-west-1")]).is_ok());
}

#[test]
fn each_role_of_a_chain_has_its_own_session_name_or_the_environments() {
    let chain = plan(
        &["--role-arn", ARN, "--role-arn", ARN, "--session-name=mine"],
        &[
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ROLE_SESSION_NAME", "theirs"),
        ],
    )
    .unwrap();
    let names: Vec<_> = chain
        .roles
        .iter()
        .map(|role| role.request().session_name.as_deref())
        .collect();
    assert_eq!(names, [Some("theirs"), Some("mine")]);
    let bad = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ROLE_SESSION_NAME", "a b"),
    ];
    let error = plan(&["--role-arn", ARN], &bad).unwrap_err();
    assert!(error.contains("AWS_ROLE_SESSION_NAME"), "{error}");
}

proptest! {
    #[test]
    fn no_role_panics_and_a_taken_arn_has_its_parts(
        arn in prop_oneof![".{0,60}", "arn:aws[a-z-]{0,8}:iam::[0-9]{11,13}:role/?[ -~]{0,20}"],
        text in ".{0,40}",
    ) {
        let request = RoleRequest {
            session_policy: Some(text.clone()),
            policy_arns: vec![arn.clone()],
            ..RoleRequest::new(arn.clone())
        };
        let _ = Role::check(request, &text, true);
        if let Ok(role) = Role::check(RoleRequest::new(arn.clone()), "session", true) {
            let prefix = format!("arn:{}:iam::", role.partition());
            prop_assert!(arn.starts_with(&prefix) && arn.contains(":role/"));
        }
    }
}
