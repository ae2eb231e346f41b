//! An application that only asks the endpoint, with epicac as a sidecar.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use epicac_adopt::ask::must_say;
use epicac_adopt::isolated::until;
use epicac_adopt::place;
use epicac_tests::aws::ACCOUNT;
use epicac_tests::sts;
use serde_json::{Value, json};

use crate::aws::{DENIED, SHORT_LIVED, STS};
use crate::node::{NAMESPACE, Node, node};
use crate::overlays::Kustomizations;
use crate::server::{RESTRICTED, push};
use crate::webhook::TOKEN;

/// The pod of deploy/kubernetes/examples/sidecar.
fn sidecar(node: &Node) -> Value {
    let folder = place::repository("deploy/kubernetes/examples/sidecar");
    let mut pod = node.pod_of(&node.built(&folder));
    find_sts(node, &mut pod);
    pod
}

/// Gives a pod the name and the authority of this test's STS.
fn find_sts(node: &Node, pod: &mut Value) {
    let spec = &mut pod["spec"];
    spec["hostAliases"] = json!([{"ip": "10.1.0.1", "hostnames": [STS]}]);
    let authority = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "authority", "namespace": NAMESPACE},
        "data": {"bundle.pem": node.sts.authority.pem()},
    });
    node.cluster.apply(&authority.to_string());
    let volume = json!({"name": "authority", "configMap": {"name": "authority"}});
    push(&mut spec["volumes"], volume);
    let epicac = &mut spec["initContainers"][0];
    let mount = json!({"name": "authority", "mountPath": "/etc/authority", "readOnly": true});
    push(&mut epicac["volumeMounts"], mount);
    let bundle = json!({"name": "AWS_CA_BUNDLE", "value": "/etc/authority/bundle.pem"});
    push(&mut epicac["env"], bundle);
}

#[test]
fn an_application_that_only_asks_the_endpoint_is_the_role_by_the_sidecar() {
    let Some(node) = node() else { return };
    let pod = node.start_pod(sidecar(node), "sidecar");
    pod.is_the_role();
    // Another test may just have started the kubelet again, which then probes once more.
    let epicac = until("the sidecar is started", || {
        let epicac = pod.object()["status"]["initContainerStatuses"][0].clone();
        (epicac["started"] == true).then_some(epicac)
    });
    assert_eq!(epicac["restartCount"], 0, "{epicac}");
    // In memory, for the sidecar and the pod's fsGroup.
    let volume = pod.volume("empty-dir", "epicac");
    let token = fs::metadata(volume.join("token")).expect("there is one");
    assert_eq!(
        (token.uid(), token.gid(), token.mode() & 0o777),
        (65_532, 65_532, 0o640)
    );
    let mut stat = Command::new("stat");
    stat.args(["--file-system", "--format=%T"]).arg(&volume);
    assert_eq!(must_say(&mut stat), "tmpfs\n");
    assert_eq!(pod.token_is_for(), (0, 0o640));
    // EKS has left the application alone, which cannot be the pod's own role.
    let container = pod.object()["spec"]["containers"][0].to_string();
    for of_eks in [TOKEN, "169.254.170.23"] {
        assert!(!container.contains(of_eks), "{container}");
    }
}

/// Without the annotation, EKS gives the containers the token, but not the address of the agent. A native sidecar of the
/// application is a container like the others.
#[test]
fn so_is_each_container_that_the_component_has_found() {
    let Some(node) = node() else { return };
    let kustomizations = Kustomizations::new();
    let native = r#"{"name": "native", "image": "registry.example/my-application:1.0.0",
        "restartPolicy": "Always", "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}"#;
    let patch = |path: &str, value: &str| {
        format!(
            "patches: [{{target: {{kind: Deployment}}, patch: '[{{\"op\": \"add\", \"path\": \"/spec/template/spec/{path}\", \"value\": {value}}}]'}}]\n"
        )
    };
    let application = "resources: [COMPONENTS/examples/application]\n";
    let application = application.to_owned() + &patch("initContainers", &format!("[{native}]"));
    kustomizations.write("application", &application);
    let role = format!("\"--profile=dest_role=arn:aws:iam::{ACCOUNT}:role/dest\"");
    let component = "resources: [../application]\ncomponents: [COMPONENTS/component-sidecar]\n";
    let component = component.to_owned() + &patch("initContainers/0/args/-", &role);
    let folder = kustomizations.write("sidecar", &component);
    let mut pod = node.pod_of(&node.built(&folder));
    find_sts(node, &mut pod);
    pod["spec"]["securityContext"]["fsGroup"] = json!(65_532);
    let pod = node.start_pod(pod, "sidecar-and-native");
    pod.is_the_role();
    pod.is_the_role_in("native", 0);
    let container = pod.object()["spec"]["containers"][0].clone();
    assert!(
        container["volumeMounts"].to_string().contains(TOKEN),
        "{container}"
    );
    assert!(
        !container["env"].to_string().contains("169.254.170.23"),
        "{container}"
    );
}

#[test]
fn so_is_a_pod_that_only_has_the_annotation() {
    let Some(node) = node() else { return };
    let cluster = crate::admission::with_policy().expect("there is a node");
    let folder = place::repository("deploy/kubernetes/examples/application");
    let mut pod = node.pod_of(&node.built(&folder));
    let profile = format!("dest_role=arn:aws:iam::{ACCOUNT}:role/dest");
    pod["metadata"]["annotations"] = json!({"epicac.github.io/serve": profile});
    pod["metadata"]["name"] = json!("admitted");
    // What the policy makes of it, so that the sidecar finds this test's STS.
    let admitted = cluster.create(&pod.to_string(), RESTRICTED, true);
    pod["spec"] = admitted.expect("it is valid")[0]["spec"].clone();
    find_sts(node, &mut pod);
    node.start_pod(pod, "sidecar-by-annotation").is_the_role();
}

/// It does not open the pod's tokens to others, as a user of its own would.
#[test]
fn the_sidecar_has_the_user_of_the_pod() {
    let Some(node) = node() else { return };
    let mut pod = sidecar(node);
    pod["spec"]["securityContext"]["runAsUser"] = json!(1000);
    let pod = node.start_pod(pod, "sidecar-with-a-user");
    pod.is_the_role();
    assert_eq!(pod.token_is_for(), (1000, 0o640));
}

/// Its wall, which stands before the first answer, lets it read what the kubelet writes later.
#[test]
fn the_sidecar_sends_the_token_that_the_kubelet_has_renewed() {
    let Some(node) = node() else { return };
    let _alone = node.renews_alone();
    let mut pod = sidecar(node);
    // Without a role, each question to it is one to the agent, where credentials end soon.
    without_role(&mut pod);
    let pod = node.start_pod(pod, SHORT_LIVED);
    pod.seen();
    let token = node.renewed(|| pod.token());
    until("the new token is sent", || {
        let probe = &pod.object()["spec"]["initContainers"][0]["startupProbe"]["exec"]["command"];
        let probe = probe.as_array().expect("a list").iter();
        let probe: Vec<_> = probe.filter_map(Value::as_str).collect();
        let probed = pod.exec_in("epicac", &[], &probe);
        probed.expect("there are credentials");
        (node.times_sent(&token) > 0).then_some(())
    });
}

#[test]
fn where_the_role_is_denied_the_application_does_not_start() {
    let Some(node) = node() else { return };
    let pod = node.start_pod(denied(node), "sidecar-denied");
    until("the probe has failed", || {
        let asked = node.sts.agent.requests();
        let denied = asked
            .iter()
            .filter(|it| sts::form(it)["RoleArn"].ends_with(DENIED));
        (denied.count() > 1).then_some(())
    });
    let status = &pod.object()["status"];
    assert_eq!(
        status["initContainerStatuses"][0]["started"], false,
        "{status}"
    );
    let state = &status["containerStatuses"][0]["state"];
    assert_eq!(state["waiting"]["reason"], "PodInitializing", "{status}");
}

/// The role is denied once the application runs: it must not call as the pod's own role.
#[test]
fn where_it_is_denied_later_the_application_fails() {
    let Some(node) = node() else { return };
    let mut pod = denied(node);
    let epicac = pod["spec"]["initContainers"][0].as_object_mut();
    epicac.expect("an object").remove("startupProbe");
    let pod = node.start_pod(pod, "sidecar-denied-later");
    let seen = pod.seen();
    assert!(seen["arn"].is_null(), "{seen}");
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("AccessDenied"), "{seen}");
}

fn denied(node: &Node) -> Value {
    let mut pod = sidecar(node);
    let profile = format!("--profile=dest_role=arn:aws:iam::{ACCOUNT}{DENIED}");
    without_role(&mut pod).push(json!(profile));
    pod
}

/// The arguments of the sidecar, the last of which was the role.
fn without_role(pod: &mut Value) -> &mut Vec<Value> {
    let arguments = pod["spec"]["initContainers"][0]["args"].as_array_mut();
    let arguments = arguments.expect("a list");
    arguments.pop();
    arguments
}
