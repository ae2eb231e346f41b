//! The pods of the documentation are the role of the other account, by an init container.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use epicac_adopt::ask::must_say;
use epicac_adopt::place;
use serde_json::json;

use crate::node::node;
use crate::page;
use crate::pod::APPLICATION;
use crate::server::push;

#[test]
fn the_pod_of_the_page_is_the_role_of_the_other_account() {
    let Some(node) = node() else { return };
    let pod = node.start_pod(page::pod(node.cluster), "as-printed");
    pod.is_sound();
    // The user of epicac's image, which the pod does not name.
    let installed = pod.volume("empty-dir", "epicac").join("epicac");
    assert_eq!(
        fs::metadata(installed).expect("it is installed").uid(),
        65_532
    );
    // Anybody may write to the folder of the volume; it is the mount that is read-only.
    let other = "--profile=dest_role=arn:aws:iam::333333333333:role/other";
    let why = pod.exec(&["/opt/epicac/epicac", "install", "/opt/epicac", other]);
    let why = why.expect_err("it cannot be written");
    assert!(why.contains("Read-only file system"), "{why}");
    assert!(!node.agent.requests().is_empty());
}

#[test]
fn so_is_one_without_a_shell_that_has_the_volume_mounted_at_bin_sh() {
    let Some(node) = node() else { return };
    let mut pod = page::pod(node.cluster);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let mount = page::mount_at(node.cluster, "/bin/sh");
    push(&mut container["volumeMounts"], mount);
    node.start_pod(pod, "without-shell").is_sound();
}

#[test]
fn so_is_one_that_only_has_the_annotation() {
    let Some(node) = node() else { return };
    crate::admission::with_policy();
    let file = place::repository("deploy/kubernetes/examples/admission/pod.yaml");
    let yaml = fs::read_to_string(file).expect("the example can be read");
    let pod = node.cluster.read(&yaml);
    node.start_pod(pod, "by-annotation").is_sound();
}

/// The second annotation names the container, whose image has no shell.
#[test]
fn so_is_one_without_a_shell_that_only_has_annotations() {
    let Some(node) = node() else { return };
    crate::admission::with_policy();
    let file = place::repository("deploy/kubernetes/examples/admission/pod.yaml");
    let yaml = fs::read_to_string(file).expect("the example can be read");
    let mut pod = node.cluster.read(&yaml);
    pod["metadata"]["annotations"]["epicac.github.io/bin-sh"] = json!(APPLICATION);
    pod["spec"]["containers"][0]["image"] = json!("registry.example/without-shell:1");
    node.start_pod(pod, "without-shell-by-annotation")
        .is_sound();
}

/// In a user namespace of the pod.
#[test]
fn so_is_one_whose_users_are_not_those_of_the_node() {
    let Some(node) = node() else { return };
    let mut pod = page::pod(node.cluster);
    pod["spec"]["hostUsers"] = json!(false);
    node.start_pod(pod, "own-users").is_sound();
}

/// As containerd 2.1 makes it of an image volume with a subPath.
#[test]
fn doctor_tells_of_a_folder_at_bin_sh() {
    let Some(node) = node() else { return };
    let mut pod = page::pod(node.cluster);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let mount = json!({"name": "epicac", "mountPath": "/bin/sh", "readOnly": true});
    push(&mut container["volumeMounts"], mount);
    let found = node.start_pod(pod, "folder-at-bin-sh").warnings();
    let [warning] = &found[..] else {
        panic!("one warning: {found:?}");
    };
    assert!(warning.contains("/bin/sh is a folder"), "{warning}");
}

#[test]
fn a_failure_of_the_init_container_is_told_by_the_pod() {
    let Some(node) = node() else { return };
    let mut pod = page::pod(node.cluster);
    let arguments = pod["spec"]["initContainers"][0]["args"].as_array_mut();
    arguments.expect("a list").push(json!("--no-such-option"));
    let pod = node.start_pod(pod, "fails");
    let message = pod.failure_of_epicac();
    assert!(message.contains("--no-such-option"), "{message}");
}

#[test]
fn so_it_is_when_nothing_can_be_written_to_the_volume() {
    let Some(node) = node() else { return };
    let mut full = page::pod(node.cluster);
    full["spec"]["volumes"][0]["emptyDir"] = json!({"medium": "Memory", "sizeLimit": "1Mi"});
    let mut read_only = page::pod(node.cluster);
    read_only["spec"]["initContainers"][0]["volumeMounts"][0]["readOnly"] = json!(true);
    for (name, pod, why) in [
        ("full", full, "No space left on device"),
        ("read-only", read_only, "Read-only file system"),
    ] {
        let message = node.start_pod(pod, name).failure_of_epicac();
        assert!(message.contains(why), "{message}");
    }
}

/// As after a reboot of the node: the init containers run once more, on the volume that is there already.
#[test]
fn a_sandbox_that_is_made_anew_is_the_role_again() {
    let Some(node) = node() else { return };
    let mut pod = page::pod(node.cluster);
    pod["spec"]["volumes"][0]["emptyDir"] = json!({"medium": "Memory", "sizeLimit": "16Mi"});
    let pod = node.start_pod(pod, "made-anew");
    pod.is_the_role();
    let kill = ["tasks", "kill", "--signal", "SIGKILL", &pod.container("")];
    must_say(&mut node.ctr(&kill));
    pod.is_the_role_in(APPLICATION, 1);
}
