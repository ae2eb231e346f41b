//! `epicac doctor` where something is wrong: each set-up is made, and doctor names the link that is broken and
//! what to do about it.

use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;

use epicac_tests::{Agent, Answer, Epicac, credentials};
use serde_json::Value;

use crate::cases::{agent_with, valid};
use crate::config_check::aws_config;
use crate::doctor::{Pod, check, report};
use crate::policy::file;

/// Asserts that doctor fails, and that this check is one that does, for this reason and with this remedy.
#[track_caller]
pub fn fails(doctor: Epicac, name: &str, reason: &str, remedy: &str) -> Value {
    let report = report(doctor, 1);
    let mut checks = report["checks"].as_array().unwrap().iter();
    let failed = checks.find(|check| check["check"] == name && check["verdict"] == "fail");
    let failed = failed.unwrap_or_else(|| panic!("{name} does not fail: {report:#}"));
    let told = |member: &str| failed[member].as_str().unwrap_or_default().to_owned();
    assert!(told("detail").contains(reason), "{reason} in {report:#}");
    // The component's line has its remedy in it.
    let member = match name == "credentials" && failed.get("remedy").is_none() {
        true => "detail",
        false => "remedy",
    };
    assert!(told(member).contains(remedy), "{remedy} in {report:#}");
    report
}

/// A pod whose agent answers in this way, and why there are no credentials.
#[track_caller]
fn answer_fails(answer: Answer, reason: &str, remedy: &str) -> Value {
    let pod = Pod::beside(agent_with(answer));
    fails(pod.doctor(), "credentials", reason, remedy)
}

/// A healthy pod with this aws-config and profile, and what is wrong with it.
#[track_caller]
fn config_fails(text: &str, profile: &str, reason: &str, remedy: &str) {
    let pod = Pod::new();
    let (_folder, path) = aws_config(text);
    let doctor = pod
        .doctor()
        .var("AWS_CONFIG_FILE", path)
        .var("AWS_PROFILE", profile);
    let report = fails(doctor, "config", reason, remedy);
    assert_eq!(check(&report, "credentials")["verdict"], "ok");
}

#[test]
fn no_variables() {
    let reason = "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor";
    let report = fails(
        Epicac::new().arg("doctor"),
        "variables",
        reason,
        "associated with a role",
    );
    for name in ["endpoint", "token", "clock", "credentials"] {
        assert_eq!(check(&report, name)["verdict"], "skipped", "{name}");
    }
}

#[test]
fn a_variable_that_is_not_utf8() {
    let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let doctor = Pod::new()
        .doctor()
        .var(name, std::ffi::OsStr::from_bytes(b"/\xff"));
    fails(doctor, "variables", name, "plain text");
}

#[test]
fn keys_in_the_environment_come_first() {
    let pod = Pod::new();
    for (name, remedy) in [
        ("AWS_ACCESS_KEY_ID", "the pod's specification"),
        (
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "annotation eks.amazonaws.com/role-arn of the service account",
        ),
    ] {
        let report = report(pod.doctor().var(name, "x"), 0);
        let variables = check(&report, "variables");
        assert_eq!(variables["verdict"], "warn");
        assert!(variables["detail"].as_str().unwrap().contains(name));
        assert!(variables["remedy"].as_str().unwrap().contains(remedy));
    }
}

#[test]
fn a_relative_uri_that_is_no_path() {
    let doctor = Epicac::new().relative_uri("@host/x").arg("doctor");
    fails(
        doctor,
        "endpoint",
        "does not begin with /",
        "does the pod's specification override it?",
    );
}

#[test]
fn a_host_that_must_not_be_asked() {
    let doctor = Epicac::new()
        .full_uri("http://example.com/v1")
        .arg("doctor");
    fails(
        doctor,
        "endpoint",
        "names the host example.com",
        "override it?",
    );
}

#[test]
fn an_https_endpoint() {
    let doctor = Epicac::new().full_uri("https://127.0.0.1/v1").arg("doctor");
    fails(
        doctor,
        "endpoint",
        "https endpoints are not allowed",
        "http endpoint of the agent",
    );
}

#[test]
fn no_agent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("http://{}/v1/credentials", listener.local_addr().unwrap());
    drop(listener);
    let doctor = Epicac::new().full_uri(uri).arg("doctor");
    fails(
        doctor,
        "credentials",
        "refused the connection",
        "Pod Identity Agent run on this node",
    );
}

#[test]
fn an_agent_that_speaks_no_http() {
    answer_fails(
        Answer::raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "valid HTTP",
        "is this a container credentials endpoint?",
    );
}

#[test]
fn a_403_of_the_agent() {
    let answer = Answer::text(403, "Access Denied. Called agent through invalid address\n");
    answer_fails(
        answer,
        "status 403: Access Denied",
        "does the role trust pods.eks.amazonaws.com?",
    );
}

#[test]
fn a_404_of_the_agent() {
    let pod = Pod::new();
    let doctor = Epicac::new()
        .full_uri(pod.agent.url_of("/v2"))
        .token(&pod.token)
        .arg("doctor");
    fails(
        doctor,
        "credentials",
        "status 404",
        "is the endpoint's path right",
    );
}

#[test]
fn a_429_of_the_agent() {
    answer_fails(
        Answer::text(429, "Too Many Requests\n"),
        "status 429",
        "try again later",
    );
}

#[test]
fn a_500_of_the_agent() {
    answer_fails(
        Answer::text(500, "internal\n"),
        "status 500",
        "the log of the EKS Pod Identity Agent",
    );
}

#[test]
fn a_redirect() {
    let answer = Answer::status(302).header("Location", "http://127.0.0.1:1/");
    answer_fails(answer, "status 302", "redirects are not followed");
}

#[test]
fn malformed_json() {
    answer_fails(
        Answer::body(200, "application/json", "{"),
        "JSON ends too early",
        "container credentials endpoint?",
    );
}

#[test]
fn a_field_that_is_missing() {
    let mut document = valid();
    document["Token"] = Value::Null;
    answer_fails(
        Answer::json(&document),
        "Token is not a string",
        "container credentials endpoint?",
    );
}

#[test]
fn credentials_of_the_past() {
    let document = credentials::expiring_in(-10);
    answer_fails(
        Answer::json(&document),
        "expired credentials",
        "the clock of this node",
    );
}

#[test]
fn an_aws_config_that_is_not_there() {
    let pod = Pod::new();
    let doctor = pod.doctor().var("AWS_CONFIG_FILE", "/nowhere/aws-config");
    fails(
        doctor,
        "config",
        "/nowhere/aws-config: no such file",
        "mount it there",
    );
    let doctor = pod.doctor().var("AWS_PROFILE", "dest_role");
    fails(
        doctor,
        "config",
        "AWS_PROFILE names dest_role",
        "set AWS_CONFIG_FILE",
    );
}

#[test]
fn a_profile_that_is_not_there() {
    config_fails(
        "[profile src_role]\ncredential_process = EPICAC\n",
        "dest_role",
        "AWS_PROFILE names dest_role",
        "add [profile dest_role]",
    );
}

#[test]
fn a_relative_path_of_the_program() {
    let text = "[profile p]\ncredential_process = ./epicac\nregion = x\n";
    config_fails(
        text,
        "p",
        "line 2: credential_process has a relative path",
        "an absolute path",
    );
}

#[test]
fn a_program_that_is_not_there() {
    let text = "[profile p]\ncredential_process = /nowhere/epicac\nregion = x\n";
    config_fails(
        text,
        "p",
        "line 2: credential_process runs /nowhere/epicac",
        "epicac install",
    );
}

#[test]
fn both_types_of_credentials_in_one_profile() {
    let text = "[profile p]\nrole_arn = arn:aws:iam::222222222222:role/dest\nsource_profile = p\n\
                credential_process = EPICAC\nregion = x\n";
    config_fails(
        text,
        "p",
        "line 4: role_arn and credential_process",
        "make two profiles",
    );
}

#[test]
fn a_source_profile_that_is_not_there() {
    let text =
        "[profile p]\nrole_arn = arn:aws:iam::222222222222:role/dest\nsource_profile = src_role\n";
    config_fails(
        text,
        "p",
        "line 3: there is no profile src_role",
        "add [profile src_role]",
    );
}

#[test]
fn a_policy_that_is_too_narrow() {
    let pod = Pod::new();
    let other = Agent::start().unwrap();
    let policy = Epicac::asking(&other).arg("policy").run().answers(0);
    let (_folder, path) = file(policy);
    let doctor = pod.doctor().arg("--policy").arg(&path);
    let report = fails(
        doctor,
        "policy",
        "a variable is set that is not granted",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    );
    let checks = report["checks"].as_array().unwrap();
    let broken = checks
        .iter()
        .filter(|check| check["check"] == "policy")
        .count();
    assert!(
        broken >= 3,
        "the variable, the file and the endpoint: {report:#}"
    );
    assert_eq!(pod.agent.connections(), 0);
}

#[test]
fn a_policy_that_cannot_be_read() {
    let doctor = Pod::new().doctor().arg("--policy").arg("/nowhere");
    fails(
        doctor,
        "policy",
        "unreadable policy",
        "epicac policy > FILE",
    );
}
