//! `deploy/kubernetes`: what kustomize makes of it, and what Kubernetes says of that.

use std::fs;

use epicac_adopt::{ask, place};
use serde_json::{Value, json};

/// The folders that are built, with the oldest and the newest Kubernetes whose schemas they are held against.
const BUILT: [(&str, &[&str]); 5] = [
    ("examples/one-account", &["1.30", "1.36", "1.37"]),
    ("examples/many-accounts", &["1.30", "1.36", "1.37"]),
    ("examples/image-volume", &["1.31", "1.36", "1.37"]),
    ("admission", &["1.36", "1.37"]),
    ("admission-v1beta1", &["1.34", "1.35"]),
];

/// Where every container finds the volume.
const FOLDER: &str = "/opt/epicac";

fn folder(name: &str) -> String {
    place::repository("deploy/kubernetes")
        .join(name)
        .display()
        .to_string()
}

/// What kustomize builds of a folder.
fn rendered(name: &str) -> Option<String> {
    let answer = ask::judge(&["kustomize".to_owned(), folder(name)])?;
    Some(answer.unwrap_or_else(|why| panic!("kustomize refuses {name}: {why}")))
}

/// The same, as the objects that the API server decodes.
fn objects(name: &str) -> Option<Vec<Value>> {
    let objects = ask::judged_text("kubernetes", &rendered(name)?)?;
    Some(objects.as_array().expect("a list").clone())
}

fn the<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    objects
        .iter()
        .find(|object| object["kind"] == *kind)
        .unwrap_or_else(|| panic!("there is no {kind}"))
}

/// The pod of its Deployment.
pub fn pod(name: &str) -> Option<Value> {
    let objects = objects(name)?;
    Some(the(&objects, "Deployment")["spec"]["template"]["spec"].clone())
}

#[test]
fn everything_is_decoded_strictly() {
    for (name, _) in BUILT {
        let Some(objects) = objects(name) else { return };
        assert!(objects.len() >= 2, "{name}: {objects:?}");
    }
}

#[test]
fn everything_is_valid_by_the_schemas_of_each_kubernetes() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, versions) in BUILT {
        let Some(yaml) = rendered(name) else { return };
        let file = folder.path().join("objects.yaml");
        fs::write(&file, yaml).expect("the objects can be written");
        let mut arguments = vec!["--strict".to_owned(), "--no-warn".to_owned()];
        for version in versions {
            arguments.extend(["--kubernetes-version".to_owned(), (*version).to_owned()]);
        }
        arguments.push(file.display().to_string());
        let Some(answer) = ask::in_venv("kubernetes-validate", &arguments) else {
            return;
        };
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
}

/// The strictest level that Kubernetes has for pods.
#[test]
fn pods_are_allowed_by_pod_security_restricted() {
    for (name, _) in BUILT {
        let Some(yaml) = rendered(name) else { return };
        let Some(forbidden) = ask::judged_text("restricted", &yaml) else {
            return;
        };
        assert_eq!(forbidden, json!([]), "{name}");
    }
}

#[test]
fn the_init_container_comes_first_and_installs_into_the_volume() {
    for name in ["examples/one-account", "examples/many-accounts"] {
        let Some(pod) = pod(name) else { return };
        installs(&pod);
        let volume = json!([{"name": "epicac", "emptyDir": {"sizeLimit": "16Mi"}}]);
        assert_eq!(pod["volumes"], volume, "{name}");
    }
}

/// What holds of a pod with an init container, whoever added that.
pub fn installs(pod: &Value) {
    let init = &pod["initContainers"][0];
    assert_eq!(init["name"], "epicac");
    assert_eq!(init["args"][0], "install");
    assert_eq!(init["args"][1], FOLDER);
    assert_eq!(init["args"][2], "--config");
    assert_eq!(
        init["volumeMounts"],
        json!([{"name": "epicac", "mountPath": FOLDER}])
    );
    let security = json!({
        "runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532,
        "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    });
    assert_eq!(init["securityContext"], security);
    let resources = json!({
        "requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "32Mi"},
    });
    assert_eq!(init["resources"], resources);
    for container in pod["containers"].as_array().expect("a list") {
        mounts(container, "epicac", FOLDER);
    }
}

/// The mount that can only be read.
fn mounts(container: &Value, volume: &str, folder: &str) {
    let mount = json!({"name": volume, "mountPath": folder, "readOnly": true});
    let mounts = container["volumeMounts"].as_array().expect("a list");
    assert!(mounts.contains(&mount), "{container}");
}

/// The value of a variable that a container has once.
pub fn variable<'a>(container: &'a Value, name: &str) -> &'a str {
    let variables = container["env"].as_array().expect("a list").iter();
    let values: Vec<&str> = variables
        .filter(|variable| variable["name"] == *name)
        .map(|variable| variable["value"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(values.len(), 1, "{name} in {container}");
    values[0]
}

#[test]
fn every_container_finds_config_and_profile() {
    let Some(pod) = pod("examples/one-account") else {
        return;
    };
    let container = &pod["containers"][0];
    assert_eq!(
        variable(container, "AWS_CONFIG_FILE"),
        "/opt/epicac/aws-config"
    );
    assert_eq!(variable(container, "AWS_PROFILE"), "dest_role");
    let role = json!("--profile=dest_role=arn:aws:iam::222222222222:role/dest");
    let arguments = pod["initContainers"][0]["args"].as_array().expect("a list");
    assert!(arguments.contains(&role));
}

#[test]
fn many_accounts_are_many_profiles_and_each_container_has_its_own() {
    let Some(pod) = pod("examples/many-accounts") else {
        return;
    };
    let profiles: Vec<&str> = pod["initContainers"][0]["args"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|argument| argument.as_str()?.strip_prefix("--profile="))
        .filter_map(|profile| profile.split('=').next())
        .collect();
    assert_eq!(profiles, ["orders", "billing", "archive"]);
    let containers = pod["containers"].as_array().expect("a list");
    let chosen = ["collector", "uploader"].map(|name| {
        let container = containers
            .iter()
            .find(|container| container["name"] == name)
            .expect("the container is there");
        assert_eq!(
            variable(container, "AWS_CONFIG_FILE"),
            "/opt/epicac/aws-config"
        );
        variable(container, "AWS_PROFILE").to_owned()
    });
    assert_eq!(chosen, ["orders", "archive"]);
    assert_eq!(variable(&containers[0], "LOG_LEVEL"), "info");
}

#[test]
fn an_image_volume_needs_no_init_container() {
    let Some(objects) = objects("examples/image-volume") else {
        return;
    };
    let pod = &the(&objects, "Deployment")["spec"]["template"]["spec"];
    assert_eq!(pod["initContainers"], Value::Null);
    let container = &pod["containers"][0];
    mounts(container, "epicac", FOLDER);
    mounts(container, "aws-config", "/etc/epicac");
    assert_eq!(
        variable(container, "AWS_CONFIG_FILE"),
        "/etc/epicac/aws-config"
    );

    let volumes = pod["volumes"].as_array().expect("a list");
    let image = json!({
        "name": "epicac",
        "image": {"reference": "ghcr.io/epicac/epicac:0.1.0", "pullPolicy": "IfNotPresent"},
    });
    assert!(volumes.contains(&image), "{volumes:?}");

    // The config is the one that the kustomization makes, and runs the program where the volume is mounted.
    let map = the(&objects, "ConfigMap");
    let name = &map["metadata"]["name"];
    assert!(
        volumes
            .iter()
            .any(|volume| volume["configMap"]["name"] == *name)
    );
    let config = map["data"]["aws-config"].as_str().expect("the config");
    assert!(config.contains("credential_process = /opt/epicac/epicac\n"));
}

/// Whatever a workload has already stays as it is, and each kind gets the same.
#[test]
fn every_kind_of_workload_gets_it_and_keeps_its_own() {
    let folder = tempfile::Builder::new()
        .prefix("epicac-workloads")
        .tempdir_in(place::repository("target"))
        .expect("a folder can be made");
    let pod = r#"
    metadata:
      labels: {app: a}
    spec:
      restartPolicy: RESTART
      initContainers:
        - {name: migrate, image: registry.example/migrate}
      containers:
        - name: one
          image: registry.example/one
          env:
            - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
          volumeMounts:
            - {name: data, mountPath: /data}
        - {name: two, image: registry.example/two}
      volumes:
        - {name: data, emptyDir: {}}
"#;
    let selected = "selector: {matchLabels: {app: a}}\n  ";
    let mut text = String::new();
    for (kind, version, own) in [
        ("Deployment", "apps/v1", selected.to_owned()),
        ("DaemonSet", "apps/v1", selected.to_owned()),
        (
            "StatefulSet",
            "apps/v1",
            format!("{selected}serviceName: a\n  "),
        ),
        ("Job", "batch/v1", String::new()),
    ] {
        let restart = if kind == "Job" { "Never" } else { "Always" };
        let pod = pod.replace("RESTART", restart);
        text += &format!(
            "---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n  {own}template:{pod}"
        );
    }
    fs::write(folder.path().join("workloads.yaml"), text).expect("the workloads can be written");
    let kustomization =
        "resources: [workloads.yaml]\ncomponents: [../../deploy/kubernetes/component]\n";
    fs::write(folder.path().join("kustomization.yaml"), kustomization)
        .expect("the kustomization can be written");

    let Some(objects) = objects(&folder.path().display().to_string()) else {
        return;
    };
    assert_eq!(objects.len(), 4);
    for object in objects {
        let pod = &object["spec"]["template"]["spec"];
        installs(pod);
        assert_eq!(pod["initContainers"][1]["name"], "migrate");
        let one = &pod["containers"][0];
        assert_eq!(one["env"].as_array().map(Vec::len), Some(3), "{one}");
        mounts_too(one);
        let volumes = pod["volumes"].as_array().expect("a list").iter();
        let names: Vec<&Value> = volumes.map(|volume| &volume["name"]).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&&json!("data")) && names.contains(&&json!("epicac")));
    }
}

fn mounts_too(container: &Value) {
    let mounts = container["volumeMounts"].as_array().expect("a list");
    assert!(mounts.contains(&json!({"name": "data", "mountPath": "/data"})));
}

/// The image of a release, everywhere the same.
#[test]
fn one_image_is_named_and_it_is_that_of_this_version() {
    let expected = format!("ghcr.io/epicac/epicac:{}", released_version());
    for file in [
        "component/pod-template.yaml",
        "component-image-volume/pod-template.yaml",
        "admission/policy.yaml",
    ] {
        let text = fs::read_to_string(folder(file)).expect("the file can be read");
        let named: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || "'\"".contains(c))
            .filter(|word| word.starts_with("ghcr.io/"))
            .collect();
        assert_eq!(named, [expected.as_str()], "{file}");
    }
}

/// The version of the workspace.
fn released_version() -> String {
    let manifest = fs::read_to_string(place::repository("Cargo.toml")).expect("it can be read");
    let (_, rest) = manifest
        .split_once("[workspace.package]\nversion = \"")
        .expect("the workspace has a version");
    rest.split('"').next().unwrap_or_default().to_owned()
}
