//! The control plane, started once for all tests of this program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use epicac_adopt::isolated::{Isolated, until};
use epicac_adopt::{ask, place};
use epicac_tests::require::require;
use serde_json::{Value, json};

/// A namespace that enforces the level `restricted`, and warns of whatever it would refuse in a template.
pub const RESTRICTED: &str = "restricted";
/// A namespace that enforces nothing.
pub const PRIVILEGED: &str = "privileged";

/// The objects that every test may use. There is no controller that would make the service accounts.
const SETUP: &str = r"
apiVersion: v1
kind: Namespace
metadata:
  name: restricted
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/warn: restricted
---
apiVersion: v1
kind: Namespace
metadata:
  name: privileged
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: restricted}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: my-application, namespace: restricted}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: privileged}
";

/// A running control plane.
pub struct Cluster {
    pub isolated: Isolated,
    kubectl: PathBuf,
}

/// The control plane. `None` means that the test is skipped.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start).as_ref()
}

impl Cluster {
    fn start() -> Option<Self> {
        let tools = place::tool("kube-apiserver")?;
        let kubectl = place::tool("kubectl")?;
        require("openssl")?;
        let script = place::repository("tests/adopt/cluster/start.sh");
        let tools = tools.parent().expect("it lies in a folder").as_os_str();
        let isolated = Isolated::start(&script, &[tools])?;
        let cluster = Self { isolated, kubectl };
        until("the API server is ready", || {
            cluster.kubectl(["get", "--raw", "/readyz"]).ok()
        });
        cluster.apply(SETUP);
        Some(cluster)
    }

    /// What kubectl prints, or why it fails.
    pub fn kubectl<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<String, String> {
        self.kubectl_with("", arguments)
    }

    /// The same with a text as its standard input.
    pub fn kubectl_with<S: AsRef<OsStr>>(
        &self,
        text: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Result<String, String> {
        let mut command = self.isolated.command(&self.kubectl);
        command
            .args(["--server", "https://127.0.0.1:6443", "--token", "admin"])
            .args([
                "--insecure-skip-tls-verify",
                "--cache-dir=/run/cluster/cache",
            ])
            .args(arguments)
            .env("KUBECONFIG", "/dev/null");
        ask::said(&mut command, text)
    }

    /// Applies manifests, or panics.
    pub fn apply(&self, yaml: &str) {
        // kubectl fails where somebody else creates the object at the same time.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        self.kubectl_with(yaml, ["apply", "--filename", "-"])
            .unwrap_or_else(|why| panic!("{why}\n{yaml}"));
    }

    /// An object as kubectl reads it, without the server.
    pub fn read(&self, yaml: &str) -> Value {
        let arguments = [
            "create",
            "--dry-run=client",
            "--output=json",
            "--filename",
            "-",
        ];
        let json = self.kubectl_with(yaml, arguments);
        let json = json.unwrap_or_else(|why| panic!("{why}\n{yaml}"));
        serde_json::from_str(&json).expect("kubectl prints JSON")
    }

    /// Makes a namespace like [`RESTRICTED`].
    pub fn restricted_namespace(&self, name: &str) {
        let (namespace, _) = SETUP.split_once("---").expect("it is the first object");
        self.apply(&namespace.replace("name: restricted", &format!("name: {name}")));
    }

    /// Deletes what a manifest says.
    pub fn delete(&self, yaml: &str, namespace: &str) {
        let arguments = [
            "delete",
            "--namespace",
            namespace,
            "--wait=false",
            "--filename",
            "-",
        ];
        self.kubectl_with(yaml, arguments)
            .unwrap_or_else(|why| panic!("{why}"));
    }

    /// Creates what a manifest says, as `kubectl create` does: an unknown field is an error, and so is a warning of the
    /// API server. With `dry`, nothing is kept.
    pub fn create(&self, yaml: &str, namespace: &str, dry: bool) -> Result<Vec<Value>, String> {
        let dry = if dry {
            "--dry-run=server"
        } else {
            "--dry-run=none"
        };
        let created = self.kubectl_with(
            yaml,
            [
                "create",
                "--namespace",
                namespace,
                "--validate=strict",
                "--warnings-as-errors",
                dry,
                "--output=json",
                "--filename",
                "-",
            ],
        )?;
        Ok(objects(&created))
    }

    /// What kubectl's kustomize builds of a folder.
    pub fn kustomize(&self, folder: &Path) -> String {
        self.kubectl([OsStr::new("kustomize"), folder.as_os_str()])
            .unwrap_or_else(|why| panic!("{}: {why}", folder.display()))
    }
}

/// Adds an element to a list of an object, which may not be there yet.
pub fn push(list: &mut Value, element: Value) {
    match list.as_array_mut() {
        Some(elements) => elements.push(element),
        None => *list = json!([element]),
    }
}

/// kubectl prints one object, a list of them, or one after the other.
pub fn objects(json: &str) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    let mut found = Vec::new();
    for document in documents {
        let document = document.expect("kubectl prints JSON");
        match document["items"].as_array() {
            Some(items) => found.extend(items.iter().cloned()),
            None => found.push(document),
        }
    }
    found
}
