//! The MutatingAdmissionPolicy, compiled and applied by the API server's own code.

use std::fs;

use epicac_adopt::{ask, place};
use serde_json::{Value, json};

use crate::kubernetes::{installs, variable};

/// The volume that the policy adds.
const VOLUME: &str = "epicac-github-io";

/// What becomes of a pod when it is created.
fn admitted(pod: &str) -> Option<Value> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("pod.yaml");
    fs::write(&file, pod).expect("the pod can be written");
    let policy = place::repository("deploy/kubernetes/admission/policy.yaml");
    ask::judged(&["admit".into(), policy, file])
}

/// The pod that the policy makes of the example.
pub fn pod() -> Option<Value> {
    Some(admitted(&example())?["pod"]["spec"].clone())
}

fn example() -> String {
    let file = place::repository("deploy/kubernetes/examples/admission/pod.yaml");
    fs::read_to_string(file).expect("the example can be read")
}

#[test]
fn a_pod_that_asks_for_it_gets_epicac() {
    let Some(answer) = admitted(&example()) else {
        return;
    };
    assert_eq!(answer["matched"], true);
    let pod = &answer["pod"]["spec"];
    installs(pod, VOLUME);
    let arguments = json!([
        "install",
        "/opt/epicac",
        "--config",
        "--profile=dest_role=arn:aws:iam::222222222222:role/dest",
        "--profile=billing=arn:aws:iam::333333333333:role/billing",
    ]);
    assert_eq!(pod["initContainers"][0]["args"], arguments);
    assert_eq!(variable(&pod["containers"][0], "AWS_PROFILE"), "dest_role");
    let volumes = json!([{"name": VOLUME, "emptyDir": {"sizeLimit": "16Mi"}}]);
    assert_eq!(pod["volumes"], volumes);
}

#[test]
fn what_it_makes_is_allowed_by_pod_security_restricted() {
    let Some(answer) = admitted(&example()) else {
        return;
    };
    let Some(forbidden) = ask::judged_text("restricted", &answer["pod"].to_string()) else {
        return;
    };
    assert_eq!(forbidden, json!([]));
}

#[test]
fn a_pod_without_the_annotation_is_left_alone() {
    let other = example().replace("epicac.github.io/profiles", "example.com/profiles");
    for pod in [other, without_annotations()] {
        let Some(answer) = admitted(&pod) else { return };
        assert_eq!(answer["matched"], false);
        assert_eq!(answer["pod"]["spec"]["initContainers"], Value::Null);
    }
}

fn without_annotations() -> String {
    let lines = example();
    let lines = lines.lines().filter(|line| {
        !line.starts_with("  annotations:") && !line.contains("epicac.github.io/profiles")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A pod that was made from one that had been admitted must not get it twice.
#[test]
fn a_pod_that_has_it_is_left_alone() {
    let Some(once) = admitted(&example()) else {
        return;
    };
    let Some(twice) = admitted(&once["pod"].to_string()) else {
        return;
    };
    assert_eq!(twice["matched"], false);
    assert_eq!(twice["pod"]["spec"], once["pod"]["spec"]);
}

const WITH_ITS_OWN: &str = r"
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations:
    epicac.github.io/profiles: first=arn:aws:iam::222222222222:role/a,,
spec:
  volumes:
    - {name: data, emptyDir: {}}
  initContainers:
    - {name: migrate, image: m, command: [m], env: [{name: AWS_PROFILE, value: mine}]}
    - {name: proxy, image: p, restartPolicy: Always}
  containers:
    - name: one
      image: o
      command: [o]
      args: [a, b]
      env:
        - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
        - {name: AWS_CONFIG_FILE, value: /mine}
      volumeMounts:
        - {name: data, mountPath: /data}
    - {name: two, image: t}
";

#[test]
fn it_comes_before_the_other_init_containers_which_get_it_too() {
    let Some(answer) = admitted(WITH_ITS_OWN) else {
        return;
    };
    let pod = &answer["pod"]["spec"];
    installs(pod, VOLUME);
    let init = pod["initContainers"].as_array().expect("a list");
    let names: Vec<&Value> = init.iter().map(|container| &container["name"]).collect();
    assert_eq!(names, ["epicac", "migrate", "proxy"]);
    assert_eq!(
        variable(&init[2], "AWS_CONFIG_FILE"),
        "/opt/epicac/aws-config"
    );
    assert_eq!(init[2]["restartPolicy"], "Always");
    assert_eq!(init[1]["command"], json!(["m"]));
}

#[test]
fn what_the_pod_says_itself_stays() {
    let Some(answer) = admitted(WITH_ITS_OWN) else {
        return;
    };
    let pod = &answer["pod"]["spec"];
    assert_eq!(variable(&pod["initContainers"][1], "AWS_PROFILE"), "mine");
    let one = &pod["containers"][0];
    assert_eq!(variable(one, "AWS_CONFIG_FILE"), "/mine");
    let node = json!({"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}});
    assert_eq!(one["env"][0], node);
    assert_eq!(one["command"], json!(["o"]));
    assert_eq!(one["args"], json!(["a", "b"]));
    let mount = json!({"name": "data", "mountPath": "/data"});
    assert_eq!(one["volumeMounts"][0], mount);
    assert_eq!(pod["volumes"][0], json!({"name": "data", "emptyDir": {}}));
}

/// A profile that is not in the file would be an error of the SDK.
#[test]
fn who_has_a_config_file_of_its_own_gets_no_profile() {
    let own = "env: [{name: AWS_CONFIG_FILE, value: /mine}]";
    let pod = WITH_ITS_OWN.replace("env: [{name: AWS_PROFILE, value: mine}]", own);
    let Some(answer) = admitted(&pod) else {
        return;
    };
    let pod = &answer["pod"]["spec"];
    let variables = |container: &Value| -> Vec<Value> {
        let variables = container["env"].as_array().expect("a list").iter();
        variables.map(|variable| variable["name"].clone()).collect()
    };
    assert_eq!(variables(&pod["initContainers"][1]), ["AWS_CONFIG_FILE"]);
    assert_eq!(
        variables(&pod["containers"][0]),
        ["NODE", "AWS_CONFIG_FILE"]
    );
    // The others have both.
    for container in [&pod["initContainers"][2], &pod["containers"][1]] {
        assert_eq!(variables(container), ["AWS_CONFIG_FILE", "AWS_PROFILE"]);
    }
}

const WITH_VOLUMES_OF_THESE_NAMES: &str = r"
apiVersion: v1
kind: Pod
metadata:
  name: a
  annotations:
    epicac.github.io/profiles: first=arn:aws:iam::222222222222:role/a
spec:
  volumes:
    - {name: epicac, configMap: {name: a}}
  initContainers:
    - {name: migrate, image: m, volumeMounts: [{name: epicac, mountPath: /opt/epicac}]}
  containers:
    - {name: one, image: o, volumeMounts: [{name: epicac, mountPath: /opt/epicac, readOnly: true}]}
    - {name: two, image: t, volumeMounts: [{name: epicac, mountPath: /etc/own}]}
";

#[test]
fn volumes_and_mounts_of_the_pod_stay_beside_it() {
    let Some(answer) = admitted(WITH_VOLUMES_OF_THESE_NAMES) else {
        return;
    };
    let pod = &answer["pod"]["spec"];
    let volumes = json!([
        {"name": "epicac", "configMap": {"name": "a"}},
        {"name": VOLUME, "emptyDir": {"sizeLimit": "16Mi"}},
    ]);
    assert_eq!(pod["volumes"], volumes);

    let own = json!([{"name": "epicac", "mountPath": "/opt/epicac"}]);
    assert_eq!(pod["initContainers"][1]["volumeMounts"], own);
    let [one, two] = [0, 1].map(|index| &pod["containers"][index]);
    let own = json!([{"name": "epicac", "mountPath": "/opt/epicac", "readOnly": true}]);
    assert_eq!(one["volumeMounts"], own);
    let both = json!([
        {"name": "epicac", "mountPath": "/etc/own"},
        {"name": VOLUME, "mountPath": "/opt/epicac", "readOnly": true},
    ]);
    assert_eq!(two["volumeMounts"], both);
    // Rather no credentials than those of another role.
    assert_eq!(variable(one, "AWS_PROFILE"), "first");
}

/// Not with an empty `AWS_PROFILE`: SDKs would take that for the pod's own role.
#[test]
fn an_annotation_that_names_no_profile_asks_for_nothing() {
    for blank in ["", " ", " , "] {
        let pod: Vec<String> = example()
            .lines()
            .map(|line| match line.split_once("epicac.github.io/profiles:") {
                Some((indent, _)) => format!("{indent}epicac.github.io/profiles: '{blank}'"),
                None => line.to_owned(),
            })
            .collect();
        let Some(answer) = admitted(&pod.join("\n")) else {
            return;
        };
        assert_eq!(answer["matched"], false, "`{blank}`");
    }
}

/// The policy with an apply configuration alone would be refused: `args` and `drop` are atomic lists. Should
/// Kubernetes change that, this says so.
#[test]
fn an_apply_configuration_cannot_add_the_init_container() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let policy = folder.path().join("policy.yaml");
    let text = r"
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: a}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: |-
          Object{spec: Object.spec{initContainers: [Object.spec.initContainers{name: 'a', args: ['b']}]}}
";
    fs::write(&policy, text).expect("the policy can be written");
    let pod = place::repository("deploy/kubernetes/examples/admission/pod.yaml");
    let Some(answer) = ask::judge(&["admit".into(), policy, pod]) else {
        return;
    };
    let why = answer.expect_err("an atomic list is refused");
    assert!(why.contains("may not mutate atomic"), "{why}");
}
