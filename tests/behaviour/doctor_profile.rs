//! `epicac doctor` runs what the profile has an SDK run, and claims no more than it tried.

use epicac_tests::sts::refusal;
use epicac_tests::{Epicac, Sts};
use serde_json::Value;
use tempfile::TempDir;

use crate::config_check::aws_config;
use crate::doctor::{Pod, check, report};
use crate::doctor_broken::fails;
use crate::policy::file;
use crate::roles::{READER, WRITER, secretive};

/// What doctor ends with where everything was tried.
const ALL: &str = "An SDK in this container gets credentials.";

/// doctor in a pod with this aws-config, of which the profile `p` is used.
fn doctor(pod: &Pod, text: &str) -> (TempDir, Epicac) {
    let (folder, path) = aws_config(text);
    let doctor = secretive(pod.doctor())
        .var("AWS_CONFIG_FILE", path)
        .var("AWS_PROFILE", "p")
        .var("AWS_REGION", "eu-central-1");
    (folder, doctor)
}

/// The same, where the profile has epicac run with these arguments.
fn running(pod: &Pod, arguments: &str) -> (TempDir, Epicac) {
    doctor(
        pod,
        &format!("[profile p]\ncredential_process = EPICAC {arguments}\n"),
    )
}

/// Asserts that no check fails, and what the report ends with.
#[track_caller]
fn ends_with(doctor: Epicac, last: &str) {
    let text = doctor.run().answers(0);
    assert_eq!(text.lines().last(), Some(last), "{text}");
}

/// Asserts that no check fails, and that this one warns.
#[track_caller]
fn warns(doctor: Epicac, name: &str, detail: &str) -> Value {
    let report = report(doctor, 0);
    let mut checks = report["checks"].as_array().unwrap().iter();
    let is_it = |check: &&Value| {
        let told = check["detail"].as_str().unwrap_or_default();
        check["check"] == name && check["verdict"] == "warn" && told.contains(detail)
    };
    assert!(checks.any(|check| is_it(&check)), "{detail} in {report:#}");
    report
}

#[test]
fn the_roles_of_the_command_are_assumed() {
    let (pod, sts) = (Pod::new(), Sts::start().unwrap());
    let arguments = format!("--role-arn {READER} --external-id=-abc --role-arn={WRITER}");
    let doctor = || {
        let (folder, doctor) = running(&pod, &arguments);
        (folder, doctor.var("AWS_ENDPOINT_URL_STS", sts.url()))
    };
    let (_folder, asking) = doctor();
    let report = report(asking, 0);
    let detail = check(&report, "credentials")["detail"].as_str().unwrap();
    assert!(detail.contains("of the account 222222222222 "), "{detail}");
    assert_eq!(sts.forms()[0]["ExternalId"], "-abc");
    let (_folder, asking) = doctor();
    ends_with(asking, ALL);

    sts.agent()
        .always(refusal(403, "AccessDenied", "not allowed to assume it"));
    let (_folder, asking) = doctor();
    fails(asking, "credentials", "AccessDenied", "");
}

#[test]
fn a_role_that_cannot_be_assumed_fails() {
    let pod = Pod::new();
    let (_folder, doctor) = running(&pod, "--role-arn nonsense");
    fails(
        doctor,
        "credentials",
        "nonsense: is not the ARN of a role",
        "",
    );
    assert_eq!(pod.agent.connections(), 0);
}

#[test]
fn the_policy_of_the_command_is_kept_unless_another_is_given() {
    let pod = Pod::new();
    let (_folder, doctor) = running(&pod, "--policy /nowhere.json");
    fails(doctor, "policy", "unreadable policy: /nowhere.json", "");

    let printing = Epicac::asking(&pod.agent).token_file(pod.token_file());
    let (_policy, policy) = file(printing.arg("policy").run().answers(0));
    let (_folder, doctor) = running(&pod, &format!("--policy {}", policy.display()));
    assert_eq!(check(&report(doctor, 0), "policy")["verdict"], "ok");
    let (_folder, doctor) = running(&pod, "--policy /nowhere.json");
    ends_with(doctor.arg("--policy").arg(&policy), ALL);
}

#[test]
fn a_policy_that_grants_no_role_is_broken_by_one() {
    let pod = Pod::new();
    let printing = Epicac::asking(&pod.agent).token_file(pod.token_file());
    let (_policy, policy) = file(printing.arg("policy").run().answers(0));
    let arguments = format!("--policy {} --role-arn {READER}", policy.display());
    let (_folder, doctor) = running(&pod, &arguments);
    let report = report(doctor, 1);
    let checks = report["checks"].as_array().unwrap();
    let roles = "roles: roles are to be assumed, and none is granted";
    assert!(
        checks.iter().any(|check| check["detail"] == roles),
        "{report:#}"
    );
    assert_eq!(check(&report, "credentials")["verdict"], "skipped");
}

#[test]
fn arguments_that_epicac_refuses_fail_and_are_not_shown() {
    let pod = Pod::new();
    for (arguments, reason) in [
        ("--polcy=hunter2", "unexpected argument '--polcy' found"),
        ("hunter2", "a word is neither an option nor"),
        ("doctor", "they ask for something else than credentials"),
    ] {
        let (_folder, doctor) = running(&pod, arguments);
        let report = fails(doctor, "profile", reason, "`epicac --help`");
        assert!(!report.to_string().contains("hunter2"), "{report:#}");
    }
}

#[test]
fn of_another_program_nothing_is_claimed() {
    let pod = Pod::new();
    let text = "[profile p]\ncredential_process = /bin/true --token hunter2\n";
    let asking = || doctor(&pod, text);
    let (_folder, doctor) = asking();
    let report = warns(doctor, "profile", "another program, /bin/true: not tried");
    assert!(!report.to_string().contains("hunter2"), "{report:#}");
    // Nor is anything told of epicac, which has no part in it.
    let checks = report["checks"].as_array().unwrap().iter();
    let names: Vec<_> = checks
        .map(|check| check["check"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["config", "profile", "profile"]);
    assert_eq!(pod.agent.connections(), 0);
    let (_folder, doctor) = asking();
    ends_with(doctor, NOTHING);
}

#[test]
fn another_program_is_not_found_by_the_remedies_of_epicac() {
    let text = "[profile p]\ncredential_process = aws-vault exec hunter2\n";
    let (_folder, path) = aws_config(text);
    let doctor = Epicac::new()
        .arg("doctor")
        .var("AWS_CONFIG_FILE", path)
        .var("AWS_PROFILE", "p");
    let report = fails(
        doctor,
        "config",
        "aws-vault, which is not there",
        "that program",
    );
    assert!(!report.to_string().contains("epicac"), "{report:#}");
}

#[test]
fn of_another_source_nothing_is_claimed() {
    const ROLE: &str = "role_arn = arn:aws:iam::222222222222:role/dest\n";
    let (_credentials, keys) = aws_config("[keys]\n");
    let pod = Pod::new();
    for (text, what) in [
        (
            format!(
                "{ROLE}source_profile = s\n[profile s]\naws_access_key_id = x\naws_secret_access_key = y\n{ROLE}source_profile = t\n\
                 [profile t]\ncredential_process = EPICAC\n"
            ),
            "another source, aws_access_key_id: not",
        ),
        (
            format!("{ROLE}source_profile = keys\n"),
            "another source, the profile keys of the credentials file: not",
        ),
        (
            format!("{ROLE}credential_source = Ec2InstanceMetadata\n"),
            "another source, credential_source Ec2InstanceMetadata: not",
        ),
    ] {
        let text = format!("[profile p]\n{text}");
        let asking = || {
            let (folder, doctor) = doctor(&pod, &text);
            (folder, doctor.var("AWS_SHARED_CREDENTIALS_FILE", &keys))
        };
        let (_folder, doctor) = asking();
        warns(doctor, "profile", what);
        let (_folder, doctor) = asking();
        ends_with(doctor, NOTHING);
    }
    let text = format!("[profile p]\n{ROLE}credential_source = EcsContainer\n");
    let (_folder, doctor) = doctor(&pod, &text);
    let role = "arn:aws:iam::222222222222:role/dest";
    let last =
        format!("The pod's own role has credentials; whether {role} may be assumed was not tried.");
    ends_with(doctor, &last);
}

/// An SDK would be the pod's own role, whose credentials doctor gets too.
#[test]
fn a_profile_without_credentials_fails() {
    let pod = Pod::new();
    for (text, detail, remedy) in [
        (
            "credentials_process = EPICAC\n",
            "no SDK knows the key credentials_process",
            "write credential_process",
        ),
        (
            "region = eu-central-1\n",
            "the profile p gives no credentials",
            "add credential_process",
        ),
    ] {
        let (_folder, doctor) = doctor(&pod, &format!("[profile p]\n{text}"));
        let report = fails(doctor, "config", detail, remedy);
        assert!(!report.to_string().contains(ALL), "{report:#}");
    }
}

/// A path that the aws-config names as epicac may lead to anything.
#[test]
fn what_is_no_regular_file_is_not_waited_for() {
    let pod = Pod::new();
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("epicac");
    let text = format!("[profile p]\ncredential_process = {}\n", program.display());
    let is_told = || {
        let (_folder, doctor) = doctor(&pod, &text);
        let report = fails(
            doctor,
            "config",
            "which this user cannot execute",
            "mode 0755",
        );
        assert_eq!(check(&report, "credentials")["verdict"], "ok", "{report:#}");
        assert!(!report.to_string().contains("sandbox"), "{report:#}");
    };
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &program, kind, 0o700.into(), 0).unwrap();
    is_told();
    std::fs::remove_file(&program).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &program).unwrap();
    is_told();
}

#[test]
fn a_role_that_the_sdk_assumes_is_not_claimed() {
    let pod = Pod::new();
    let text = format!(
        "[profile p]\nrole_arn = {READER}\nsource_profile = s\n[profile s]\ncredential_process = EPICAC\n"
    );
    let (_folder, doctor) = doctor(&pod, &text);
    let last = format!(
        "The pod's own role has credentials; whether {READER} may be assumed was not tried."
    );
    ends_with(doctor, &last);
}

#[test]
fn the_profile_that_python_takes_first_is_told() {
    let pod = Pod::new();
    let doctor = || running(&pod, "");
    let (_folder, other) = doctor();
    let detail = "Python and the AWS CLI take AWS_DEFAULT_PROFILE first, which names q";
    warns(other.var("AWS_DEFAULT_PROFILE", "q"), "profile", detail);
    let (_folder, same) = doctor();
    let report = report(same.var("AWS_DEFAULT_PROFILE", "p"), 0);
    assert!(!report.to_string().contains("AWS_DEFAULT_PROFILE"));
}

#[test]
fn what_is_wrong_with_a_profile_that_is_not_used_is_a_warning() {
    let pod = Pod::new();
    let used = format!(
        "[profile p]\nrole_arn = {READER}\nsource_profile = s\n[profile s]\ncredential_process = "
    );
    let unused = "[profile q]\ncredential_process = /nowhere/epicac\n";
    let (_folder, asking) = doctor(&pod, &format!("{used}EPICAC\n{unused}"));
    warns(asking, "config", "line 7: credential_process runs /nowhere");
    let (_folder, asking) = doctor(&pod, &format!("{used}/nowhere/epicac\n"));
    fails(asking, "config", "line 5: credential_process runs", "");
    let twice = format!("{used}EPICAC\n[services x]\na = b\na = c\n");
    let (_folder, asking) = doctor(&pod, &twice);
    fails(asking, "config", "line 8: a is already at line 7", "");
}

#[test]
fn what_stands_in_the_command_is_not_shown() {
    let pod = Pod::new();
    let arguments = format!("--role-arn {READER} --sts-endpoint https://user:hunter2@localhost:1");
    let (_folder, doctor) = running(&pod, &arguments);
    let report = fails(doctor, "credentials", "holds a user name or password", "");
    assert!(!report.to_string().contains("hunter2"), "{report:#}");
}

#[test]
fn a_profile_with_a_flaw_is_still_held_to_its_policy() {
    let pod = Pod::new();
    let elsewhere = Epicac::new().full_uri("http://127.0.0.1:1/");
    let (_policy, policy) = file(elsewhere.arg("policy").run().answers(0));
    let text = format!(
        "[profile p]\ncredential_process = EPICAC --policy {}\nregion = us-east-1 # y\n",
        policy.display()
    );
    let (_folder, doctor) = doctor(&pod, &text);
    let report = fails(
        doctor,
        "policy",
        "a variable is set that is not granted",
        "",
    );
    assert_eq!(check(&report, "credentials")["verdict"], "skipped");
}

/// What doctor ends with where it did not try what an SDK takes.
const NOTHING: &str = "No check failed; whether an SDK gets credentials was not tried.";

#[test]
fn of_credentials_that_come_first_nothing_is_claimed() {
    let pod = Pod::new();
    let (_folder, asking) = running(&pod, "");
    ends_with(asking.var("AWS_ACCESS_KEY_ID", "AKIA"), NOTHING);

    let (folder, keys) = aws_config("[default]\naws_access_key_id = AKIA\n[keys]\n");
    let in_file = || pod.doctor().var("AWS_SHARED_CREDENTIALS_FILE", &keys);
    ends_with(in_file(), NOTHING);
    ends_with(in_file().var("AWS_PROFILE", "keys"), NOTHING);
    drop(folder);
}

#[test]
fn of_another_file_of_that_name_nothing_is_claimed() {
    let pod = Pod::new();
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("epicac");
    std::fs::copy("/bin/true", &other).unwrap();
    let text = format!("[profile p]\ncredential_process = {}\n", other.display());
    let (_folder, asking) = doctor(&pod, &text);
    warns(asking, "profile", "another file called epicac");
    let (_folder, asking) = doctor(&pod, &text);
    ends_with(asking, NOTHING);
}

#[test]
fn a_profile_that_only_some_sdks_know_is_told() {
    let pod = Pod::new();
    let (_folder, path) = aws_config("[profile q]\ncredential_process = EPICAC\n");
    let doctor = pod.doctor().var("AWS_CONFIG_FILE", path);
    let doctor = doctor.var("AWS_REGION", "x-y-1");
    let detail = "AWS_DEFAULT_PROFILE names q, and the SDKs for Rust, Java and JavaScript";
    warns(doctor.var("AWS_DEFAULT_PROFILE", "q"), "profile", detail);
}
