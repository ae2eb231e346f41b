//! `epicac doctor`: the way of the credentials, step by step, where all of it is well; doctor_broken.rs has
//! what is not.

use std::fs;
use std::path::PathBuf;

use epicac_tests::{Agent, Answer, Epicac, test_token};
use serde_json::Value;
use tempfile::TempDir;

use crate::cases::{agent_with, valid};
use crate::config_check::aws_config;
use crate::policy::file;

/// The checks, in their order.
const CHECKS: [&str; 9] = [
    "variables",
    "endpoint",
    "token",
    "clock",
    "wall",
    "policy",
    "credentials",
    "config",
    "profile",
];

/// A pod in which all is well, but for what a test breaks.
pub struct Pod {
    pub agent: Agent,
    pub token: String,
    folder: TempDir,
}

impl Pod {
    /// Beside an agent that answers by its rules.
    pub fn new() -> Pod {
        Pod::beside(Agent::start().unwrap())
    }

    pub fn beside(agent: Agent) -> Pod {
        let pod = Pod {
            agent,
            token: test_token(3600),
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(pod.token_file(), &pod.token).unwrap();
        pod
    }

    pub fn token_file(&self) -> PathBuf {
        self.folder.path().join("eks-pod-identity-token")
    }

    /// `epicac doctor` in it.
    pub fn doctor(&self) -> Epicac {
        Epicac::asking(&self.agent)
            .token_file(self.token_file())
            .secret(&self.token)
            .arg("doctor")
    }
}

/// What doctor says, as JSON, ending with this exit status.
pub fn report(doctor: Epicac, status: i32) -> Value {
    let text = doctor.arg("--json").run().answers(status);
    let report: Value = serde_json::from_str(text.trim_end()).expect("one JSON document");
    assert_eq!(report["version"], 1);
    assert_eq!(report["ok"], status == 0, "{text}");
    report
}

/// The first check of this name.
pub fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == name);
    check.unwrap_or_else(|| panic!("no {name} in {report}"))
}

/// Asserts that all is well but for what these verdicts say.
pub fn is_well_but(report: &Value, others: &[(&str, &str)]) {
    for name in CHECKS {
        let expected = others.iter().find(|(other, _)| *other == name);
        let expected = expected.map_or("ok", |(_, verdict)| verdict);
        assert_eq!(
            check(report, name)["verdict"],
            expected,
            "{name} in {report:#}"
        );
    }
}

#[test]
fn where_all_is_well_every_check_says_so() {
    let pod = Pod::new();
    let (_config, config) = aws_config(
        "[profile dest_role]\nrole_arn = arn:aws:iam::222222222222:role/dest\nsource_profile = src_role\n\
         region = eu-central-1\n[profile src_role]\ncredential_process = EPICAC\n",
    );
    let doctor = || {
        pod.doctor()
            .var("AWS_CONFIG_FILE", &config)
            .var("AWS_PROFILE", "dest_role")
    };
    let policy = Epicac::asking(&pod.agent)
        .token_file(pod.token_file())
        .arg("policy");
    let (_policy, policy) = file(policy.run().answers(0));

    let report = report(doctor().arg("--policy").arg(&policy), 0);
    is_well_but(
        &report,
        &[("wall", check(&report, "wall")["verdict"].as_str().unwrap())],
    );
    let names: Vec<_> = report["checks"].as_array().unwrap().iter().collect();
    assert!(names.iter().map(|check| &check["check"]).eq(CHECKS.iter()));
    for (name, part) in [
        ("token", "of system:serviceaccount:default:app, valid for "),
        (
            "credentials",
            "credentials of the account 000123456789 for ",
        ),
        (
            "profile",
            "dest_role (role_arn arn:aws:iam::222222222222:role/dest) by src_role",
        ),
    ] {
        let detail = check(&report, name)["detail"].as_str().unwrap();
        assert!(detail.contains(part), "{name}: {detail}");
    }
}

#[test]
fn without_an_aws_config_an_sdk_asks_by_itself() {
    let report = report(Pod::new().doctor(), 0);
    assert_eq!(check(&report, "config")["verdict"], "skipped");
    assert_eq!(check(&report, "policy")["verdict"], "skipped");
}

#[test]
fn for_people_it_is_a_line_a_check() {
    let pod = Pod::new();
    let text = pod.doctor().run().answers(0);
    let lines: Vec<_> = text.lines().collect();
    assert!(
        lines[0].starts_with("ok      variables   AWS_CONTAINER_"),
        "{text}"
    );
    assert_eq!(
        lines.last(),
        Some(&"An SDK in this container gets credentials.")
    );
    assert!(!text.contains('\x1b'), "{text}");

    let text = Epicac::new().arg("doctor").run().answers(1);
    assert!(text.starts_with("FAIL    variables   "), "{text}");
    assert!(
        text.contains(" (is the pod's service account associated"),
        "{text}"
    );
    assert!(text.ends_with("1 check failed.\n"), "{text}");
}

#[test]
fn it_asks_once_by_the_component() {
    let pod = Pod::new();
    report(pod.doctor(), 0);
    let requests = pod.agent.requests();
    let seen: Vec<_> = requests
        .iter()
        .map(|request| (request.method.as_str(), request.header("Authorization")))
        .collect();
    assert_eq!(seen, [("GET", Some(pod.token.as_str()))]);
}

#[test]
fn what_the_endpoint_takes_is_only_a_warning() {
    let pod = Pod::beside(agent_with(Answer::json(&valid())));
    fs::write(pod.token_file(), test_token(-60)).unwrap();
    let report = report(pod.doctor(), 0);
    let token = check(&report, "token");
    assert_eq!(token["verdict"], "warn");
    assert!(
        token["detail"]
            .as_str()
            .unwrap()
            .contains("it expired 1 min"),
        "{token}"
    );
}

#[test]
fn the_schema_of_the_documentation_is_kept() {
    let documentation = include_str!("../../docs/doctor.md");
    let report = report(Epicac::new().arg("doctor"), 1);
    for check in report["checks"].as_array().unwrap() {
        let name = check["check"].as_str().unwrap();
        assert!(documentation.contains(&format!("\n| `{name}` |")), "{name}");
        for member in check.as_object().unwrap().keys() {
            assert!(
                documentation.contains(&format!("\n| `checks[].{member}` |")),
                "{member}"
            );
        }
    }
    for member in report.as_object().unwrap().keys() {
        assert!(
            documentation.contains(&format!("\n| `{member}` |")),
            "{member}"
        );
    }
    for name in CHECKS {
        assert!(documentation.contains(&format!("\n| `{name}` |")), "{name}");
    }
}

#[test]
fn wrong_arguments_are_wrong_usage() {
    for argument in ["--policy", "--json=yes", "x"] {
        Epicac::new()
            .arg("doctor")
            .arg(argument)
            .run()
            .is_wrong_usage();
    }
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let doctor = Epicac::new().arg("doctor").stdout(full);
    doctor.run().fails_with(&["cannot write the answer"]);
}
