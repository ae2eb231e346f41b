//! Pods, played from the manifest to the application's first call. The kubelet's part is a folder for the volume, the
//! init container in its image and the application with its environment; that of EKS is two variables, a token and the
//! agent; AWS is moto. Nothing else tells the application of epicac, of roles, or of another account.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_adopt::{ask, markdown, place};
use epicac_tests::Pod as Eks;
use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use serde_json::{Value, json};

use crate::admission;
use crate::image::{Image, in_root, succeeds};
use crate::kubernetes::{objects, the, variable};

#[test]
fn readme_alone_leads_to_the_other_account() {
    let Some(pod) = readme() else { return };
    reaches_the_other_account(&pod);
}

#[test]
fn so_does_the_kustomize_component() {
    for example in ["examples/one-account", "examples/many-accounts"] {
        let Some(objects) = objects(example) else {
            return;
        };
        reaches_the_other_account(&the(&objects, "Deployment")["spec"]["template"]["spec"]);
    }
}

#[test]
fn so_does_what_the_admission_policy_makes_of_a_pod() {
    let Some(admitted) = admission::example_admitted() else {
        return;
    };
    reaches_the_other_account(&admitted["pod"]["spec"]);
}

/// The volume is empty then, and the application must not go on as the pod's own role.
#[test]
fn without_the_init_container_the_sdk_says_what_is_missing() {
    let (Some(pod), Some(aws)) = (readme(), Aws::start()) else {
        return;
    };
    let Some(seen) = Node::new().call(&pod, &pod["containers"][0], &aws) else {
        return;
    };
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("dest_role"), "{seen}");
}

/// The pod in README that has an init container.
fn readme() -> Option<Value> {
    for block in markdown::blocks(Path::new("README.md")) {
        if block.language == "yaml" && block.text.contains("initContainers:") {
            let objects = ask::judged_text("kubernetes", &block.text)?;
            return Some(the(list(&objects), "Pod")["spec"].clone());
        }
    }
    panic!("README.md has no pod with an init container");
}

/// Each container calls AWS as the role of its profile, by what the manifest says of both.
fn reaches_the_other_account(pod: &Value) {
    let Some(aws) = Aws::start() else { return };
    let node = Node::new();
    let Some(()) = node.initialize(pod) else {
        return;
    };
    for container in list(&pod["containers"]) {
        let Some(seen) = node.call(pod, container, &aws) else {
            return;
        };
        let (account, role) = role_of(pod, variable(container, "AWS_PROFILE"));
        let role = format!("arn:aws:sts::{account}:assumed-role/{role}/");
        let arn = seen["arn"].as_str().unwrap_or_default();
        assert!(arn.starts_with(&role), "{seen}");
        let buckets = if account == ACCOUNT {
            vec![BUCKET]
        } else {
            vec![]
        };
        assert_eq!(seen["buckets"], json!(buckets));
    }
}

/// Account and name of the role that the init container is given for a profile.
fn role_of<'a>(pod: &'a Value, profile: &str) -> (&'a str, &'a str) {
    let option = format!("--profile={profile}=arn:aws:iam::");
    list(&pod["initContainers"][0]["args"])
        .iter()
        .filter_map(Value::as_str)
        .find_map(|argument| argument.strip_prefix(&option)?.split_once(":role/"))
        .unwrap_or_else(|| panic!("no role for {profile}: {pod}"))
}

/// A node that runs one pod.
struct Node {
    eks: Eks,
    /// The pod's one volume, an `emptyDir`.
    volume: tempfile::TempDir,
}

impl Node {
    fn new() -> Self {
        let volume = tempfile::tempdir().expect("a folder can be made");
        // As the kubelet makes it.
        fs::set_permissions(volume.path(), fs::Permissions::from_mode(0o777))
            .expect("the folder is ours");
        Self {
            eks: Eks::new(),
            volume,
        }
    }

    /// Runs the pod's one init container, which is of the image that the Dockerfile makes. `None` means that the test
    /// is skipped.
    fn initialize(&self, pod: &Value) -> Option<()> {
        let container = only(&pod["initContainers"]);
        let (image, program) = Image::for_this_machine()?;
        let root = image.unpacked(&program);
        let folder = mount_point(pod, container);
        // The container's runtime makes it.
        fs::create_dir_all(below(root.path(), &folder)).expect("a folder can be made");
        let mount = format!(
            r#"mount --bind {} "$ROOT"{folder}"#,
            self.volume.path().display()
        );
        let security = &container["securityContext"];
        let user = match (&security["runAsUser"], &security["runAsGroup"]) {
            (Value::Number(user), Value::Number(group)) => Some(format!("{user}:{group}")),
            _ => None,
        };
        let arguments: Vec<String> =
            serde_json::from_value(container["args"].clone()).expect("the arguments are texts");
        let mut command = image.command(root.path(), user.as_deref(), &mount, &arguments)?;
        succeeds(&command.env_clear().output().expect("unshare starts"));
        Some(())
    }

    /// What the application in a container sees of AWS. Its image is this machine, with the volume in it; its user is
    /// that of the test, since another one may not be let into the folders of this machine's Python.
    fn call(&self, pod: &Value, container: &Value, aws: &Aws) -> Option<Value> {
        let folder = mount_point(pod, container);
        let around = Path::new(&folder).parent().expect("not the root").display();
        // What else is around the volume stays there, and the machine's own folder is not written to.
        let mounts = format!(
            r#"mount --rbind / "$ROOT"
            mount -t tmpfs none "$ROOT{around}"
            for entry in {around}/*; do
                [ -d "$entry" ] || continue
                mkdir "$ROOT$entry"
                mount --rbind "$entry" "$ROOT$entry"
            done
            mkdir -p "$ROOT{folder}"
            mount --bind {volume} "$ROOT{folder}"
            mount -o remount,bind,ro "$ROOT{folder}""#,
            volume = self.volume.path().display()
        );
        let root = tempfile::tempdir().expect("a folder can be made");
        let program = [
            place::in_venv("python")?,
            place::repository("tests/sdks/python/application.py"),
        ];
        let program = program.map(|path| absolute(&path).display().to_string());
        let mut command = in_root(root.path(), "0:0", &mounts, &program)?;
        self.environment(&mut command, container, aws);
        let answer = ask::said(&mut command, "\n").unwrap_or_else(|why| panic!("{why}"));
        // The first line is its version.
        let seen = answer.lines().nth(1).unwrap_or_default();
        Some(serde_json::from_str(seen).expect("the application prints JSON"))
    }

    /// The variables of the manifest, and those that EKS adds.
    fn environment(&self, command: &mut Command, container: &Value, aws: &Aws) {
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_ENDPOINT_URL", &aws.endpoint)
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.eks.agent.url())
            .env(
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                self.eks.token_file(),
            );
        for variable in list(&container["env"]) {
            let [name, value] = ["name", "value"].map(|key| variable[key].as_str());
            command.env(name.expect("a name"), value.expect("a value"));
        }
    }
}

/// Where a container finds the pod's one volume.
fn mount_point(pod: &Value, container: &Value) -> String {
    let (volume, mount) = (only(&pod["volumes"]), only(&container["volumeMounts"]));
    assert!(volume["emptyDir"].is_object(), "{volume}");
    assert_eq!(mount["name"], volume["name"]);
    mount["mountPath"].as_str().expect("a path").to_owned()
}

fn only(list: &Value) -> &Value {
    match list.as_array().map(Vec::as_slice) {
        Some([element]) => element,
        _ => panic!("a list of one: {list}"),
    }
}

fn list(list: &Value) -> &[Value] {
    list.as_array().expect("a list")
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Without resolving links: a virtual environment is found by the name of its Python.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).expect("the path is not empty")
}
