//! `deploy/kubernetes`: what kustomize makes of it, and what Kubernetes says of that.

use std::fs;
use std::path::Path;

use epicac_adopt::{ask, markdown, place};
use serde_json::{Value, json};

/// The folders that are built, with the oldest and the newest Kubernetes whose schemas they are held against.
const BUILT: [(&str, &[&str]); 6] = [
    ("examples/one-account", &["1.30", "1.36", "1.37"]),
    ("examples/many-accounts", &["1.30", "1.36", "1.37"]),
    ("examples/sidecar", &["1.30", "1.36", "1.37"]),
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
        installs(&pod, "epicac");
        let volume = json!([{"name": "epicac", "emptyDir": {"sizeLimit": "16Mi"}}]);
        assert_eq!(pod["volumes"], volume, "{name}");
    }
}

/// What holds of a pod with an init container, whoever added that, and called the volume so.
pub fn installs(pod: &Value, volume: &str) {
    let init = &pod["initContainers"][0];
    assert_eq!(init["name"], "epicac");
    assert_eq!(init["args"][0], "install");
    assert_eq!(init["args"][1], FOLDER);
    assert_eq!(init["args"][2], "--config");
    assert_eq!(
        init["volumeMounts"],
        json!([{"name": volume, "mountPath": FOLDER}])
    );
    let security = json!({
        "runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532,
        "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"},
    });
    assert_eq!(init["securityContext"], security);
    // The same, or the pod could not be of the class Guaranteed.
    let resources = json!({"cpu": "50m", "memory": "32Mi"});
    assert_eq!(init["resources"]["requests"], resources);
    assert_eq!(init["resources"]["limits"], resources);
    for container in pod["containers"].as_array().expect("a list") {
        mounts(container, volume, FOLDER);
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
    let kustomization =
        "resources: [workloads.yaml]\ncomponents: [../../deploy/kubernetes/component]\n";
    let Some(pods) = workloads("workloads.yaml", kustomization) else {
        return;
    };
    for pod in pods {
        installs(&pod, "epicac");
        keeps_its_own(&pod);
        // Which of the others is to have credentials is for the kustomization to say.
        let migrate =
            json!({"name": "migrate", "image": "registry.example/migrate", "resources": {}});
        assert_eq!(pod["initContainers"][1], migrate);
        let volumes = pod["volumes"].as_array().expect("a list").iter();
        let names: Vec<&Value> = volumes.map(|volume| &volume["name"]).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&&json!("data")) && names.contains(&&json!("epicac")));
    }
}

#[test]
fn so_does_every_kind_by_an_image_volume() {
    let kustomization = "\
resources: [workloads.yaml]
components: [../../deploy/kubernetes/component-image-volume]
configMapGenerator: [{name: aws-config, literals: [aws-config=]}]
";
    let Some(pods) = workloads("workloads.yaml", kustomization) else {
        return;
    };
    for pod in pods {
        keeps_its_own(&pod);
        for container in pod["containers"].as_array().expect("a list") {
            mounts(container, "epicac", FOLDER);
            mounts(container, "aws-config", "/etc/epicac");
        }
        let volumes = pod["volumes"].as_array().expect("a list");
        assert_eq!(volumes.len(), 3);
        // By the name that the generator gave it.
        let of_config = |volume: &&Value| volume["name"] == "aws-config";
        let config = volumes.iter().find(of_config).expect("there is one");
        let name = config["configMap"]["name"].as_str().expect("a name");
        assert!(name.starts_with("aws-config-"), "{name}");
    }
}

/// By the kustomization of the README.
#[test]
fn another_init_container_gets_it_by_a_patch() {
    let blocks = markdown::blocks(Path::new("deploy/kubernetes/README.md"));
    let block = blocks
        .iter()
        .find(|block| block.text.contains("- name: migrate\n"))
        .expect("the README has it");
    let (remote, local) = (
        "https://github.com/epicac/epicac//deploy/kubernetes/component?ref=v0.1.0",
        "../../deploy/kubernetes/component",
    );
    assert!(block.text.contains(remote), "{}", block.text);
    let kustomization = block.text.replace(remote, local);
    let Some(pods) = workloads("deployment.yaml", &kustomization) else {
        return;
    };
    let pod = &pods[0];
    installs(pod, "epicac");
    keeps_its_own(pod);
    let migrate = &pod["initContainers"][1];
    assert_eq!(migrate["name"], "migrate");
    mounts(migrate, "epicac", FOLDER);
    assert_eq!(
        variable(migrate, "AWS_CONFIG_FILE"),
        "/opt/epicac/aws-config"
    );
    assert_eq!(variable(migrate, "AWS_PROFILE"), "dest_role");
}

/// What the pods of [`workloads`] have without epicac.
fn keeps_its_own(pod: &Value) {
    let one = &pod["containers"][0];
    assert_eq!(one["env"].as_array().map(Vec::len), Some(3), "{one}");
    assert_eq!(one["env"][0]["name"], "NODE");
    let mounts = one["volumeMounts"].as_array().expect("a list");
    assert!(mounts.contains(&json!({"name": "data", "mountPath": "/data"})));
    let volumes = pod["volumes"].as_array().expect("a list");
    assert!(volumes.contains(&json!({"name": "data", "emptyDir": {}})));
}

/// The pods that a kustomization makes of a workload of each kind in that file.
fn workloads(file: &str, kustomization: &str) -> Option<Vec<Value>> {
    let folder = tempfile::Builder::new()
        .prefix("epicac-workloads")
        .tempdir_in(place::repository("target"))
        .expect("a folder can be made");
    let pod = r#"{
        "metadata": {"labels": {"app": "a"}},
        "spec": {
            "restartPolicy": "RESTART",
            "initContainers": [{"name": "migrate", "image": "registry.example/migrate"}],
            "containers": [
                {
                    "name": "one",
                    "image": "registry.example/one",
                    "env": [{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}],
                    "volumeMounts": [{"name": "data", "mountPath": "/data"}]
                },
                {"name": "two", "image": "registry.example/two"}
            ],
            "volumes": [{"name": "data", "emptyDir": {}}]
        }
    }"#;
    let selector = r#""selector": {"matchLabels": {"app": "a"}}"#;
    let mut text = String::new();
    for (kind, version, restart, spec) in [
        (
            "Deployment",
            "apps/v1",
            "Always",
            format!(r#"{selector}, "template": {pod}"#),
        ),
        (
            "DaemonSet",
            "apps/v1",
            "Always",
            format!(r#"{selector}, "template": {pod}"#),
        ),
        (
            "StatefulSet",
            "apps/v1",
            "Always",
            format!(r#"{selector}, "serviceName": "a", "template": {pod}"#),
        ),
        ("Job", "batch/v1", "Never", format!(r#""template": {pod}"#)),
        (
            "CronJob",
            "batch/v1",
            "Never",
            format!(r#""schedule": "@daily", "jobTemplate": {{"spec": {{"template": {pod}}}}}"#),
        ),
    ] {
        let spec = spec.replace("RESTART", restart);
        text += &format!(
            "---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: my-application}}\nspec: {{{spec}}}\n"
        );
    }
    fs::write(folder.path().join(file), text).expect("the workloads can be written");
    fs::write(folder.path().join("kustomization.yaml"), kustomization)
        .expect("the kustomization can be written");

    let objects = objects(&folder.path().display().to_string())?;
    let pods: Vec<Value> = objects
        .iter()
        .filter(|object| object["kind"] != "ConfigMap")
        .map(|object| match &object["kind"] {
            kind if kind == "CronJob" => &object["spec"]["jobTemplate"]["spec"],
            _ => &object["spec"],
        })
        .map(|spec| spec["template"]["spec"].clone())
        .collect();
    assert_eq!(pods.len(), 5);
    Some(pods)
}

/// The image of a release, everywhere the same.
#[test]
fn one_image_is_named_and_it_is_that_of_this_version() {
    let expected = format!("ghcr.io/epicac/epicac:{}", released_version());
    for file in [
        "component/pod-template.yaml",
        "component/cron-job.yaml",
        "component-sidecar/pod-template.yaml",
        "component-sidecar/cron-job.yaml",
        "component-image-volume/pod-template.yaml",
        "component-image-volume/cron-job.yaml",
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
