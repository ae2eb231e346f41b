//! `epicac doctor` where something is wrong with the token.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use epicac_tests::{Answer, Epicac, Namespace, test_token, test_token_with};
use serde_json::{Value, json};

use crate::agent_program::PROGRAM;
use crate::cases::{agent_with, valid};
use crate::doctor::{Pod, check, report};
use crate::doctor_broken::fails;

/// A pod with this in its token file, and what is wrong with it.
#[track_caller]
fn token_fails(content: &str, reason: &str, remedy: &str) -> Value {
    let pod = Pod::new();
    fs::write(pod.token_file(), content).unwrap();
    fails(pod.doctor(), "token", reason, remedy)
}

#[test]
fn a_token_file_that_is_missing() {
    let pod = Pod::new();
    fs::remove_file(pod.token_file()).unwrap();
    let report = fails(
        pod.doctor(),
        "token",
        "no such file",
        "volume mounted there",
    );
    assert_eq!(check(&report, "credentials")["verdict"], "fail");
}

#[test]
fn a_token_file_that_may_not_be_read() {
    let pod = Pod::new();
    let folder = pod.token_file().parent().unwrap().to_owned();
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(pod.token_file(), Permissions::from_mode(0o000)).unwrap();
    let mut doctor = pod.doctor();
    if rustix::process::geteuid().is_root() {
        doctor = doctor.user(65534);
    }
    fails(
        doctor,
        "token",
        "permission denied",
        "readable for this user",
    );
}

#[test]
fn a_token_file_that_is_a_folder() {
    let pod = Pod::new();
    fs::remove_file(pod.token_file()).unwrap();
    fs::create_dir(pod.token_file()).unwrap();
    fails(pod.doctor(), "token", "a directory", "volume mounted there");
}

#[test]
fn a_token_file_that_is_empty() {
    token_fails("", "holds no token", "the token alone");
}

#[test]
fn a_token_of_two_lines() {
    token_fails("first\nsecond", "line break", "on one line");
}

#[test]
fn a_token_that_is_too_large() {
    token_fails(
        &"t".repeat(65_537),
        "more than 65,536 bytes",
        "the token alone",
    );
}

#[test]
fn a_token_that_has_expired() {
    let report = token_fails(
        &test_token(-120),
        "it expired 2 min",
        "the kubelet renews it",
    );
    let detail = check(&report, "credentials")["detail"].as_str().unwrap();
    assert!(detail.contains("status 400"), "{detail}");
}

#[test]
fn a_token_that_is_not_valid_yet() {
    // It was issued in the past: this node's clock is right, or ahead.
    let later = test_token_with(json!({ "nbf": 4_000_000_000_u32 }), 3_000_000_000);
    let report = token_fails(&later, "it is valid only in", "a new one gets a new token");
    assert_eq!(check(&report, "clock")["verdict"], "ok");
    let later = json!({ "nbf": 4_000_000_000_u32, "iat": 4_000_000_000_u32 });
    let later = test_token_with(later, 3_000_000_000);
    let report = token_fails(&later, "it is valid only in", "the clock of the node");
    let clock = check(&report, "clock");
    assert_eq!(clock["verdict"], "fail");
    let remedy = clock["remedy"].as_str().unwrap();
    assert!(remedy.contains("the clock of the node"), "{remedy}");
}

#[test]
fn a_token_for_another_audience() {
    let token = test_token_with(json!({ "aud": ["sts.amazonaws.com"] }), 3600);
    token_fails(
        &token,
        "audience is not pods.eks.amazonaws.com",
        "not the one for the Kubernetes API",
    );
}

#[test]
fn a_token_says_for_whom_and_how_long() {
    for (claims, reason) in [
        (json!({ "aud": "sts.amazonaws.com" }), "audience is not"),
        (json!({ "aud": null }), "audience is not"),
        (json!({ "exp": null }), "it has no expiry"),
    ] {
        token_fails(&test_token_with(claims, 3600), reason, "");
    }
    let pod = Pod::new();
    let one = test_token_with(json!({ "aud": "pods.eks.amazonaws.com" }), 3600);
    fs::write(pod.token_file(), one).unwrap();
    assert_eq!(check(&report(pod.doctor(), 0), "token")["verdict"], "ok");
    // Of an agent that is none of EKS it may be anything.
    let good = test_token(3600);
    let parts: Vec<&str> = good.split('.').collect();
    for token in [
        "a.b.c.d".to_owned(),
        format!("{}.bm8.{}", parts[0], parts[2]),
        format!("bm8.{}.{}", parts[1], parts[2]),
        format!("{}.{}.a+b", parts[0], parts[1]),
    ] {
        let pod = Pod::beside(agent_with(Answer::json(&valid())));
        fs::write(pod.token_file(), token).unwrap();
        let report = report(pod.doctor(), 0);
        let token = check(&report, "token");
        assert_eq!(token["verdict"], "warn", "{token}");
        assert!(
            token["detail"]
                .as_str()
                .unwrap()
                .contains("no JSON Web Token")
        );
    }
}

#[test]
fn what_is_no_token_for_the_agent_of_eks() {
    let Some(namespace) = Namespace::link_local() else {
        return;
    };
    let agent = [PROGRAM, "--listen", "169.254.170.23:80", "--"];
    let doctor = || {
        let doctor = Epicac::new().full_uri("http://169.254.170.23/v1/credentials");
        doctor.under(namespace.prefix()).under(agent).arg("doctor")
    };
    let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
    fails(
        doctor().var(name, "a-token-of-somebody"),
        "token",
        "no JSON Web Token",
        "mounted there",
    );
}

#[test]
fn no_token_for_the_agent_of_eks() {
    // Nobody listens here: it is the address that says that a token is needed.
    let doctor = Epicac::new()
        .full_uri("http://[fd00:ec2::23]:1/v1/credentials")
        .arg("doctor");
    fails(
        doctor,
        "token",
        "neither AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE nor",
        "override it?",
    );
}
