//! Roles (docs/roles.md): one hop or several, what STS is asked, and what is made of its
//! answers.

use std::fs;
use std::time::Duration;

use epicac_tests::sts::{self, refusal};
use epicac_tests::{Agent, Answer, Epicac, Sts, credentials};
use serde_json::Value;

use crate::cases::{agent_with, each, generous_agent};

pub const READER: &str = "arn:aws:iam::111111111111:role/path/reader";
pub const WRITER: &str = "arn:aws:iam::222222222222:role/writer";

/// A run that assumes roles at this STS, on this machine.
pub fn assuming(agent: &Agent, sts: &Sts, arguments: &[&str]) -> Epicac {
    let epicac = secretive(Epicac::asking(agent)).var("AWS_ENDPOINT_URL_STS", sts.url());
    arguments.iter().fold(epicac, Epicac::arg)
}

/// A run that must not show the secrets of an assumed role.
pub fn secretive(epicac: Epicac) -> Epicac {
    epicac
        .secret(sts::SECRET_ACCESS_KEY)
        .secret(sts::SESSION_TOKEN)
}

/// The credentials of the `number`th role that the stand-in let be assumed.
#[track_caller]
pub fn gets_role(epicac: Epicac, number: usize) -> Value {
    let output = epicac.run().succeeds();
    assert_eq!(output["AccessKeyId"], format!("ASIAROLE{number}"));
    assert_eq!(output["SecretAccessKey"], sts::SECRET_ACCESS_KEY);
    assert_eq!(output["SessionToken"], sts::SESSION_TOKEN);
    output
}

#[test]
fn one_hop_gives_the_role_and_its_account() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let epicac = assuming(&agent, &sts, &["--role-arn", READER, "--session-name=me"]);
    assert_eq!(gets_role(epicac, 1)["AccountId"], "111111111111");
    let forms = sts.forms();
    assert_eq!(forms.len(), 1);
    let expected = [
        ("Action", "AssumeRole"),
        ("RoleArn", READER),
        ("RoleSessionName", "me"),
        ("Version", "2011-06-15"),
    ];
    let sent: Vec<_> = forms[0].iter().map(|(n, v)| (&**n, &**v)).collect();
    assert_eq!(sent, expected);
    assert_eq!(agent.requests().len(), 1);
}

#[test]
fn each_hop_is_signed_with_the_credentials_of_the_one_before() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let last = "arn:aws:iam::333333333333:role/last";
    let hops = [
        "--role-arn",
        READER,
        "--role-arn",
        WRITER,
        "--role-arn",
        last,
    ];
    assert_eq!(
        gets_role(assuming(&agent, &sts, &hops), 3)["AccountId"],
        "333333333333"
    );
    let requests = sts.agent().requests();
    let signers: Vec<_> = requests
        .iter()
        .map(|request| {
            let authorization = request.header("Authorization").unwrap();
            let (_, rest) = authorization.split_once("Credential=").unwrap();
            rest.split('/').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        signers,
        [credentials::ACCESS_KEY_ID, "ASIAROLE1", "ASIAROLE2"]
    );
    let tokens: Vec<_> = requests
        .iter()
        .map(|request| request.header("X-Amz-Security-Token").unwrap())
        .collect();
    assert_eq!(
        tokens,
        [
            credentials::SESSION_TOKEN,
            sts::SESSION_TOKEN,
            sts::SESSION_TOKEN
        ]
    );
}

#[test]
fn every_option_belongs_to_the_role_before_it() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("policy.json");
    fs::write(&policy, "{\n  \"Version\": \"2012-10-17\"\n}\n").unwrap();
    let epicac = assuming(
        &agent,
        &sts,
        &[
            "--role-arn",
            READER,
            "--external-id",
            "an/id",
            "--role-arn",
            WRITER,
            "--session-name=second",
            "--duration",
            "900",
            "--source-identity=someone",
            "--tag",
            "team=a b",
            "--tag=empty=",
            "--transitive-tag",
            "team",
            "--policy-arn=arn:aws:iam::aws:policy/ReadOnlyAccess",
            "--session-policy",
            policy.to_str().unwrap(),
        ],
    );
    gets_role(epicac.var("AWS_ROLE_SESSION_NAME", "by-default"), 2);
    let forms = sts.forms();
    let sent = |hop: usize, name: &str| forms[hop].get(name).map(String::as_str);
    assert_eq!(sent(0, "ExternalId"), Some("an/id"));
    assert_eq!(sent(0, "RoleSessionName"), Some("by-default"));
    assert_eq!(sent(0, "DurationSeconds"), None);
    for (name, value) in [
        ("RoleSessionName", "second"),
        ("DurationSeconds", "900"),
        ("SourceIdentity", "someone"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a b"),
        ("Tags.member.2.Key", "empty"),
        ("Tags.member.2.Value", ""),
        ("TransitiveTagKeys.member.1", "team"),
        (
            "PolicyArns.member.1.arn",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
        ),
        ("Policy", "{\n  \"Version\": \"2012-10-17\"\n}"),
    ] {
        assert_eq!(sent(1, name), Some(value), "{name}");
    }
    assert_eq!(sent(1, "ExternalId"), None);
}

#[test]
fn a_session_is_named_after_the_host() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    gets_role(
        assuming(&agent, &sts, &["--role-arn", READER]).var("HOSTNAME", "my.pod_1"),
        1,
    );
    gets_role(assuming(&agent, &sts, &["--role-arn", READER]), 2);
    let forms = sts.forms();
    assert_eq!(forms[0]["RoleSessionName"], "epicac-my.pod_1");
    // The kernel's name of it, when no shell has set the variable.
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let expected: String = format!("epicac-{}", host.trim()).chars().take(64).collect();
    assert_eq!(forms[1]["RoleSessionName"], expected);
}

#[test]
fn what_passes_is_tried_three_times() {
    each(
        &[
            refusal(400, "Throttling", "Rate exceeded"),
            refusal(503, "ServiceUnavailable", "later"),
            refusal(500, "InternalFailure", "sorry"),
            Answer::close(),
            Answer::reset(),
        ],
        |fault| {
            let (agent, sts) = (generous_agent(), Sts::start().unwrap());
            sts.agent().script([fault.clone(), fault.clone()]);
            gets_role(assuming(&agent, &sts, &["--role-arn", READER]), 3);
            sts.agent().always(fault.clone());
            assuming(&agent, &sts, &["--role-arn", READER])
                .run()
                .fails_with(&["STS"]);
            assert_eq!(sts.agent().connections(), 6);
            assert_eq!(agent.requests().len(), 2, "the agent is asked once a run");
        },
    );
}

#[test]
fn what_stays_is_told_at_once_with_its_remedy() {
    each(
        &[
            (403, "AccessDenied", "not authorized", "sts:TagSession"),
            (403, "ExpiredToken", "expired", "clock"),
            (403, "SignatureDoesNotMatch", "does not match", "proxy"),
            (400, "PackedPolicyTooLarge", "120%", "shorten"),
            (403, "RegionDisabledException", "disabled", "activate"),
            (
                403,
                "InvalidClientTokenId",
                "invalid",
                "enabled in the source role's account",
            ),
            (
                403,
                "SignatureDoesNotMatch",
                "Credential should be scoped to a valid region, not 'us-east-1'.",
                "name the region of this STS",
            ),
        ],
        |(status, code, message, remedy)| {
            let (agent, sts) = (generous_agent(), Sts::start().unwrap());
            sts.agent().always(refusal(*status, code, message));
            let outcome = assuming(&agent, &sts, &["--role-arn", READER]).run();
            outcome.fails_with(&[
                code,
                message,
                remedy,
                "01234567-89ab-cdef-0123-456789abcdef",
            ]);
            assert_eq!(sts.agent().connections(), 1);
        },
    );
}

#[test]
fn a_redirect_is_not_followed() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let elsewhere = generous_agent();
    let redirect = Answer::status(307).header("Location", &elsewhere.url_of("/"));
    sts.agent().always(redirect);
    let outcome = assuming(&agent, &sts, &["--role-arn", READER]).run();
    outcome.fails_with(&["307"]);
    assert_eq!(elsewhere.connections(), 0);
    assert_eq!(sts.agent().connections(), 1);
}

#[test]
fn without_base_credentials_sts_is_not_asked() {
    let (agent, sts) = (
        agent_with(Answer::text(403, "Access Denied\n")),
        Sts::start().unwrap(),
    );
    let outcome = assuming(&agent, &sts, &["--role-arn", READER]).run();
    outcome.fails_with(&["status 403"]);
    let outcome = secretive(Epicac::new())
        .var("AWS_ENDPOINT_URL_STS", sts.url())
        .arg("--role-arn")
        .arg(READER)
        .run();
    outcome.fails_with(&["no container credentials endpoint"]);
    assert_eq!(sts.agent().connections(), 0);
}

#[test]
fn what_sts_could_only_refuse_is_refused_before_any_request() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let long_name = format!("arn:aws:iam::222222222222:role/{}", "x".repeat(65));
    let large = format!("--session-policy={{\"Sid\": \"{}\"}}", "x".repeat(2_048));
    each(
        &[
            (&["--role-arn", "arn:aws:iam::1:role/x"][..], "ARN"),
            (&["--role-arn", &long_name], "is not the ARN of a role"),
            (
                &["--role-arn", READER, "--session-name", "x"],
                "session name",
            ),
            (&["--role-arn", READER, "--duration", "899"], "duration"),
            (&["--role-arn", READER, "--duration", "43201"], "duration"),
            (
                &[
                    "--role-arn",
                    READER,
                    "--role-arn",
                    WRITER,
                    "--duration=3601",
                ],
                "3600",
            ),
            (&["--role-arn", READER, "--tag", "aws:x=y"], "tag"),
            (&["--role-arn", READER, &large], "2048"),
            (&["--role-arn", READER, "--session-policy", "{"], "policy"),
            (
                &["--role-arn", READER, "--session-policy", "/nowhere"],
                "unreadable session policy",
            ),
            (
                &["--role-arn", READER, "--session-policy", "/dev/zero"],
                "unreadable session policy",
            ),
            (
                &["--role-arn", READER, "--policy-arn", "arn:aws:s3:::x"],
                "ARN",
            ),
        ],
        |(arguments, part)| {
            let outcome = assuming(&agent, &sts, arguments).run();
            outcome.fails_with(&[part]);
        },
    );
    assert_eq!(agent.connections() + sts.agent().connections(), 0);
}

#[test]
fn without_region_and_endpoint_it_says_so() {
    let agent = generous_agent();
    let outcome = Epicac::asking(&agent).arg("--role-arn").arg(READER).run();
    outcome.fails_with(&["region", "AWS_REGION"]);
    assert_eq!(agent.connections(), 0);
}

#[test]
fn arguments_that_make_no_sense_are_wrong_usage() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let wrong: [&[&str]; 13] = [
        &["--role-arn"],
        &["--role-arn="],
        &["--role-arn", "--region", "eu-central-1"],
        &["--region", "eu-central-1"],
        &["--sts-endpoint", "https://sts.amazonaws.com"],
        &["--external-id", "before", "--role-arn", READER],
        &["--role-arn", READER, "--external-id=a", "--external-id=b"],
        &["--role-arn", READER, "--region=a", "--region=b"],
        &["--role-arn", READER, "--duration", "an-hour"],
        &["--role-arn", READER, "--tag", "no-value"],
        &["--role-arn", READER, "--unknown", "x"],
        &["--role-arn", READER, "policy"],
        &["policy", "--role-arn", READER, "check", "policy.json"],
    ];
    each(&wrong, |arguments| {
        assuming(&agent, &sts, arguments).run().is_wrong_usage();
    });
    assert_eq!(agent.connections() + sts.agent().connections(), 0);
}

#[test]
fn whatever_sts_does_it_ends_within_the_budget() {
    each(
        &[
            Answer::stall(),
            sts::assumed(READER, "x", 1).dripping(Duration::from_millis(500)),
            sts::assumed(READER, "x", 1).delayed(Duration::from_secs(30)),
        ],
        |answer| {
            let (agent, sts) = (generous_agent(), Sts::start().unwrap());
            sts.agent().always(answer.clone());
            let hops = ["--role-arn", READER, "--role-arn", WRITER];
            let outcome = assuming(&agent, &sts, &hops).run();
            outcome.fails_with(&["STS"]);
            assert!(outcome.took.as_secs() < 27, "it took {:?}", outcome.took);
        },
    );
}

#[test]
fn the_region_is_that_of_the_command_line_or_else_the_environments() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        let epicac = assuming(&agent, &sts, &["--role-arn", READER]);
        epicac.var(variable, "eu-central-1").run().succeeds();
        let request = sts.agent().requests().pop().unwrap();
        let scope = request.header("Authorization").unwrap().to_owned();
        assert!(scope.contains("/eu-central-1/sts/aws4_request"), "{scope}");
    }
    // An argument wins.
    let epicac = assuming(&agent, &sts, &["--role-arn", READER, "--region=us-west-2"]);
    epicac.var("AWS_REGION", "eu-central-1").run().succeeds();
    let request = sts.agent().requests().pop().unwrap();
    let scope = request.header("Authorization").unwrap();
    assert!(scope.contains("/us-west-2/sts/aws4_request"), "{scope}");
}

/// An STS of AWS that is never asked here: what is wrong is told before any request.
fn before_any_request(variables: &[(&str, &str)], arguments: &[&str], parts: &[&str]) {
    let agent = generous_agent();
    let epicac = arguments.iter().fold(
        Epicac::asking(&agent).arg("--role-arn").arg(READER),
        Epicac::arg,
    );
    let epicac = variables
        .iter()
        .fold(epicac, |epicac, (name, value)| epicac.var(name, value));
    let outcome = epicac.run();
    outcome.fails_with(parts);
    assert_eq!(agent.connections(), 0);
}

#[test]
fn another_region_than_that_of_the_endpoint_is_told_by_both_names() {
    let regional = "https://sts.eu-central-1.amazonaws.com";
    let both = ["eu-central-1", "us-west-2", "--region or AWS_REGION"];
    for url in [
        regional,
        "https://STS.EU-CENTRAL-1.amazonaws.com.:443/",
        "https://sts-fips.eu-central-1.api.aws",
        "https://vpce-0a1b.sts.eu-central-1.vpce.amazonaws.com",
    ] {
        before_any_request(&[], &["--region=us-west-2", "--sts-endpoint", url], &both);
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            let region = (variable, "us-west-2");
            before_any_request(&[region], &["--sts-endpoint", url], &both);
            before_any_request(&[region, ("AWS_ENDPOINT_URL_STS", url)], &[], &both);
            before_any_request(&[region, ("AWS_ENDPOINT_URL", url)], &[], &both);
        }
    }
    let global = ("AWS_ENDPOINT_URL_STS", "https://sts.amazonaws.com");
    let region = ("AWS_REGION", "eu-central-1");
    before_any_request(&[global, region], &[], &["us-east-1", "eu-central-1"]);
    let both = ["eu-central-1", "but aws-global is named"];
    let region = ("AWS_REGION", "aws-global");
    before_any_request(&[("AWS_ENDPOINT_URL_STS", regional), region], &[], &both);
}

#[test]
fn what_is_no_region_is_told_by_its_name() {
    for region in [
        "fips-us-gov-west-1",
        "us-gov-west-1-fips",
        "us-east-1a",
        "use1-az1",
    ] {
        let parts = [region, "is not the code of a region"];
        before_any_request(&[("AWS_REGION", region)], &[], &parts);
        before_any_request(&[], &["--region", region], &parts);
    }
}

#[test]
fn a_wish_for_an_endpoint_is_never_dropped() {
    let region = ("AWS_REGION", "eu-central-1");
    for variable in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
        for value in ["1", "yes", " true"] {
            let parts = [variable, "is neither true nor false"];
            before_any_request(&[region, (variable, value)], &[], &parts);
        }
        let wish = (variable, "true");
        let parts = [variable, "aws-global", "name a region"];
        before_any_request(&[("AWS_REGION", "aws-global"), wish], &[], &parts);
    }
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    for value in ["", "false", "FALSE"] {
        let epicac = assuming(&agent, &sts, &["--role-arn", READER]);
        epicac.var("AWS_USE_FIPS_ENDPOINT", value).run().succeeds();
    }
}

#[test]
fn an_endpoint_for_all_services_is_named_with_the_way_out() {
    for url in [
        "https://minio.example.com",
        "http://minio.example.com",
        "https://minio.example.com/path",
    ] {
        let parts = ["AWS_ENDPOINT_URL ", "AWS_ENDPOINT_URL_STS"];
        let parts = if url.ends_with("path") {
            &parts[..1]
        } else {
            &parts[..]
        };
        before_any_request(&[("AWS_ENDPOINT_URL", url)], &[], parts);
    }
}

#[test]
fn credentials_of_another_role_are_refused() {
    for other in [
        "arn:aws:iam::111111111111:role/path/other",
        "arn:aws:iam::999999999999:role/path/reader",
        "arn:aws:iam::111111111111:role/path/reader-2",
    ] {
        let (agent, sts) = (generous_agent(), Sts::start().unwrap());
        sts.agent().always(sts::assumed(other, "x", 1));
        let outcome = assuming(&agent, &sts, &["--role-arn", READER]).run();
        outcome.fails_with(&["invalid response from AWS STS", READER]);
        assert_eq!(sts.agent().connections(), 1);
    }
}

#[test]
fn serve_names_the_profile_that_has_no_region() {
    let agent = generous_agent();
    let folder = tempfile::tempdir().unwrap();
    let epicac = Epicac::asking(&agent)
        .arg("serve")
        .arg(epicac_tests::Serving::token_option(folder.path()))
        .arg(format!("--profile=a={READER}"))
        .arg(format!("--profile=b={WRITER}"))
        .arg("--region=eu-central-1");
    epicac
        .run()
        .fails_with(&["profile a: ", "neither a region nor an endpoint is given"]);
}
