//! The token of EKS on a node: who may read it, and how it is renewed.

use epicac_tests::aws::ACCOUNT;
use serde_json::{Value, json};

use crate::node::{Node, node};
use crate::page;
use crate::server::push;

const EPICAC: &str = "/opt/epicac/epicac";

/// Another user in one container would open the token to everybody.
#[test]
fn the_token_of_a_pod_with_a_user_is_for_that_user_alone() {
    let Some(node) = node() else { return };
    let mut pod = page::pod(node.cluster);
    pod["spec"]["securityContext"]["runAsUser"] = json!(1000);
    let pod = node.start_pod(pod, "with-a-user");
    pod.is_the_role();
    assert_eq!(pod.token_is_for(), (1000, 0o600));
    let why = pod.exec_with(&["--user", "2000:2000"], &[EPICAC]);
    let why = why.expect_err("the token is not this user's");
    assert!(why.contains("permission denied"), "{why}");
}

#[test]
fn so_it_is_by_the_annotation_where_the_container_names_the_user() {
    let Some(node) = node() else { return };
    crate::admission::with_policy();
    let mut pod = page::pod(node.cluster);
    let profile = format!("dest_role=arn:aws:iam::{ACCOUNT}:role/dest");
    pod["metadata"]["annotations"] = json!({"epicac.github.io/profiles": profile});
    let spec = pod["spec"].as_object_mut().expect("an object");
    spec.remove("initContainers");
    spec.remove("volumes");
    let container = &mut pod["spec"]["containers"][0];
    container["securityContext"]["runAsUser"] = json!(1000);
    for list in ["env", "volumeMounts"] {
        container[list] = json!([]);
    }
    let pod = node.start_pod(pod, "with-its-own-user");
    pod.is_the_role();
    assert_eq!(pod.token_is_for(), (1000, 0o600));
}

#[test]
fn a_token_that_the_kubelet_has_renewed_is_the_one_that_is_sent() {
    let Some(node) = node() else { return };
    let _alone = node.renews_alone();
    let pod = node.start_pod(page::pod(node.cluster), "token-renewed");
    pod.is_the_role();
    let token = node.renewed(|| pod.token());
    assert_eq!(node.times_sent(&token), 0);
    pod.exec(&[EPICAC]).expect("there are credentials");
    assert_eq!(node.times_sent(&token), 1);
    assert_eq!(pod.warnings(), [""; 0]);
}

/// The mount stays with the file that was there when the container was made.
#[test]
fn doctor_tells_of_a_token_that_is_never_renewed_because_it_is_mounted_by_sub_path() {
    let Some(node) = node() else { return };
    let _alone = node.renews_alone();
    let pod = node.start_pod(with_token_by_sub_path(node), "token-by-sub-path");
    pod.is_the_role();
    let found = pod.warnings();
    let [warning] = &found[..] else {
        panic!("one warning: {found:?}");
    };
    assert!(warning.contains("never renewed"), "{warning}");

    let in_the_volume = || pod.token_in("own", "token");
    let old = in_the_volume();
    let sent = node.times_sent(&old);
    let new = node.renewed(in_the_volume);
    pod.exec(&[EPICAC]).expect("the old one is still valid");
    assert_eq!(node.times_sent(&old), sent + 1);
    assert_eq!(node.times_sent(&new), 0);
}

/// A token of the pod's own, to whose variables EKS's webhook keeps.
fn with_token_by_sub_path(node: &Node) -> Value {
    let mut pod = page::pod(node.cluster);
    let token =
        json!({"audience": "pods.eks.amazonaws.com", "expirationSeconds": 600, "path": "token"});
    let volume = json!({"name": "own", "projected": {"sources": [{"serviceAccountToken": token}]}});
    push(&mut pod["spec"]["volumes"], volume);
    let container = &mut pod["spec"]["containers"][0];
    let mount =
        json!({"name": "own", "mountPath": "/var/run/own", "subPath": "token", "readOnly": true});
    push(&mut container["volumeMounts"], mount);
    for (name, value) in [
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.170.23/v1/credentials",
        ),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/own"),
    ] {
        push(&mut container["env"], json!({"name": name, "value": value}));
    }
    pod
}
