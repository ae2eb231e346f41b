//! epicac from a volume that is its image.

use epicac_adopt::isolated::until;
use epicac_adopt::place;
use serde_json::{Value, json};

use crate::node::{NAMESPACE, Node, node};
use crate::page;
use crate::server::push;

/// The pod of deploy/kubernetes/examples/image-volume.
fn example(node: &Node) -> Value {
    let folder = place::repository("deploy/kubernetes/examples/image-volume");
    let objects = node.built(&folder);
    let config = objects.iter().find(|object| object["kind"] == "ConfigMap");
    let config = config.expect("a ConfigMap");
    let config = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": config["data"],
        "metadata": {"name": config["metadata"]["name"], "namespace": NAMESPACE},
    });
    node.cluster.apply(&config.to_string());
    node.pod_of(&objects)
}

#[test]
fn the_pod_of_the_example_is_the_role_of_the_other_account() {
    let Some(node) = node() else { return };
    let mut pod = example(node);
    pod["metadata"]["labels"] = json!({"of": "image-volume"});
    let pod = node.start_pod(pod, "image-volume");
    pod.is_sound();
    // As the page says how to see that the server has kept the image.
    let command = page::containing("image.reference");
    let path = command.split('\'').nth(1).expect("it is in quotes");
    let namespace = ["--namespace", NAMESPACE, "--selector=of=image-volume"];
    let ask = [&["get", "pod", "--output", path][..], &namespace].concat();
    let image = node.cluster.kubectl(ask);
    assert_eq!(image.as_deref(), Ok("ghcr.io/epicac/epicac:0.1.0"));
}

#[test]
fn so_is_one_without_a_shell_that_has_the_whole_volume_at_bin() {
    let Some(node) = node() else { return };
    let mut pod = example(node);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let mount = page::mount_at(node.cluster, "/bin");
    push(&mut container["volumeMounts"], mount);
    node.start_pod(pod, "image-volume-at-bin").is_sound();
}

/// The SDK for Go looks for `sh` in `PATH`, and the volume has one.
#[test]
fn so_is_one_without_a_shell_whose_path_begins_with_the_volume() {
    let Some(node) = node() else { return };
    let mut pod = example(node);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let variable = page::containing("- name: PATH\n");
    let (_, value) = variable.split_once("value: ").expect("it has a value");
    push(
        &mut container["env"],
        json!({"name": "PATH", "value": value.trim()}),
    );
    node.start_pod(pod, "image-volume-in-path").is_sound();
}

/// The runtime mounts only folders of an image.
#[test]
fn its_program_is_not_mounted_by_sub_path() {
    let Some(node) = node() else { return };
    let mut pod = example(node);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let mount = page::mount_at(node.cluster, "/bin/sh");
    push(&mut container["volumeMounts"], mount);
    let pod = node.start_pod(pod, "image-volume-by-sub-path");
    let why = until("the container is refused", || {
        let object = pod.object();
        let waiting = &object["status"]["containerStatuses"][0]["state"]["waiting"];
        (waiting["reason"] == "CreateContainerError").then(|| waiting["message"].to_string())
    });
    println!("{why}");
    assert!(why.contains("directory"), "{why}");
}
