//! A kubelet's work, without one: a pod's volumes, its init container in the root of epicac's image, and an application
//! with a real SDK in a root of its own, which gets what the manifest and EKS give it and nothing else.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_adopt::{ask, place};
use epicac_tests::application::{self, Application};
use epicac_tests::aws::Aws;
use epicac_tests::root::{self, Mount, in_root, system};
use epicac_tests::{Pod, paths};
use serde_json::Value;
use tempfile::TempDir;

use crate::image::{Image, PLATFORMS, succeeds};

/// Where EKS mounts the token.
const TOKEN_FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
/// The user of an image that a pod says nothing of: not that of epicac's.
const USER: u64 = 10_001;

/// What does with a pod what the kubelet would.
pub struct Kubelet {
    pod: Value,
    /// Each emptyDir, with its name.
    volumes: Vec<(Value, TempDir)>,
    /// What EKS has for the pod.
    pub eks: Pod,
}

impl Kubelet {
    pub fn of(pod: Value) -> Self {
        let volumes = elements(&pod["volumes"]).iter().map(|volume| {
            assert!(volume["emptyDir"].is_object(), "{volume}");
            (volume["name"].clone(), root::folder(0o777))
        });
        let eks = Pod::new();
        fs::set_permissions(eks.folder(), Permissions::from_mode(0o755)).expect("it is ours");
        Self {
            volumes: volumes.collect(),
            pod,
            eks,
        }
    }

    pub fn container(&self, name: &str) -> &Value {
        elements(&self.pod["containers"])
            .iter()
            .find(|container| container["name"] == *name)
            .unwrap_or_else(|| panic!("there is no container {name}"))
    }

    /// Runs the init container to its end.
    pub fn initialise(&self) -> Option<()> {
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
    pub fn application(&self, container: &str, application: &Command) -> Option<Value> {
        let aws = Aws::start()?;
        let root = root::folder(0o755);
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
    pub fn started(
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

fn elements(list: &Value) -> &[Value] {
    list.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
