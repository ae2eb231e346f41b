//! What others do with a kustomization that has one of the components: ordinary overlays, beside the component and
//! above it, give manifests that the API server takes.

use std::fs;
use std::path::{Path, PathBuf};

use epicac_adopt::place;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::manifests::variable;
use crate::page;
use crate::server::{Cluster, RESTRICTED, cluster};

const COMPONENTS: [&str; 3] = ["component", "component-image-volume", "component-sidecar"];

/// The kinds with a pod's template, how their spec begins, and where their pod is.
const KINDS: [(&str, &str, &str, &str); 5] = [
    (
        "Deployment",
        "apps/v1",
        "selector: {matchLabels: {app: a}}",
        "/spec/template",
    ),
    (
        "StatefulSet",
        "apps/v1",
        "selector: {matchLabels: {app: a}}",
        "/spec/template",
    ),
    (
        "DaemonSet",
        "apps/v1",
        "selector: {matchLabels: {app: a}}",
        "/spec/template",
    ),
    ("Job", "batch/v1", "completions: 1", "/spec/template"),
    (
        "CronJob",
        "batch/v1",
        "schedule: '@daily'",
        "/spec/jobTemplate/spec/template",
    ),
];

/// A pod with everything that one may have, allowed at the level `restricted`.
const POD: &str = "{
  restartPolicy: RESTART,
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},
  initContainers: [
    {name: first, image: i, securityContext: SECURITY},
    {name: migrate, image: i, securityContext: SECURITY},
    {name: last, image: i, securityContext: SECURITY}
  ],
  containers: [
    {
      name: one, image: i, securityContext: SECURITY,
      env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}],
      volumeMounts: [{name: data, mountPath: /data}]
    },
    {name: two, image: i, securityContext: SECURITY}
  ],
  volumes: [{name: data, emptyDir: {}}]
}";
const SECURITY: &str = "{allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}";

/// What an overlay patches in a pod, as a strategic merge of it.
const MERGES: [&str; 3] = [
    "{containers: [{name: one, resources: {limits: {memory: 64Mi}, requests: {cpu: 10m}}}]}",
    "{containers: [{name: two, env: [{name: LOG_LEVEL, value: debug}]}]}",
    "{containers: [{name: one, volumeMounts: [{name: more, mountPath: /more, readOnly: true}]}],
      volumes: [{name: more, emptyDir: {}}]}",
];
/// The same as JSON patches, by the path in the pod.
const PATCHES: [(&str, &str); 3] = [
    (
        "/containers/0/resources",
        "{limits: {memory: 64Mi}, requests: {cpu: 10m}}",
    ),
    ("/containers/0/env/-", "{name: LOG_LEVEL, value: debug}"),
    ("/volumes/-", "{name: more, emptyDir: {}}"),
];

/// Folders with kustomizations, which are gone when this is dropped.
pub struct Kustomizations(TempDir);

impl Kustomizations {
    /// A kustomization may refer to others only by relative paths.
    pub fn new() -> Self {
        let made = tempfile::Builder::new()
            .prefix("epicac-kustomizations")
            .tempdir_in(place::repository("target"));
        Self(made.expect("a folder can be made"))
    }

    /// Writes a kustomization, in whose text `COMPONENTS` stands for the folder of the components.
    pub fn write(&self, name: &str, kustomization: &str) -> PathBuf {
        let folder = self.0.path().join(name);
        fs::create_dir_all(&folder).expect("a folder can be made");
        let text = kustomization.replace("COMPONENTS", "../../../deploy/kubernetes");
        fs::write(folder.join("kustomization.yaml"), text).expect("it can be written");
        folder
    }

    /// One with a workload of each kind, `workloads.yaml`, beside its own text.
    fn with_workloads(&self, name: &str, kustomization: &str) -> PathBuf {
        let text = format!("resources: [workloads.yaml]\n{CONFIG}{kustomization}");
        let folder = self.write(name, &text);
        fs::write(folder.join("workloads.yaml"), workloads()).expect("it can be written");
        folder
    }
}

/// What the component for image volumes asks for.
const CONFIG: &str = "configMapGenerator: [{name: aws-config, literals: [aws-config=a]}]\n";

fn workloads() -> String {
    let mut text = String::new();
    for (kind, version, spec, template) in KINDS {
        let restart = if version == "apps/v1" {
            "Always"
        } else {
            "Never"
        };
        let pod = POD
            .replace("SECURITY", SECURITY)
            .replace("RESTART", restart);
        let template = nested(
            template.trim_start_matches("/spec/"),
            &format!("{{metadata: {{labels: {{app: a}}}}, spec: {pod}}}"),
        );
        let name = kind.to_lowercase();
        text += &format!(
            "---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}, {template}}}\n"
        );
    }
    text
}

/// `a/b` and a value as `a: {b: value}`.
fn nested(path: &str, value: &str) -> String {
    path.rsplit('/')
        .fold(String::new(), |inner, key| match &*inner {
            "" => format!("{key}: {value}"),
            inner => format!("{key}: {{{inner}}}"),
        })
}

/// Every overlay, as entries of `patches`.
fn overlays() -> Vec<String> {
    let mut all = vec![
        merge("Deployment", "apps/v1", "replicas: 2"),
        patch("Deployment", "/spec/replicas", "2"),
    ];
    for change in MERGES {
        all.push(for_each_kind(|kind, version, template| {
            let path = format!("{}/spec", template.trim_start_matches("/spec/"));
            merge(kind, version, &nested(&path, change))
        }));
    }
    for (path, value) in PATCHES {
        all.push(for_each_kind(|kind, _, template| {
            patch(kind, &format!("{template}/spec{path}"), value)
        }));
    }
    all
}

fn for_each_kind(of: impl Fn(&str, &str, &str) -> String) -> String {
    let kinds = KINDS.iter();
    kinds
        .map(|(kind, version, _, template)| of(kind, version, template))
        .collect()
}

/// A strategic merge patch.
fn merge(kind: &str, version: &str, spec: &str) -> String {
    let spec = spec.replace('\n', " ");
    let name = kind.to_lowercase();
    format!(
        "  - patch: |-\n      apiVersion: {version}\n      kind: {kind}\n      metadata: {{name: {name}}}\n      spec: {{{spec}}}\n"
    )
}

/// A JSON patch.
fn patch(kind: &str, path: &str, value: &str) -> String {
    format!(
        "  - target: {{kind: {kind}}}\n    patch: |-\n      - op: add\n        path: {path}\n        value: {value}\n"
    )
}

/// The pods of what the API server created.
fn pods(created: &[Value]) -> Vec<&Value> {
    let of = |object: &Value| {
        KINDS
            .iter()
            .find(|(kind, ..)| object["kind"] == *kind)
            .copied()
    };
    created
        .iter()
        .filter_map(|object| object.pointer(&format!("{}/spec", of(object)?.3)))
        .collect()
}

fn created(cluster: &Cluster, folder: &Path) -> Vec<Value> {
    let yaml = cluster.kustomize(folder);
    let created = cluster.create(&yaml, RESTRICTED, true);
    created.unwrap_or_else(|why| panic!("{why}\n{yaml}"))
}

/// What the pods of a component have, and what they had before.
fn has_epicac(pod: &Value, component: &str) {
    let config = |file| [("AWS_CONFIG_FILE", file), ("AWS_PROFILE", "dest_role")];
    let (path, variables) = match component {
        "component" => ("/opt/epicac", config("/opt/epicac/aws-config")),
        "component-image-volume" => ("/opt/epicac", config("/etc/epicac/aws-config")),
        _ => (
            "/var/run/epicac",
            [
                (
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                    "http://127.0.0.1:8470/v1/credentials",
                ),
                (
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                    "/var/run/epicac/token",
                ),
            ],
        ),
    };
    let containers = pod["containers"].as_array().expect("a list");
    assert_eq!(containers.len(), 2);
    let init_containers = pod["initContainers"].as_array().expect("a list");
    let mut expected = vec!["first", "migrate", "last"];
    if component != "component-image-volume" {
        expected.insert(0, "epicac");
        let epicac = &init_containers[0];
        assert_eq!(epicac["env"], Value::Null, "{epicac}");
        let mount = json!([{"name": "epicac", "mountPath": path}]);
        assert_eq!(epicac["volumeMounts"], mount);
    }
    assert_eq!(names(&pod["initContainers"]), expected);
    let others = init_containers.iter().filter(|it| it["name"] != "epicac");
    for container in containers.iter().chain(others) {
        let mount = json!({"name": "epicac", "mountPath": path, "readOnly": true});
        let mounts = container["volumeMounts"].as_array().expect("a list");
        assert!(mounts.contains(&mount), "{container}");
        for (name, value) in variables {
            assert_eq!(variable(container, name), value);
        }
    }
    // kustomize puts the containers that a patch names first.
    let one = containers
        .iter()
        .find(|container| container["name"] == "one");
    let one = one.expect("it is there");
    assert!(names(&one["env"]).contains(&"NODE"), "{one}");
    let data = json!({"name": "data", "mountPath": "/data"});
    assert!(
        one["volumeMounts"]
            .as_array()
            .expect("a list")
            .contains(&data)
    );
    if component == "component-sidecar" {
        assert_eq!(pod["initContainers"][0]["restartPolicy"], "Always");
    }
}

fn names(list: &Value) -> Vec<&str> {
    let elements = list.as_array().expect("a list").iter();
    elements
        .filter_map(|element| element["name"].as_str())
        .collect()
}

#[test]
fn every_overlay_gives_valid_workloads_of_each_kind() {
    let Some(cluster) = cluster() else { return };
    let kustomizations = Kustomizations::new();
    for component in COMPONENTS {
        let base = format!("components: [COMPONENTS/{component}]\n");
        kustomizations.with_workloads(&format!("base-{component}"), &base);
        let overlays = overlays();
        // All of them in one call of kubectl.
        let mut yaml = String::new();
        for (number, overlay) in overlays.iter().enumerate() {
            let name = format!("{component}-{number}");
            let beside = format!("{base}patches:\n{overlay}");
            let above = format!("resources: [../base-{component}]\npatches:\n{overlay}");
            for folder in [
                kustomizations.with_workloads(&format!("beside-{name}"), &beside),
                kustomizations.write(&format!("above-{name}"), &above),
            ] {
                yaml += &format!("---\n{}", cluster.kustomize(&folder));
            }
        }
        let created = cluster.create(&yaml, RESTRICTED, true);
        let created = created.unwrap_or_else(|why| panic!("{component}: {why}"));
        let pods = pods(&created);
        assert_eq!(pods.len(), 2 * overlays.len() * KINDS.len());
        pods.iter().for_each(|pod| has_epicac(pod, component));
    }
}

/// Each has a `Settings` of the same name.
#[test]
fn two_kustomizations_with_a_component_can_be_composed() {
    let Some(cluster) = cluster() else { return };
    let kustomizations = Kustomizations::new();
    for component in COMPONENTS {
        for prefix in ["one", "two"] {
            let text =
                format!("resources: [workloads.yaml]\ncomponents: [COMPONENTS/{component}]\n");
            let folder = kustomizations.write(&format!("{prefix}-{component}"), &text);
            let named = format!("metadata: {{name: {prefix}-");
            let workloads = workloads().replace("metadata: {name: ", &named);
            fs::write(folder.join("workloads.yaml"), workloads).expect("it can be written");
        }
        let both = format!("resources: [../one-{component}, ../two-{component}]\n");
        let created = created(cluster, &kustomizations.write("both", &both));
        let pods = pods(&created);
        assert_eq!(pods.len(), 2 * KINDS.len());
        pods.iter().for_each(|pod| has_epicac(pod, component));
    }
}

/// As whoever pins a digest does. kustomize knows init containers everywhere, and an image volume not in a CronJob.
#[test]
fn the_image_is_replaced_by_images() {
    let Some(cluster) = cluster() else { return };
    let kustomizations = Kustomizations::new();
    for component in COMPONENTS {
        let images = "images: [{name: ghcr.io/epicac/epicac, newName: mine}]";
        let text = format!("components: [COMPONENTS/{component}]\n{images}\n");
        let folder = kustomizations.with_workloads(component, &text);
        for object in created(cluster, &folder) {
            let stayed = object.to_string().contains("ghcr.io/epicac/epicac");
            let unknown = component == "component-image-volume" && object["kind"] == "CronJob";
            assert_eq!(stayed, unknown, "{object}");
        }
    }
}

/// What deploy/kubernetes/README.md prints, with a Deployment in which others run after epicac.
fn printed(kustomizations: &Kustomizations, patches: &str) -> PathBuf {
    let text = page::containing("\nkind: Kustomization\n");
    assert!(include_str!("../../../README.md").contains(&text), "{text}");
    let remote = "https://github.com/epicac/epicac//deploy/kubernetes/component?ref=v0.1.0";
    assert!(text.contains(remote), "{text}");
    let text = text.replace(remote, "COMPONENTS/component");
    let indented = patches.lines().map(|line| format!("  {line}\n"));
    let text = text + &indented.collect::<String>();
    let folder = kustomizations.write("printed", &text);
    let deployment = workloads().replace("name: deployment", "name: my-application");
    fs::write(folder.join("deployment.yaml"), deployment).expect("it can be written");
    folder
}

#[test]
fn the_kustomization_of_the_page_gives_epicac_to_the_workloads() {
    let Some(cluster) = cluster() else { return };
    let kustomizations = Kustomizations::new();
    let created = created(cluster, &printed(&kustomizations, ""));
    let pods = pods(&created);
    pods.iter().for_each(|pod| has_epicac(pod, "component"));
    let arguments = pods[0]["initContainers"][0]["args"].as_array();
    let profile = arguments.and_then(|arguments| arguments.last());
    let role = "--profile=dest_role=arn:aws:iam::222222222222:role/dest";
    assert_eq!(profile, Some(&json!(role)));
}

#[test]
fn an_init_container_stays_the_pods_own_role_by_the_patch_of_the_page() {
    let Some(cluster) = cluster() else { return };
    let kustomizations = Kustomizations::new();
    let patch = page::containing("$patch: delete");
    let created = created(cluster, &printed(&kustomizations, &patch));
    let pod = pods(&created)[0];
    let containers = pod["initContainers"].as_array().expect("a list");
    assert_eq!(
        names(&pod["initContainers"]),
        ["epicac", "first", "migrate", "last"]
    );
    for (container, env) in containers.iter().zip([false, true, false, true]) {
        assert_eq!(container["env"].is_array(), env, "{container}");
    }
}
