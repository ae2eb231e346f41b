//! EKS's webhook, played by a server of the tests. The API server asks it after all admission policies, as it asks the real one,
//! and it changes a pod as the real one does when the service account has an association.

use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use epicac_tests::{Agent, Answer, Authority, TlsServer};
use serde_json::{Value, json};

use crate::server::{Cluster, push};

/// The volume with the agent's token, and the file in it.
pub const TOKEN: &str = "eks-pod-identity-token";
/// Where the volume is mounted.
pub const FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
/// The region of the cluster.
const REGION: &str = "us-west-2";
const SKIP: &str = "eks.amazonaws.com/skip-containers";
const ADDRESS: ([u8; 4], u16) = ([10, 1, 0, 1], 8443);

/// A running webhook.
pub struct Webhook {
    _agent: Agent,
    _tls: TlsServer,
}

impl Webhook {
    /// Starts it, for the pods of a namespace.
    pub fn start(cluster: &Cluster, namespace: &str) -> Self {
        let (webhook, authority) = cluster.isolated.on_its_network(|| {
            let agent = Agent::start().expect("a port is free");
            agent.handle(|request| Some(Answer::json(&reviewed(&request.body))));
            let authority = Authority::new().expect("an authority can be made");
            let address = SocketAddr::from(ADDRESS);
            let name = address.ip().to_string();
            let tls = TlsServer::listen(address, agent.address(), &authority, &[&name]);
            let tls = tls.expect("the address is free");
            let webhook = Self {
                _agent: agent,
                _tls: tls,
            };
            (webhook, BASE64_STANDARD.encode(authority.pem()))
        });
        let configuration = json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration",
            "metadata": {"name": "pod-identity-webhook"},
            "webhooks": [{
                "name": "iam-for-pods.amazonaws.com",
                "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "failurePolicy": "Ignore", "reinvocationPolicy": "IfNeeded",
                "clientConfig": {"url": format!("https://{}", SocketAddr::from(ADDRESS)), "caBundle": authority},
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
                "rules": [{
                    "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
                }],
            }],
        });
        cluster.apply(&configuration.to_string());
        webhook
    }
}

/// The answer to an AdmissionReview.
fn reviewed(review: &[u8]) -> Value {
    let review: Value = serde_json::from_slice(review).expect("the API server sends JSON");
    let request = &review["request"];
    let expiration = 79_200 + RandomState::new().hash_one(()) % 7_201;
    let patch = patch(&request["object"], expiration).to_string();
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "response": {
            "uid": request["uid"], "allowed": true,
            "patchType": "JSONPatch", "patch": BASE64_STANDARD.encode(patch),
        },
    })
}

/// What it changes of a pod, as a JSON patch.
fn patch(pod: &Value, expiration: u64) -> Value {
    let skipped = pod["metadata"]["annotations"][SKIP].as_str();
    let skipped: Vec<_> = skipped
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    let mut patch = Vec::new();
    // Ephemeral containers are left alone.
    for list in ["containers", "initContainers"] {
        let mut containers = pod["spec"][list].clone();
        for container in containers.as_array_mut().into_iter().flatten() {
            if !skipped.contains(&container["name"].as_str().unwrap_or_default()) {
                add_to(container);
            }
        }
        if containers != pod["spec"][list] {
            patch.push(json!({"op": "add", "path": format!("/spec/{list}"), "value": containers}));
        }
    }
    if patch.is_empty() {
        return json!(patch);
    }
    if !has(&pod["spec"]["volumes"], &[TOKEN]) {
        let token = json!({
            "audience": "pods.eks.amazonaws.com", "expirationSeconds": expiration, "path": TOKEN,
        });
        let volume =
            json!({"name": TOKEN, "projected": {"sources": [{"serviceAccountToken": token}]}});
        let mut volumes = vec![volume];
        volumes.extend(
            pod["spec"]["volumes"]
                .as_array()
                .cloned()
                .unwrap_or_default(),
        );
        patch.push(json!({"op": "add", "path": "/spec/volumes", "value": volumes}));
    }
    let mut labels = pod["metadata"]["labels"].clone();
    labels["eks.amazonaws.com/pod-identity"] = json!("enabled");
    patch.push(json!({"op": "add", "path": "/metadata/labels", "value": labels}));
    json!(patch)
}

/// A container keeps its own region, and its own endpoint. The token is mounted even then, but not into a container that has
/// all that would be added.
fn add_to(container: &mut Value) {
    let token = format!("{FOLDER}/{TOKEN}");
    let groups = [
        &[("AWS_STS_REGIONAL_ENDPOINTS", "regional")][..],
        &[("AWS_DEFAULT_REGION", REGION), ("AWS_REGION", REGION)],
        &[
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                "http://169.254.170.23/v1/credentials",
            ),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token),
        ],
    ];
    let missing = groups.into_iter().filter(|group| {
        let names: Vec<_> = group.iter().map(|(name, _)| *name).collect();
        !has(&container["env"], &names)
    });
    let missing: Vec<_> = missing.flatten().collect();
    if missing.is_empty() {
        return;
    }
    for (name, value) in missing {
        push(&mut container["env"], json!({"name": name, "value": value}));
    }
    if !has(&container["volumeMounts"], &[TOKEN]) {
        let mount = json!({"name": TOKEN, "mountPath": FOLDER, "readOnly": true});
        push(&mut container["volumeMounts"], mount);
    }
}

/// Whether a list has an element with one of these names.
fn has(list: &Value, names: &[&str]) -> bool {
    let elements = list.as_array().into_iter().flatten();
    let mut found = elements.filter_map(|element| element["name"].as_str());
    found.any(|name| names.contains(&name))
}

/// A container of [`pods`] after the patch.
fn patched(pod: &Value, list: &str, number: usize) -> Value {
    let patch = patch(pod, 80_000);
    let path = format!("/spec/{list}");
    let patch = patch.as_array().expect("a list").iter();
    let changed = patch.filter(|operation| operation["path"] == *path);
    let changed = changed.map(|operation| &operation["value"]).next();
    changed.unwrap_or(&pod["spec"][list])[number].clone()
}

fn env_of(container: &Value) -> Vec<&str> {
    let env = container["env"].as_array().into_iter().flatten();
    env.filter_map(|variable| variable["name"].as_str())
        .collect()
}

/// As the real one was seen to do it.
#[test]
fn the_webhook_appends_what_is_missing_in_its_order() {
    let set = |names: &[&str]| -> Value {
        let env = names
            .iter()
            .map(|name| json!({"name": name, "value": "own"}));
        json!({"name": "a", "env": env.collect::<Vec<_>>()})
    };
    let (sts, default_region, region) = (
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
    );
    let (uri, file) = (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    );
    let rows: [(&[&str], &[&str], bool); 5] = [
        (&[], &[sts, default_region, region, uri, file], true),
        (&[region], &[region, sts, uri, file], true),
        (&[file], &[file, sts, default_region, region], true),
        (&[uri, default_region], &[uri, default_region, sts], true),
        (&[uri, region, sts], &[uri, region, sts], false),
    ];
    for (own, expected, mounted) in rows {
        for list in ["containers", "initContainers"] {
            let mut pod = json!({"metadata": {}, "spec": {}});
            pod["spec"][list] = json!([set(own)]);
            let container = patched(&pod, list, 0);
            assert_eq!(env_of(&container), expected, "{own:?}");
            assert_eq!(
                has(&container["volumeMounts"], &[TOKEN]),
                mounted,
                "{own:?}"
            );
        }
    }
}

#[test]
fn the_webhook_leaves_a_container_alone_that_is_to_be_skipped() {
    let containers = json!([{"name": "a"}, {"name": "b"}]);
    let mut pod = json!({
        "metadata": {"annotations": {SKIP: "other, a"}},
        "spec": {"containers": containers, "ephemeralContainers": containers, "volumes": [{"name": "own"}]},
    });
    assert_eq!(patched(&pod, "containers", 0), containers[0]);
    assert!(has(
        &patched(&pod, "containers", 1)["volumeMounts"],
        &[TOKEN]
    ));
    let changes = patch(&pod, 80_000);
    let changes = changes.as_array().expect("a list").iter();
    let paths: Vec<_> = changes.clone().map(|change| &change["path"]).collect();
    assert_eq!(
        paths,
        ["/spec/containers", "/spec/volumes", "/metadata/labels"]
    );
    let volumes = changes.clone().map(|change| &change["value"]).nth(1);
    let volumes = volumes.and_then(Value::as_array).expect("a list");
    assert_eq!(
        (&volumes[0]["name"], &volumes[1]["name"]),
        (&json!(TOKEN), &json!("own"))
    );
    pod["metadata"]["annotations"][SKIP] = json!("a,b");
    assert_eq!(patch(&pod, 80_000), json!([]));
}
