//! The annotations beside that of the profiles: epicac as `/bin/sh`, and a sidecar.

use serde_json::{Value, json};

use crate::admission::{PROFILES, VOLUME, admitted, annotated, pod, sorted, with_policy};
use crate::manifests::variable;
use crate::server::{Cluster, PRIVILEGED, push};

const BIN_SH: &str = "epicac.github.io/bin-sh";
const SERVE: &str = "epicac.github.io/serve";
const URI: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

fn with_sidecar(pod: &Value) -> Value {
    let mut pod = pod.clone();
    pod["metadata"]["annotations"] = json!({SERVE: PROFILES});
    pod
}

fn must_admit(cluster: &Cluster, pod: &Value) -> Value {
    let admitted = admitted(cluster, pod);
    admitted.unwrap_or_else(|why| panic!("{why}: {pod}"))["spec"].clone()
}

#[test]
fn the_containers_that_are_named_get_epicac_as_their_shell() {
    let Some(cluster) = with_policy() else { return };
    let mine = json!({"name": "mine", "mountPath": "/bin/sh"});
    let pod = pod(json!({
        "volumes": [{"name": "mine", "emptyDir": {}}],
        "initContainers": [{"name": "first", "image": "i"}, {"name": "migrate", "image": "i"}],
        "containers": [
            {"name": "one", "image": "i"},
            {"name": "two", "image": "i"},
            {"name": "three", "image": "i", "volumeMounts": [mine]},
        ],
    }));
    let without = must_admit(cluster, &annotated(&pod, PROFILES));
    let mut named = annotated(&pod, PROFILES);
    named["metadata"]["annotations"][BIN_SH] = json!("one, migrate,three , none");
    let with = must_admit(cluster, &named);
    let shell =
        json!({"name": VOLUME, "mountPath": "/bin/sh", "subPath": "epicac", "readOnly": true});
    let mut expected = without;
    // The first of the init containers is epicac's.
    push(
        &mut expected["initContainers"][2]["volumeMounts"],
        shell.clone(),
    );
    push(&mut expected["containers"][0]["volumeMounts"], shell);
    assert_eq!(sorted(with), sorted(expected));
}

/// As by hand, where the policy is older: the policy merges its own volume with this one.
#[test]
fn a_mount_at_bin_sh_by_hand_is_kept() {
    let Some(cluster) = with_policy() else { return };
    let mount =
        json!({"name": VOLUME, "mountPath": "/bin/sh", "subPath": "epicac", "readOnly": true});
    let pod = pod(json!({
        "volumes": [{"name": VOLUME, "emptyDir": {}}],
        "containers": [{"name": "a", "image": "i", "volumeMounts": [mount]}],
    }));
    let with = must_admit(cluster, &annotated(&pod, PROFILES));
    let volume = json!([{"name": VOLUME, "emptyDir": {"sizeLimit": "16Mi"}}]);
    assert_eq!(with["volumes"], volume);
    let mounts = with["containers"][0]["volumeMounts"].as_array();
    let mounts = mounts.expect("a list");
    assert!(mounts.len() == 2 && mounts.contains(&mount), "{mounts:?}");
}

/// The sidecar of the kustomize component, in the pod of an annotation.
#[test]
fn a_pod_gets_the_sidecar_of_the_component() {
    let Some(cluster) = with_policy() else { return };
    let folder = epicac_adopt::place::repository("deploy/kubernetes/examples/sidecar");
    let built = cluster.create(&cluster.kustomize(&folder), PRIVILEGED, true);
    let built = built.expect("it is valid");
    let deployment = built.iter().find(|object| object["kind"] == "Deployment");
    let template = &deployment.expect("a Deployment")["spec"]["template"]["spec"];
    let plain = pod(json!({
        "securityContext": template["securityContext"],
        "initContainers": [{"name": "migrate", "image": "i"}],
        "containers": [{"name": "a", "image": "i"}],
    }));
    let both = {
        let mut pod = with_sidecar(&plain);
        pod["metadata"]["annotations"]["epicac.github.io/profiles"] = json!("other=arn");
        pod
    };
    for pod in [with_sidecar(&plain), both] {
        let with = must_admit(cluster, &pod);
        let mut sidecar = template["initContainers"][0].clone();
        sidecar["volumeMounts"][0]["name"] = json!(VOLUME);
        let arguments = sidecar["args"].as_array_mut().expect("a list");
        arguments.pop();
        arguments.push(json!(format!("--profile={PROFILES}")));
        assert_eq!(with["initContainers"][0], sidecar);
        let volume = json!({"name": VOLUME, "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}});
        assert_eq!(with["volumes"], json!([volume]));
        for container in [&with["initContainers"][1], &with["containers"][0]] {
            assert_eq!(
                container["env"],
                template["containers"][0]["env"]
                    .as_array()
                    .map_or(Value::Null, |env| {
                        env.iter()
                            .filter(|it| it["name"] != "AWS_REGION")
                            .cloned()
                            .collect()
                    })
            );
            let mount = json!({"name": VOLUME, "mountPath": "/var/run/epicac", "readOnly": true});
            assert_eq!(container["volumeMounts"], json!([mount]));
        }
    }
}

/// Under Kyverno, whose policies are webhooks, EKS may have been there before.
#[test]
fn the_variables_of_eks_are_replaced_and_those_of_another_endpoint_are_kept() {
    let Some(cluster) = with_policy() else { return };
    let env = |uri: &str, file: &str| json!([{"name": URI, "value": uri}, {"name": TOKEN_FILE, "value": file}]);
    let eks = env(
        "http://169.254.170.23/v1/credentials",
        "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token",
    );
    let own = env("http://127.0.0.1:9000/mine", "/mine");
    let pod = pod(json!({"containers": [
        {"name": "of-eks", "image": "i", "env": eks}, {"name": "own", "image": "i", "env": own},
        {"name": "half", "image": "i", "env": [own[1]]},
    ]}));
    let with = must_admit(cluster, &with_sidecar(&pod));
    let of_eks = &with["containers"][0];
    assert_eq!(
        variable(of_eks, URI),
        "http://127.0.0.1:8470/v1/credentials"
    );
    assert_eq!(variable(of_eks, TOKEN_FILE), "/var/run/epicac/token");
    assert_eq!(with["containers"][1]["env"], own);
    assert_eq!(with["containers"][2]["env"], json!([own[1]]));
}

#[test]
fn a_pod_gets_a_group_for_the_token_where_its_users_differ() {
    let Some(cluster) = with_policy() else { return };
    let user = |user: u32| json!({"runAsUser": user});
    for (of_pod, of_containers, group) in [
        (json!({}), [json!({}), json!({})], json!(65_532)),
        (json!({"fsGroup": 7}), [json!({}), json!({})], json!(7)),
        (user(5), [json!({}), user(5)], Value::Null),
        (json!({}), [user(5), user(5)], Value::Null),
        (user(5), [json!({}), user(6)], json!(65_532)),
        (json!({}), [user(5), json!({})], json!(65_532)),
    ] {
        let [one, two] = of_containers;
        let pod = pod(json!({"securityContext": of_pod, "containers": [
            {"name": "a", "image": "i", "securityContext": one}, {"name": "b", "image": "i", "securityContext": two},
        ]}));
        let with = must_admit(cluster, &with_sidecar(&pod));
        assert_eq!(with["securityContext"]["fsGroup"], group, "{pod}");
        let sidecar = &with["initContainers"][0]["securityContext"];
        assert_eq!(
            sidecar["runAsUser"],
            pod["spec"]["containers"][0]["securityContext"]["runAsUser"]
        );
        assert_eq!(sidecar["runAsNonRoot"], true);
    }
}
