//! The MutatingAdmissionPolicy in a real API server: a pod with the annotation becomes what the same pod without it
//! would be, with exactly what is promised beside it.

use std::sync::Once;

use epicac_adopt::isolated::until;
use epicac_adopt::place;
use serde_json::{Value, json};

use crate::server::{Cluster, PRIVILEGED, RESTRICTED, cluster, push};

const ANNOTATION: &str = "epicac.github.io/profiles";
pub const PROFILES: &str = "dest=arn:aws:iam::222222222222:role/dest";
pub const VOLUME: &str = "epicac-github-io";

/// The control plane with the policy in force.
pub fn with_policy() -> Option<&'static Cluster> {
    static POLICY: Once = Once::new();
    let cluster = cluster()?;
    POLICY.call_once(|| {
        let folder = place::repository("deploy/kubernetes/admission");
        let yaml = cluster.kustomize(&folder);
        // Another test creates the policies and deletes them again.
        let yaml = yaml.replace("ame: epicac\n", "ame: in-force\n");
        let yaml = yaml.replace("ame: epicac-serve\n", "ame: serve-in-force\n");
        cluster.apply(&yaml);
        let pod = annotated(
            &pod(json!({"containers": [{"name": "a", "image": "i"}]})),
            PROFILES,
        );
        let mut with_sidecar = pod.clone();
        with_sidecar["metadata"]["annotations"] = json!({"epicac.github.io/serve": PROFILES});
        for pod in [pod, with_sidecar] {
            until("the policies are in force", || {
                let admitted = admitted(cluster, &pod).ok()?;
                admitted["spec"]["initContainers"].is_array().then_some(())
            });
        }
    });
    Some(cluster)
}

/// Without the token for the Kubernetes API, whose volume gets another name each time.
pub fn pod(mut spec: Value) -> Value {
    spec["automountServiceAccountToken"] = json!(false);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec})
}

pub fn annotated(pod: &Value, profiles: &str) -> Value {
    let mut pod = pod.clone();
    pod["metadata"]["annotations"] = json!({ANNOTATION: profiles});
    pod
}

/// What the API server would keep of a new pod, or why it refuses it.
pub fn admitted(cluster: &Cluster, pod: &Value) -> Result<Value, String> {
    let mut created = cluster.create(&pod.to_string(), PRIVILEGED, true)?;
    Ok(created.remove(0))
}

/// What is promised to a pod that has these profiles, and nothing else.
fn promised(mut pod: Value, profiles: &[&str]) -> Value {
    let profile = profiles[0].split('=').next().expect("a name");
    let user = pod["containers"][0]["securityContext"]["runAsUser"].clone();
    let effective = match &user {
        Value::Null => &pod["securityContext"]["runAsUser"],
        user => user,
    };
    let mut security = json!({
        "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    });
    if *effective != 0 {
        security["runAsNonRoot"] = json!(true);
    }
    if !user.is_null() {
        security["runAsUser"] = user;
    }
    for list in ["initContainers", "containers"] {
        for container in pod[list].as_array_mut().into_iter().flatten() {
            let has = |list: &str, key: &str, value: &str| {
                let elements = container[list].as_array().into_iter().flatten();
                elements.filter(|element| element[key] == *value).count() > 0
            };
            let mount = json!({"name": VOLUME, "mountPath": "/opt/epicac", "readOnly": true});
            let config = json!({"name": "AWS_CONFIG_FILE", "value": "/opt/epicac/aws-config"});
            let variable = json!({"name": "AWS_PROFILE", "value": profile});
            let own_config = has("env", "name", "AWS_CONFIG_FILE");
            let own_profile = has("env", "name", "AWS_PROFILE");
            if !has("volumeMounts", "mountPath", "/opt/epicac") {
                push(&mut container["volumeMounts"], mount);
            }
            if !own_config {
                push(&mut container["env"], config);
            }
            if !own_config && !own_profile {
                push(&mut container["env"], variable);
            }
        }
    }
    push(
        &mut pod["volumes"],
        json!({"name": VOLUME, "emptyDir": {"sizeLimit": "16Mi"}}),
    );
    let mut arguments = vec![
        "install".to_owned(),
        "/opt/epicac".to_owned(),
        "--config".to_owned(),
    ];
    arguments.extend(
        profiles
            .iter()
            .map(|profile| format!("--profile={profile}")),
    );
    let epicac = json!({
        "name": "epicac", "image": "ghcr.io/epicac/epicac:0.1.0", "args": arguments,
        "imagePullPolicy": "IfNotPresent", "securityContext": security,
        "resources": {
            "requests": {"cpu": "50m", "memory": "32Mi"}, "limits": {"cpu": "50m", "memory": "32Mi"},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": [{"name": VOLUME, "mountPath": "/opt/epicac"}],
    });
    match pod["initContainers"].as_array_mut() {
        Some(containers) => containers.insert(0, epicac),
        None => pod["initContainers"] = json!([epicac]),
    }
    pod
}

/// Lists that are keyed are merged, and no order is promised but that of the init containers.
pub fn sorted(mut pod: Value) -> Value {
    // The whole text would depend on the order of its members.
    let key = |value: &Value| ["name", "mountPath", "subPath"].map(|key| value[key].to_string());
    if let Some(volumes) = pod["volumes"].as_array_mut() {
        volumes.sort_by_key(key);
    }
    for containers in ["initContainers", "containers"] {
        for container in pod[containers].as_array_mut().into_iter().flatten() {
            for list in ["env", "volumeMounts"] {
                if let Some(elements) = container[list].as_array_mut() {
                    elements.sort_by_key(key);
                }
            }
        }
    }
    pod
}

/// Pods of many forms, as others write them.
fn pods() -> Vec<Value> {
    let i = "i";
    vec![
        json!({"containers": [{"name": "a", "image": i}]}),
        json!({"initContainers": [], "volumes": [], "containers": [
            {"name": "a", "image": i, "env": [], "volumeMounts": []},
        ]}),
        json!({
            "volumes": [{"name": "data", "emptyDir": {}}],
            "initContainers": [
                {"name": "migrate", "image": i, "command": ["m"], "env": [{"name": "AWS_PROFILE", "value": "mine"}]},
                {"name": "proxy", "image": i, "restartPolicy": "Always"},
            ],
            "containers": [
                {
                    "name": "a", "image": i, "command": ["o"], "args": ["a", "b"],
                    "env": [
                        {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
                        {"name": "AWS_CONFIG_FILE", "value": "/mine"},
                    ],
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                },
                {"name": "b", "image": i},
            ],
        }),
        // A volume called `epicac` and a mount at epicac's folder are the pod's own.
        json!({
            "volumes": [{"name": "epicac", "configMap": {"name": "a"}}],
            "containers": [
                {"name": "a", "image": i, "volumeMounts": [{"name": "epicac", "mountPath": "/opt/epicac"}]},
                {"name": "b", "image": i, "volumeMounts": [{"name": "epicac", "mountPath": "/etc/own"}]},
            ],
        }),
        json!({"securityContext": {"runAsUser": 1000}, "containers": [{"name": "a", "image": i}]}),
        json!({"securityContext": {"runAsUser": 0}, "containers": [{"name": "a", "image": i}]}),
        json!({"containers": [
            {"name": "a", "image": i, "securityContext": {"runAsUser": 1000}},
            {"name": "b", "image": i, "securityContext": {"runAsUser": 1000}},
        ]}),
        json!({"securityContext": {"runAsUser": 1000}, "containers": [
            {"name": "a", "image": i, "securityContext": {"runAsUser": 0}},
        ]}),
        json!({"securityContext": {"runAsUser": 0}, "containers": [
            {"name": "a", "image": i, "securityContext": {"runAsUser": 1000}},
        ]}),
    ]
}

#[test]
fn a_pod_gets_exactly_what_is_promised() {
    let Some(cluster) = with_policy() else { return };
    for spec in pods() {
        let pod = pod(spec);
        let without = admitted(cluster, &pod).expect("it is valid");
        let with = admitted(cluster, &annotated(&pod, PROFILES));
        let with = with.unwrap_or_else(|why| panic!("{why}: {pod}"));
        let expected = promised(without["spec"].clone(), &[PROFILES]);
        assert_eq!(sorted(with["spec"].clone()), sorted(expected), "{pod}");
    }
}

/// The API server takes a variable that is there twice, with a warning.
#[test]
fn a_list_that_repeats_a_key_stays_as_it_is() {
    let Some(cluster) = with_policy() else { return };
    let twice = json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    let pod = pod(json!({"containers": [{"name": "a", "image": "i", "env": twice}]}));
    let pod = annotated(&pod, PROFILES).to_string();
    let arguments = [
        "create",
        "--namespace",
        PRIVILEGED,
        "--dry-run=server",
        "--output=json",
        "--filename",
        "-",
    ];
    let created = cluster.kubectl_with(&pod, arguments).expect("it is valid");
    let created: Value = serde_json::from_str(&created).expect("kubectl prints JSON");
    let env = created["spec"]["containers"][0]["env"]
        .as_array()
        .expect("a list");
    let kept: Vec<_> = env
        .iter()
        .filter(|variable| variable["name"] == "A")
        .collect();
    assert_eq!(json!(kept), twice);
}

#[test]
fn several_profiles_are_separated_by_commas_and_white_space_is_ignored() {
    let Some(cluster) = with_policy() else { return };
    let pod = pod(json!({"containers": [{"name": "a", "image": "i"}]}));
    let without = admitted(cluster, &pod).expect("it is valid");
    let with = admitted(cluster, &annotated(&pod, " ,a=r, \tb=s ,, "));
    let with = with.expect("it is valid");
    let expected = promised(without["spec"].clone(), &["a=r", "b=s"]);
    assert_eq!(sorted(with["spec"].clone()), sorted(expected));
}

/// epicac refuses it then, in a message that the pod shows.
#[test]
fn a_profile_without_a_role_is_handed_on_as_it_is() {
    let Some(cluster) = with_policy() else { return };
    let pod = pod(json!({"containers": [{"name": "a", "image": "i"}]}));
    let without = admitted(cluster, &pod).expect("it is valid");
    for malformed in ["a", "a=", "a:b c=d=e"] {
        let with = admitted(cluster, &annotated(&pod, malformed)).expect("it is valid");
        let expected = promised(without["spec"].clone(), &[malformed]);
        assert_eq!(sorted(with["spec"].clone()), sorted(expected));
    }
}

/// The example of deploy/kubernetes, in a namespace that enforces the level `restricted`.
#[test]
fn what_it_makes_of_the_example_is_restricted() {
    let Some(cluster) = with_policy() else { return };
    let file = place::repository("deploy/kubernetes/examples/admission/pod.yaml");
    let example = std::fs::read_to_string(file).expect("the example can be read");
    let created = cluster
        .create(&example, RESTRICTED, true)
        .expect("it is valid");
    assert_eq!(created[0]["spec"]["initContainers"][0]["name"], "epicac");
}

/// Not with an empty `AWS_PROFILE`: SDKs would take that for the pod's own role.
#[test]
fn an_annotation_that_names_no_profile_asks_for_nothing() {
    let Some(cluster) = with_policy() else { return };
    let pod = pod(json!({"containers": [{"name": "a", "image": "i"}]}));
    let without = admitted(cluster, &pod).expect("it is valid");
    let blanks = [
        "",
        " ",
        " , ",
        ",,",
        "\u{b}",
        "\u{85}",
        "\u{a0}",
        "\u{2003},\t\n",
    ];
    for blank in blanks {
        let with = admitted(cluster, &annotated(&pod, blank));
        let with = with.unwrap_or_else(|why| panic!("{blank:?}: {why}"));
        assert_eq!(with["spec"], without["spec"], "{blank:?}");
    }
}

#[test]
fn another_annotation_and_none_ask_for_nothing() {
    let Some(cluster) = with_policy() else { return };
    let mut pod = pod(json!({"containers": [{"name": "a", "image": "i"}]}));
    for annotations in [json!({}), json!({"example.com/profiles": PROFILES})] {
        pod["metadata"]["annotations"] = annotations;
        let admitted = admitted(cluster, &pod).expect("it is valid");
        assert_eq!(admitted["spec"]["initContainers"], Value::Null);
    }
}

/// A pod that was made from one that had been admitted must not get it twice.
#[test]
fn a_copy_and_an_update_are_left_alone() {
    let Some(cluster) = with_policy() else { return };
    let mut first = annotated(
        &pod(json!({"containers": [{"name": "a", "image": "i"}]})),
        PROFILES,
    );
    first["metadata"]["name"] = json!("updated");
    let mut created = cluster
        .create(&first.to_string(), PRIVILEGED, false)
        .expect("it is valid");
    let once = created.remove(0);

    let mut copy = pod(once["spec"].clone());
    copy["metadata"]["annotations"] = once["metadata"]["annotations"].clone();
    let copy = admitted(cluster, &copy).expect("it is valid");
    assert_eq!(copy["spec"], once["spec"]);

    let arguments = [
        "label",
        "pod",
        "updated",
        "a=b",
        "--namespace",
        PRIVILEGED,
        "--output=json",
    ];
    let updated = cluster.kubectl(arguments).expect("it can be changed");
    let updated: Value = serde_json::from_str(&updated).expect("kubectl prints JSON");
    assert_eq!(updated["spec"], once["spec"]);
}

/// As deploy/kubernetes/README.md says.
#[test]
fn what_is_refused_is_refused() {
    let Some(cluster) = with_policy() else { return };
    let own_container = json!({"containers": [{"name": "epicac", "image": "i"}]});
    let own_volume = json!({
        "volumes": [{"name": VOLUME, "configMap": {"name": "a"}}],
        "containers": [{"name": "a", "image": "i"}],
    });
    let windows = json!({"os": {"name": "windows"}, "containers": [{"name": "a", "image": "i"}]});
    for spec in [own_container, own_volume, windows] {
        let pod = pod(spec);
        assert!(admitted(cluster, &pod).is_ok(), "{pod}");
        assert!(
            admitted(cluster, &annotated(&pod, PROFILES)).is_err(),
            "{pod}"
        );
    }
}

#[test]
fn so_is_a_pod_where_less_than_epicac_asks_for_is_too_little() {
    let Some(cluster) = with_policy() else { return };
    let too_high = json!([{"type": "Container", "min": {"cpu": "100m", "memory": "64Mi"}}]);
    let limits = json!({
        "apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "limited"}},
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "limited"}},
            {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "a", "namespace": "limited"},
                "spec": {"limits": too_high}},
        ],
    });
    cluster.apply(&limits.to_string());
    let enough = json!({"requests": {"cpu": "1", "memory": "1Gi"}});
    let pod = pod(json!({"containers": [{"name": "a", "image": "i", "resources": enough}]}));
    assert!(cluster.create(&pod.to_string(), "limited", true).is_ok());
    let annotated = annotated(&pod, PROFILES).to_string();
    let why = until("the range is in force", || {
        cluster.create(&annotated, "limited", true).err()
    });
    assert!(
        why.contains("minimum cpu usage per Container is 100m"),
        "{why}"
    );
}

/// Nothing is silently without epicac: a pod of the class BestEffort becomes Burstable, a Guaranteed one stays so.
#[test]
fn the_class_of_a_pod_is_as_the_documentation_says() {
    let Some(cluster) = with_policy() else { return };
    let guaranteed = json!({"cpu": "1", "memory": "1Gi"});
    for (resources, before, after) in [
        (json!({}), "BestEffort", "Burstable"),
        (json!({"limits": guaranteed}), "Guaranteed", "Guaranteed"),
    ] {
        let pod = pod(json!({"containers": [{"name": "a", "image": "i", "resources": resources}]}));
        let class = |pod: Value| pod["status"]["qosClass"].clone();
        assert_eq!(class(admitted(cluster, &pod).expect("it is valid")), before);
        let with = admitted(cluster, &annotated(&pod, PROFILES)).expect("it is valid");
        assert_eq!(class(with), after);
    }
}
