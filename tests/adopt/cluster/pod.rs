//! A pod on the node, and what can be seen of it.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use epicac_adopt::ask;
use epicac_adopt::isolated::until;
use epicac_tests::aws::{ACCOUNT, BUCKET};
use serde_json::{Value, json};

use crate::node::{NAMESPACE, Node};
use crate::webhook::TOKEN;

/// Where the kubelet keeps its pods.
const PODS: &str = "/run/node/kubelet/pods";
/// The container of the application.
pub const APPLICATION: &str = "my-application";

/// A pod on the node; it is deleted when this is dropped.
pub struct Pod<'a> {
    pub node: &'a Node,
    pub name: String,
    pub uid: String,
}

impl Pod<'_> {
    /// The pod as the API server has it.
    pub fn object(&self) -> Value {
        let arguments = [
            "get",
            "pod",
            &self.name,
            "--namespace",
            NAMESPACE,
            "--output=json",
        ];
        let object = self.node.cluster.kubectl(arguments).expect("it is there");
        serde_json::from_str(&object).expect("kubectl prints JSON")
    }

    /// What the application in a container saw when it called AWS, after so many restarts.
    fn seen_in(&self, container: &str, restarts: u32) -> Value {
        let folder = format!("{NAMESPACE}_{}_{}/{container}", self.name, self.uid);
        let logs = self
            .node
            .cluster
            .isolated
            .path("/var/log/pods")
            .join(folder);
        until(
            &format!("{} calls AWS: {}", self.name, self.object()["status"]),
            || {
                let log = fs::read_to_string(logs.join(format!("{restarts}.log"))).ok()?;
                let seen = log.lines().filter_map(|line| {
                    let (_, json) = line.split_once(" F ")?;
                    serde_json::from_str::<Value>(json).ok()
                });
                seen.into_iter().find(|seen| seen["version"].is_null())
            },
        )
    }

    pub fn seen(&self) -> Value {
        self.seen_in(APPLICATION, 0)
    }

    pub fn is_the_role(&self) {
        self.is_the_role_in(APPLICATION, 0);
    }

    /// An application in another container, or after so many restarts.
    pub fn is_the_role_in(&self, container: &str, restarts: u32) {
        let seen = self.seen_in(container, restarts);
        let arn = seen["arn"].as_str().unwrap_or_default();
        let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/dest/");
        assert!(arn.starts_with(&session), "{}: {seen}", self.name);
        assert_eq!(seen["buckets"], json!([BUCKET]));
    }

    /// The role, with a whole wall, and nothing that doctor would warn of.
    pub fn is_sound(&self) {
        self.is_the_role();
        assert_eq!(self.warnings(), [""; 0], "{}", self.name);
        let explained = self.exec(&["/opt/epicac/epicac", "policy", "--explain"]);
        let explained = explained.expect("there is a policy");
        assert_eq!(ask::standing_layers(&explained), 5, "{explained}");
    }

    /// The folder of a volume.
    pub fn volume(&self, kind: &str, name: &str) -> PathBuf {
        let folder = format!("{PODS}/{}/volumes/kubernetes.io~{kind}/{name}", self.uid);
        self.node.cluster.isolated.path(&folder)
    }

    /// The token of a projected volume, as the kubelet has written it.
    pub fn token_in(&self, volume: &str, name: &str) -> String {
        let token = fs::read_to_string(self.volume("projected", volume).join(name));
        token.expect("the token is there")
    }

    /// The token of EKS.
    pub fn token(&self) -> String {
        self.token_in(TOKEN, TOKEN)
    }

    /// Its user and its mode.
    pub fn token_is_for(&self) -> (u32, u32) {
        let token = fs::metadata(self.volume("projected", TOKEN).join(TOKEN));
        let token = token.expect("the token is there");
        (token.uid(), token.mode() & 0o777)
    }

    /// The container of a name; that of the sandbox has none.
    pub fn container(&self, name: &str) -> String {
        let label = |label: &str, value: &str| format!("labels.\"{label}\"=={value}");
        let uid = label("io.kubernetes.pod.uid", &self.uid);
        let which = match name {
            "" => label("io.cri-containerd.kind", "sandbox"),
            name => label("io.kubernetes.container.name", name),
        };
        let list = ["containers", "list", "--quiet", &format!("{uid},{which}")];
        let found = ask::must_say(&mut self.node.ctr(&list));
        found.trim().to_owned()
    }

    /// What a program prints in the container of the application.
    pub fn exec(&self, program: &[&str]) -> Result<String, String> {
        self.exec_with(&[], program)
    }

    pub fn exec_with(&self, options: &[&str], program: &[&str]) -> Result<String, String> {
        self.exec_in(APPLICATION, options, program)
    }

    /// What it prints in another container.
    pub fn exec_in(
        &self,
        container: &str,
        options: &[&str],
        program: &[&str],
    ) -> Result<String, String> {
        let container = self.container(container);
        ask::said(&mut self.node.exec(&container, options, program), "")
    }

    /// What doctor warns of in the container of the application.
    pub fn warnings(&self) -> Vec<String> {
        let found = until("doctor can be run", || {
            self.exec(&["/opt/epicac/epicac", "doctor", "--json"]).ok()
        });
        let found: Value = serde_json::from_str(&found).expect("doctor prints JSON");
        let checks = found["checks"].as_array().expect("a list").iter();
        let warnings = checks.filter(|check| check["verdict"] == "warn");
        warnings.map(|check| check["detail"].to_string()).collect()
    }

    /// What the init container called epicac says when it fails.
    pub fn failure_of_epicac(&self) -> String {
        until("the init container fails", || {
            let object = self.object();
            let state = &object["status"]["initContainerStatuses"][0];
            ["state", "lastState"]
                .iter()
                .find_map(|name| Some(state[name]["terminated"]["message"].as_str()?.to_owned()))
        })
    }
}

impl Drop for Pod<'_> {
    fn drop(&mut self) {
        let arguments = [
            "delete",
            "pod",
            &self.name,
            "--namespace",
            NAMESPACE,
            "--grace-period=1",
        ];
        let _ = self.node.cluster.kubectl(arguments);
    }
}
