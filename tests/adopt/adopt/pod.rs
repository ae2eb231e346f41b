//! From the manifest to the other account: pods of `deploy/` and of its README, each with an application that knows
//! nothing of accounts.

use std::path::Path;
use std::process::{Command, Output};

use epicac_adopt::{ask, markdown};
use epicac_tests::application;
use epicac_tests::aws::{ACCOUNT, BUCKET};
use epicac_tests::root;
use serde_json::{Value, json};

use crate::kubelet::Kubelet;
use crate::{admission, kubernetes};

#[test]
fn boto3_reaches_the_other_account_by_the_pod_of_the_readme() {
    reaches(
        readme(),
        application::boto3(),
        "my-application",
        "222222222222:dest",
    );
}

/// It keeps the credentials of roles in its home, which docs/troubleshooting.md says; the SDKs write nowhere.
#[test]
fn so_does_the_aws_cli_with_a_home_that_it_can_write() {
    let (Some(mut pod), Some(cli)) = (readme(), application::aws_cli()) else {
        return;
    };
    let kubelet = Kubelet::of(pod.clone());
    if kubelet.initialise().is_none() {
        return;
    }
    let Some(seen) = kubelet.application("my-application", &cli) else {
        return;
    };
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("Read-only file system: '/.aws'"), "{seen}");

    let container = &mut pod["containers"][0];
    add(
        &mut container["env"],
        json!({"name": "HOME", "value": "/home/app"}),
    );
    add(
        &mut container["volumeMounts"],
        json!({"name": "home", "mountPath": "/home/app"}),
    );
    add(&mut pod["volumes"], json!({"name": "home", "emptyDir": {}}));
    reaches(Some(pod), Some(cli), "my-application", "222222222222:dest");
}

fn add(list: &mut Value, element: Value) {
    list.as_array_mut().expect("a list").push(element);
}

#[test]
fn what_kustomize_makes_for_one_account_reaches_it() {
    reaches(
        kubernetes::pod("examples/one-account"),
        application::boto3(),
        "my-application",
        "222222222222:dest",
    );
}

#[test]
fn of_many_accounts_each_container_reaches_its_own() {
    for (container, role) in [
        ("collector", "222222222222:reporting"),
        ("uploader", "444444444444:reporting"),
    ] {
        reaches(
            kubernetes::pod("examples/many-accounts"),
            application::boto3(),
            container,
            role,
        );
    }
}

#[test]
fn what_the_admission_policy_makes_reaches_the_other_account() {
    reaches(
        admission::pod(),
        application::boto3(),
        "my-application",
        "222222222222:dest",
    );
}

/// It must not go on as the pod's own role.
#[test]
fn without_the_init_container_the_sdk_names_the_profile_that_it_lacks() {
    let (Some(pod), Some(boto3)) = (readme(), application::boto3()) else {
        return;
    };
    let kubelet = Kubelet::of(pod);
    let Some(seen) = kubelet.application("my-application", &boto3) else {
        return;
    };
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("config profile (dest_role)"), "{seen}");
    assert_eq!(kubelet.eks.agent.requests().len(), 0);
}

#[test]
fn doctor_finds_nothing_wrong_in_the_container_of_the_application() {
    let Some(output) = epicac_beside_the_application(&["doctor"]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    for part in [
        "config      /opt/epicac/aws-config: nothing wrong",
        "profile     dest_role (role_arn arn:aws:iam::222222222222:role/dest)",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

/// The folder is one that everybody may write to; it is the mount that is read-only.
#[test]
fn the_application_cannot_replace_what_the_init_container_installed() {
    let other = "--profile=dest_role=arn:aws:iam::333333333333:role/other";
    let Some(output) = epicac_beside_the_application(&["install", "/opt/epicac", other]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("aws-config: Read-only file system"), "{said}");
}

/// What becomes of epicac with these arguments in the container of the application, by the pod of the README.
fn epicac_beside_the_application(arguments: &[&str]) -> Option<Output> {
    let kubelet = Kubelet::of(readme()?);
    kubelet.initialise()?;
    let root = root::folder(0o755);
    let container = kubelet.container("my-application");
    let program = [&["/opt/epicac/epicac"], arguments].concat();
    let mut started = kubelet.started(container, root.path(), Vec::new(), &program)?;
    Some(started.output().expect("unshare starts"))
}

/// One of them is what is read, the other one what is built.
#[test]
fn the_pod_of_the_readme_is_what_kustomize_makes() {
    let (Some(written), Some(made)) = (readme(), kubernetes::pod("examples/one-account")) else {
        return;
    };
    assert_eq!(written, made);
}

/// The pod in deploy/kubernetes/README.md.
fn readme() -> Option<Value> {
    let blocks = markdown::blocks(Path::new("deploy/kubernetes/README.md"));
    let pods: Vec<_> = blocks
        .iter()
        .filter(|block| block.language == "yaml" && block.text.contains("\nkind: Pod\n"))
        .collect();
    let [pod] = pods[..] else {
        panic!("one pod in the README: {pods:?}");
    };
    let objects = ask::judged_text("kubernetes", &pod.text)?;
    Some(objects[0]["spec"].clone())
}

/// Asserts that an application in a container of the pod is a role of the other account, given as `ACCOUNT:ROLE`.
fn reaches(pod: Option<Value>, application: Option<Command>, container: &str, role: &str) {
    let (Some(pod), Some(application)) = (pod, application) else {
        return;
    };
    let kubelet = Kubelet::of(pod);
    if kubelet.initialise().is_none() {
        return;
    }
    let Some(seen) = kubelet.application(container, &application) else {
        return;
    };
    let (account, role) = role.split_once(':').expect("an account and a role");
    let session = format!("arn:aws:sts::{account}:assumed-role/{role}/");
    let arn = seen["arn"].as_str().unwrap_or_default();
    assert!(arn.starts_with(&session), "not {session}: {seen}");
    let buckets = if account == ACCOUNT {
        json!([BUCKET])
    } else {
        json!([])
    };
    assert_eq!(seen["buckets"], buckets);
    assert!(!kubelet.eks.agent.requests().is_empty());
}
