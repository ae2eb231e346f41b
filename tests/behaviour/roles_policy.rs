//! Roles under a policy: what is built in, what a pinned one restricts, and the one thing that it adds.

use epicac_tests::{Epicac, Outcome, Sts};
use serde_json::{Value, json};

use crate::cases::{each, generous_agent};
use crate::policy::{EKS, file, policy_of, printed};
use crate::roles::{READER, WRITER, assuming, gets_role};
use crate::wall::standing;

const REGIONAL: &str = "https://sts.eu-central-1.amazonaws.com";

/// The effective policy of these role options, in the environment of a pod.
fn policy_with(options: &[&str]) -> Value {
    let epicac = Epicac::new()
        .full_uri(EKS)
        .var("AWS_REGION", "eu-central-1")
        .arg("policy");
    serde_json::from_str(&printed(&options.iter().fold(epicac, Epicac::arg).run())).unwrap()
}

#[test]
fn the_roles_are_printed() {
    let policy = policy_with(&[
        "--role-arn",
        READER,
        "--external-id=an-id",
        "--role-arn",
        WRITER,
        "--duration=1800",
        "--tag=a=b",
        "--session-policy={}",
    ]);
    let expected = json!({
        "arns": [READER, WRITER],
        "sts": [REGIONAL],
        "parameters": ["ExternalId", "Policy", "Tags"],
        "max_duration_seconds": 3600,
        "session_policy": "required",
        "proxy": null,
        "ca_bundle": null,
    });
    assert_eq!(policy["roles"], expected);
    let expected = json!([
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "HOSTNAME",
        "AWS_REGION"
    ]);
    assert_eq!(policy["environment"], expected);
    assert_eq!(policy_of(Epicac::new().full_uri(EKS))["roles"], Value::Null);
}

#[test]
fn they_are_explained() {
    let epicac = Epicac::new()
        .full_uri(EKS)
        .var("AWS_REGION", "eu-central-1");
    let epicac = epicac.arg("policy").arg("--explain").arg("--role-arn");
    let text = printed(&epicac.arg(READER).run());
    for (rule, granted) in [
        ("roles.arns", READER),
        ("roles.sts", REGIONAL),
        ("roles.max_duration_seconds", "3600"),
        ("environment", "AWS_REGION"),
    ] {
        let mut lines = text.lines();
        let found = lines.any(|line| line.starts_with(rule) && line.contains(granted));
        assert!(found, "{rule} {granted} in {text}");
    }
}

/// How a run with `asked` ends under the policy of `granted`, changed by `change`.
fn pinned(granted: &[&str], change: impl Fn(&mut Value), asked: &[&str]) -> (Outcome, usize) {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let printing = assuming(&agent, &sts, &["policy"]);
    let text = printed(&granted.iter().fold(printing, Epicac::arg).run());
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    change(&mut policy);
    let (_folder, path) = file(policy.to_string());
    let run = assuming(&agent, &sts, &["--policy", path.to_str().unwrap()]);
    let outcome = asked.iter().fold(run, Epicac::arg).run();
    (outcome, agent.connections() + sts.agent().connections())
}

#[test]
fn what_is_printed_passes() {
    let options = [
        "--role-arn",
        READER,
        "--role-arn",
        WRITER,
        "--external-id=an-id",
        "--tag=a=b",
        "--transitive-tag=a",
        "--policy-arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
    ];
    pinned(&options, |_| (), &options).0.succeeds();
    // And so does what is less.
    pinned(
        &options,
        |_| (),
        &[
            "--role-arn",
            READER,
            "--policy-arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
        ],
    )
    .0
    .succeeds();
}

#[test]
fn what_goes_beyond_it_names_the_rule_and_the_line() {
    let cases: [(&[&str], &str, &str); 5] = [
        (
            &["--role-arn", WRITER],
            "roles.arns",
            "\"arn:aws:iam::222222222222:role/writer\"",
        ),
        (
            &["--role-arn", READER, "--external-id=an-id"],
            "roles.parameters",
            "\"ExternalId\"",
        ),
        (
            &["--role-arn", READER, "--duration=7200"],
            "roles.max_duration_seconds",
            "\"max_duration_seconds\": 7200",
        ),
        (
            &["--role-arn", READER, "--sts-endpoint=http://127.0.0.1:1"],
            "roles.sts",
            "\"http://127.0.0.1:1\"",
        ),
        (&["--role-arn", READER, "--region=eu-central-1"], "", ""),
    ];
    each(&cases, |(asked, rule, line)| {
        let (outcome, connections) = pinned(&["--role-arn", READER], |_| (), asked);
        if rule.is_empty() {
            outcome.succeeds();
            return;
        }
        outcome.fails_with(&["beyond the policy", rule, line]);
        assert_eq!(connections, 0);
    });
}

#[test]
fn a_session_policy_can_be_required() {
    let require = |policy: &mut Value| {
        policy["roles"]["session_policy"] = json!("required");
        policy["roles"]["parameters"] = json!(["Policy"]);
    };
    let granted = ["--role-arn", READER];
    let (outcome, connections) = pinned(&granted, require, &granted);
    outcome.fails_with(&["roles.session_policy", "--session-policy"]);
    assert_eq!(connections, 0);
    let asked = ["--role-arn", READER, "--session-policy={}"];
    pinned(&granted, require, &asked).0.succeeds();
}

#[test]
fn a_policy_without_roles_grants_none() {
    let granted = ["--role-arn", READER];
    let without = |policy: &mut Value| {
        policy.as_object_mut().unwrap().remove("roles");
        policy["environment"] = json!(["AWS_CONTAINER_CREDENTIALS_FULL_URI"]);
    };
    let (outcome, connections) = pinned(&granted, without, &granted);
    outcome.fails_with(&["beyond the policy"]);
    assert_eq!(connections, 0);
    pinned(&granted, without, &[]).0.succeeds();
}

#[test]
fn proxy_and_bundle_are_part_of_it() {
    let agent = generous_agent();
    let pod = || {
        Epicac::asking(&agent)
            .var("AWS_REGION", "eu-central-1")
            .var(
                "HTTPS_PROXY",
                "http://user:secret-of-this-test@proxy.example:3128",
            )
            .var("AWS_CA_BUNDLE", "/etc/bundle.pem")
    };
    let text = printed(&pod().arg("policy").arg("--role-arn").arg(READER).run());
    assert!(!text.contains("secret-of-this-test"), "{text}");
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(policy["roles"]["proxy"], "http://proxy.example:3128");
    assert_eq!(policy["roles"]["ca_bundle"], "/etc/bundle.pem");
    for (member, line) in [
        ("ca_bundle", "\"ca_bundle\": \"/etc/bundle.pem\""),
        ("proxy", "\"proxy\": \"http://proxy.example:3128\""),
    ] {
        policy["roles"][member] = Value::Null;
        let (_folder, path) = file(policy.to_string());
        let epicac = pod().arg("--policy").arg(&path).arg("--role-arn");
        let rule = format!("roles.{member}");
        epicac.arg(READER).run().fails_with(&[&rule, line]);
    }
    assert_eq!(agent.connections(), 0);
}

#[test]
fn an_endpoint_that_is_not_of_aws_is_asked_only_under_a_policy_that_names_it() {
    let agent = generous_agent();
    // RFC 6761 §6.4: no resolver knows it, so that nobody is asked here in either case.
    let run = || {
        let epicac = Epicac::asking(&agent).var("AWS_ENDPOINT_URL_STS", "https://sts.invalid");
        epicac.arg("--role-arn").arg(READER)
    };
    let outcome = run().run();
    outcome.fails_with(&["request denied", "https://sts.invalid", "\"sts\""]);

    let printing = Epicac::asking(&agent).var("AWS_ENDPOINT_URL_STS", "https://sts.invalid");
    let printing = printing.arg("policy").arg("--role-arn").arg(READER);
    let (_folder, path) = file(printed(&printing.run()));
    let outcome = run().arg("--policy").arg(&path).run();
    outcome.fails_with(&["no connection to AWS STS", "sts.invalid"]);

    // Over http it is never asked.
    let epicac = Epicac::asking(&agent).var("AWS_ENDPOINT_URL_STS", "http://169.254.170.23");
    let outcome = epicac.arg("--role-arn").arg(READER).run();
    outcome.fails_with(&["request denied", "169.254.170.23"]);
    assert_eq!(agent.connections(), 0);
}

#[test]
fn the_wall_stands_with_roles_too() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let printing = assuming(&agent, &sts, &["policy", "--role-arn", READER]);
    let mut policy: Value = serde_json::from_str(&printed(&printing.run())).unwrap();
    policy["wall"] = json!(standing());
    let (_folder, path) = file(policy.to_string());
    let run = assuming(&agent, &sts, &["--policy", path.to_str().unwrap()]);
    gets_role(run.arg("--role-arn").arg(READER), 1);
}
