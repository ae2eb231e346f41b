//! From the manifest to the other account: a kubelet's work, done by a test. It runs the init container of a pod in
//! the root of epicac's image, and then an application with a real SDK, which gets what the manifest and EKS give it
//! and nothing else.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_adopt::{ask, markdown, place};
use epicac_tests::application::{self, Application};
use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use epicac_tests::{Pod, paths};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::image::{Image, PLATFORMS, succeeds};
use crate::root::{Mount, in_root, system};
use crate::{admission, kubernetes};

/// Where EKS mounts the token.
const TOKEN_FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
/// The user of an image that a pod says nothing of: not that of epicac's.
const USER: u64 = 10_001;

#[test]
fn boto3_reaches_the_other_account_by_the_pod_of_the_readme() {
    reaches(
        readme(),
        application::boto3(),
        "my-application",
        "222222222222:dest",
    );
}

/// It keeps the credentials of roles in its home, which docs/troubleshooting.md says; the SDKs write nowhere.
#[test]
fn so_does_the_aws_cli_with_a_home_that_it_can_write() {
    let (Some(mut pod), Some(cli)) = (readme(), application::aws_cli()) else {
        return;
    };
    let kubelet = Kubelet::of(pod.clone());
    if kubelet.initialise().is_none() {
        return;
    }
    let Some(seen) = kubelet.application("my-application", &cli) else {
        return;
    };
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("'/.aws'"), "{seen}");

    let container = &mut pod["containers"][0];
    add(
        &mut container["env"],
        json!({"name": "HOME", "value": "/home/app"}),
    );
    add(
        &mut container["volumeMounts"],
        json!({"name": "home", "mountPath": "/home/app"}),
    );
    add(&mut pod["volumes"], json!({"name": "home", "emptyDir": {}}));
    reaches(Some(pod), Some(cli), "my-application", "222222222222:dest");
}

fn add(list: &mut Value, element: Value) {
    list.as_array_mut().expect("a list").push(element);
}

#[test]
fn what_kustomize_makes_for_one_account_reaches_it() {
    reaches(
        kubernetes::pod("examples/one-account"),
        application::boto3(),
        "my-application",
        "222222222222:dest",
    );
}

#[test]
fn of_many_accounts_each_container_reaches_its_own() {
    for (container, role) in [
        ("collector", "222222222222:reporting"),
        ("uploader", "444444444444:reporting"),
    ] {
        reaches(
            kubernetes::pod("examples/many-accounts"),
            application::boto3(),
            container,
            role,
        );
    }
}

#[test]
fn what_the_admission_policy_makes_reaches_the_other_account() {
    reaches(
        admission::pod(),
        application::boto3(),
        "my-application",
        "222222222222:dest",
    );
}

/// It must not go on as the pod's own role.
#[test]
fn without_the_init_container_the_sdk_names_the_profile_that_it_lacks() {
    let (Some(pod), Some(boto3)) = (readme(), application::boto3()) else {
        return;
    };
    let kubelet = Kubelet::of(pod);
    let Some(seen) = kubelet.application("my-application", &boto3) else {
        return;
    };
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("config profile (dest_role)"), "{seen}");
    assert_eq!(kubelet.eks.agent.requests().len(), 0);
}

#[test]
fn doctor_finds_nothing_wrong_in_the_container_of_the_application() {
    let Some(pod) = readme() else { return };
    let kubelet = Kubelet::of(pod);
    if kubelet.initialise().is_none() {
        return;
    }
    let root = empty_root();
    let container = kubelet.container("my-application");
    let doctor = ["/opt/epicac/epicac", "doctor"];
    let Some(mut doctor) = kubelet.started(container, root.path(), Vec::new(), &doctor) else {
        return;
    };
    let output = doctor.output().expect("unshare starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("config      /opt/epicac/aws-config: nothing wrong"));
    assert!(said.contains("profile     dest_role (role_arn arn:aws:iam::222222222222:role/dest)"));
}

/// One of them is what is read, the other one what is built.
#[test]
fn the_pod_of_the_readme_is_what_kustomize_makes() {
    let (Some(written), Some(made)) = (readme(), kubernetes::pod("examples/one-account")) else {
        return;
    };
    assert_eq!(written, made);
}

/// The pod in the README.
fn readme() -> Option<Value> {
    let blocks = markdown::blocks(Path::new("README.md"));
    let pods: Vec<_> = blocks
        .iter()
        .filter(|block| block.language == "yaml" && block.text.contains("\nkind: Pod\n"))
        .collect();
    let [pod] = pods[..] else {
        panic!("one pod in the README: {pods:?}");
    };
    let objects = ask::judged_text("kubernetes", &pod.text)?;
    Some(objects[0]["spec"].clone())
}

/// Asserts that an application in a container of the pod is a role of the other account, given as `ACCOUNT:ROLE`.
fn reaches(pod: Option<Value>, application: Option<Command>, container: &str, role: &str) {
    let (Some(pod), Some(application)) = (pod, application) else {
        return;
    };
    let kubelet = Kubelet::of(pod);
    if kubelet.initialise().is_none() {
        return;
    }
    let Some(seen) = kubelet.application(container, &application) else {
        return;
    };
    let (account, role) = role.split_once(':').expect("an account and a role");
    let session = format!("arn:aws:sts::{account}:assumed-role/{role}/");
    let arn = seen["arn"].as_str().unwrap_or_default();
    assert!(arn.starts_with(&session), "not {session}: {seen}");
    let buckets = if account == ACCOUNT {
        json!([BUCKET])
    } else {
        json!([])
    };
    assert_eq!(seen["buckets"], buckets);
    assert!(!kubelet.eks.agent.requests().is_empty());
}

/// What does with a pod what the kubelet would.
struct Kubelet {
    pod: Value,
    /// Each emptyDir, with its name.
    volumes: Vec<(Value, TempDir)>,
    /// What EKS has for the pod.
    eks: Pod,
}

impl Kubelet {
    fn of(pod: Value) -> Self {
        let volumes = elements(&pod["volumes"]).iter().map(|volume| {
            assert!(volume["emptyDir"].is_object(), "{volume}");
            (volume["name"].clone(), folder(0o777))
        });
        let eks = Pod::new();
        fs::set_permissions(eks.folder(), Permissions::from_mode(0o755)).expect("it is ours");
        Self {
            volumes: volumes.collect(),
            pod,
            eks,
        }
    }

    fn container(&self, name: &str) -> &Value {
        elements(&self.pod["containers"])
            .iter()
            .find(|container| container["name"] == *name)
            .unwrap_or_else(|| panic!("there is no container {name}"))
    }

    /// Runs the init container to its end.
    fn initialise(&self) -> Option<()> {
        let [container] = elements(&self.pod["initContainers"]) else {
            panic!("one init container: {}", self.pod);
        };
        let own = |(_, architecture): &&(&str, &str)| *architecture == env::consts::ARCH;
        let (platform, architecture) = PLATFORMS.iter().find(own).expect("an image for here");
        let (image, epicac) = (Image::of(platform)?, place::static_epicac(architecture)?);
        assert_eq!(container["command"], Value::Null);
        let arguments = elements(&container["args"]).iter().map(text);
        let program: Vec<&str> = image
            .entrypoint()
            .iter()
            .map(String::as_str)
            .chain(arguments)
            .collect();
        let root = image.unpacked(&epicac);
        let mut started = self.started(container, root.path(), Vec::new(), &program)?;
        succeeds(&started.output().expect("unshare starts"));
        Some(())
    }

    /// What an application sees that calls AWS in the container of that name.
    fn application(&self, container: &str, application: &Command) -> Option<Value> {
        let aws = Aws::start()?;
        let root = empty_root();
        let mut image = system(root.path());
        image.extend(python()?.iter().map(|folder| Mount::same(folder)));
        let program: Vec<&OsStr> = [application.get_program()]
            .into_iter()
            .chain(application.get_args())
            .collect();
        let container = self.container(container);
        let mut started = self.started(container, root.path(), image, &program)?;
        started.env("AWS_ENDPOINT_URL", &aws.endpoint);
        let mut application = Application::start(&mut started, aws);
        application.version();
        let seen = application.call();
        application.end();
        Some(seen)
    }

    /// How to start a program as a container, in a root that has `image` mounted.
    fn started(
        &self,
        container: &Value,
        root: &Path,
        image: Vec<Mount>,
        program: &[impl AsRef<OsStr>],
    ) -> Option<Command> {
        // As every root is here.
        let security = &container["securityContext"];
        assert_eq!(security["readOnlyRootFilesystem"], true);
        let id = |name: &str| security[name].as_u64().unwrap_or(USER);
        let user = format!("{}:{}", id("runAsUser"), id("runAsGroup"));

        let mut mounts = image;
        mounts.extend(elements(&container["volumeMounts"]).iter().map(|mount| {
            let mut volumes = self.volumes.iter();
            let (_, volume) = volumes
                .find(|(name, _)| *name == mount["name"])
                .unwrap_or_else(|| panic!("there is no volume for {mount}"));
            Mount {
                from: volume.path().to_owned(),
                at: text(&mount["mountPath"]).into(),
                read_only: mount["readOnly"] == true,
            }
        }));
        mounts.push(Mount {
            from: self.eks.folder().to_owned(),
            at: TOKEN_FOLDER.into(),
            read_only: true,
        });
        let token = self.eks.token_file();
        let token = Path::new(TOKEN_FOLDER).join(token.file_name().expect("it has a name"));

        let mut started = in_root(root, &user, &mounts, program)?;
        // The first two are the container runtime's.
        started
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", "/")
            .envs(self.eks.added_by_eks(&token))
            .envs(variables(container));
        Some(started)
    }
}

/// The variables of a container, by its own manifest.
fn variables(container: &Value) -> Vec<(&str, &str)> {
    let variables = container["env"].as_array().into_iter().flatten();
    variables
        .map(|variable| (text(&variable["name"]), text(&variable["value"])))
        .collect()
}

/// The folders of the applications in Python, of the SDK, and of Python itself. `None` means that the test is
/// skipped.
fn python() -> Option<Vec<PathBuf>> {
    let python = paths::in_venv("python")?;
    let venv = python.ancestors().nth(2).expect("it is in bin");
    let prefix = ask::in_venv(
        "python",
        &["-c", "import sys; print(sys.base_prefix, end='')"],
    )?;
    let prefix = PathBuf::from(prefix.expect("Python runs"));
    let mut folders = vec![venv.to_owned(), application::python_folder()];
    // That of the system is there with it.
    folders.extend((!prefix.starts_with("/usr")).then_some(prefix));
    Some(folders)
}

fn empty_root() -> TempDir {
    folder(0o755)
}

fn folder(mode: u32) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::set_permissions(folder.path(), Permissions::from_mode(mode)).expect("the folder is ours");
    folder
}

fn elements(list: &Value) -> &[Value] {
    list.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
