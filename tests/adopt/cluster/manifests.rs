//! Everything that a reader may apply is accepted as it is written, without a warning, and stays as it was written.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use epicac_adopt::{markdown, place};
use serde_json::{Value, json};

use crate::server::{PRIVILEGED, RESTRICTED, cluster};

/// The folders that are built.
const BUILT: [&str; 6] = [
    "admission",
    "examples/application",
    "examples/image-volume",
    "examples/many-accounts",
    "examples/one-account",
    "examples/sidecar",
];

fn folder(name: &str) -> PathBuf {
    place::repository("deploy/kubernetes").join(name)
}

/// Strictly decoded, in a namespace that enforces the level `restricted`.
#[test]
fn what_kustomize_builds_is_created_without_a_warning_and_does_not_differ_afterwards() {
    let Some(cluster) = cluster() else { return };
    for (number, name) in BUILT.iter().enumerate() {
        let namespace = format!("built-{number}");
        cluster.restricted_namespace(&namespace);
        let yaml = cluster.kustomize(&folder(name));
        let created = cluster.create(&yaml, &namespace, false);
        let created = created.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(!created.is_empty(), "{name}");
        let difference = cluster.kubectl_with(
            &yaml,
            ["diff", "--namespace", &namespace, "--filename", "-"],
        );
        assert_eq!(difference.as_deref(), Ok(""), "{name}");
        cluster.delete(&yaml, &namespace);
    }
}

/// The older form of the policy has the same name: it is not kept beside the other one.
#[test]
fn so_is_the_policy_for_an_older_api_server() {
    let Some(cluster) = cluster() else { return };
    let yaml = cluster.kustomize(&folder("admission-v1beta1"));
    let yaml = yaml.replace("name: epicac", "name: older");
    let created = cluster.create(&yaml, RESTRICTED, true);
    let created = created.unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(created.len(), 4);
    for object in created {
        assert_eq!(object["apiVersion"], "admissionregistration.k8s.io/v1beta1");
    }
}

#[test]
fn so_is_every_object_in_the_documentation() {
    let Some(cluster) = cluster() else { return };
    let mut count = 0;
    for file in markdown::files() {
        for block in markdown::blocks(&file) {
            let is_object = block.text.starts_with("apiVersion:");
            let of_flux = block.text.contains("fluxcd.io/");
            if block.language != "yaml" || !is_object || is_kustomization(&block.text) || of_flux {
                continue;
            }
            let created = cluster.create(&block.text, RESTRICTED, true);
            assert!(
                created.is_ok(),
                "{}:{}: {created:?}",
                block.file,
                block.line
            );
            count += 1;
        }
    }
    assert!(count > 0, "no block holds an object");
}

fn is_kustomization(text: &str) -> bool {
    text.contains("\nkind: Kustomization\n")
}

/// One of them is what is read, the other one what is built.
#[test]
fn the_pod_of_the_page_is_what_kustomize_makes() {
    let Some(cluster) = cluster() else { return };
    let blocks = markdown::blocks(Path::new("deploy/kubernetes/README.md"));
    let pods: Vec<_> = blocks
        .iter()
        .filter(|block| block.text.contains("\nkind: Pod\n"))
        .collect();
    let [pod] = pods[..] else {
        panic!("one pod in deploy/kubernetes/README.md: {pods:?}");
    };
    let written = cluster
        .create(&pod.text, RESTRICTED, true)
        .expect("it is valid");
    // In a namespace that has no such service account yet.
    let built = cluster.kustomize(&folder("examples/one-account"));
    let built = cluster
        .create(&built, PRIVILEGED, true)
        .expect("it is valid");
    let template = &built.iter().find(|object| object["kind"] == "Deployment");
    let template = &template.expect("a Deployment")["spec"]["template"]["spec"];
    // The API server gives a pod more than a template has: what a template may say is compared.
    let made = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "made"}, "spec": template,
    });
    let made = cluster
        .create(&made.to_string(), RESTRICTED, true)
        .expect("it is valid");
    assert_eq!(written[0]["spec"], made[0]["spec"]);
}

#[test]
fn many_accounts_are_many_profiles_and_each_container_has_its_own() {
    let Some(cluster) = cluster() else { return };
    let yaml = cluster.kustomize(&folder("examples/many-accounts"));
    let created = cluster
        .create(&yaml, RESTRICTED, true)
        .expect("it is valid");
    let deployment = created.iter().find(|object| object["kind"] == "Deployment");
    let pod = &deployment.expect("a Deployment")["spec"]["template"]["spec"];
    let arguments = pod["initContainers"][0]["args"].as_array().expect("a list");
    let profiles: Vec<&str> = arguments
        .iter()
        .filter_map(|argument| argument.as_str()?.strip_prefix("--profile="))
        .filter_map(|profile| profile.split('=').next())
        .collect();
    assert_eq!(profiles, ["orders", "billing", "archive"]);
    let chosen: Vec<_> = pod["containers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|container| {
            (
                container["name"].clone(),
                variable(container, "AWS_PROFILE"),
            )
        })
        .collect();
    let expected = [("collector", "orders"), ("uploader", "archive")]
        .map(|(name, profile)| (json!(name), json!(profile)));
    assert_eq!(chosen, expected);
}

/// The value of a variable that a container has once.
pub fn variable(container: &Value, name: &str) -> Value {
    let variables = container["env"].as_array().expect("a list").iter();
    let values: Vec<_> = variables
        .filter(|variable| variable["name"] == name)
        .collect();
    let [variable] = values[..] else {
        panic!("{name} once in {container}");
    };
    variable["value"].clone()
}

/// The image of a release, everywhere the same.
#[test]
fn one_image_is_named_and_it_is_that_of_this_version() {
    let manifest = fs::read_to_string(place::repository("Cargo.toml")).expect("it can be read");
    let (_, rest) = manifest
        .split_once("[workspace.package]\nversion = \"")
        .expect("the workspace has a version");
    let version = rest.split('"').next().unwrap_or_default();
    let expected = format!("ghcr.io/epicac/epicac:{version}");
    let mut folders = vec![place::repository("deploy")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be listed") {
            let path = entry.expect("the folder can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some(OsStr::new("yaml")) {
                let text = fs::read_to_string(&path).expect("the file can be read");
                let words = text.split(|c: char| c.is_whitespace() || "'\"".contains(c));
                for word in words.filter(|word| word.starts_with("ghcr.io/")) {
                    assert_eq!(word, expected, "{}", path.display());
                    count += 1;
                }
            }
        }
    }
    assert_eq!(count, 15);
}
