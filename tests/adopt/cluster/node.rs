//! The pods of the documentation on a real node: a kubelet with containerd and runc, behind what EKS's webhook adds. The
//! token is signed by this API server and judged by it, and the caller is the role of the other account.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use epicac_adopt::isolated::until;
use epicac_adopt::{ask, markdown, place};
use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use epicac_tests::require::require;
use epicac_tests::{Agent, Answer, paths};
use serde_json::{Value, json};

use crate::server::{Cluster, cluster};

/// The namespace of the pods, which enforces the level `restricted`.
const NAMESPACE: &str = "node";
/// Where the kubelet keeps its pods.
const PODS: &str = "/run/node/kubelet/pods";
const BUILDAH: [&str; 4] = [
    "--storage-driver=vfs",
    "--root=/run/storage",
    "--runroot=/run/runroot",
    "bud",
];
/// A container that only keeps the namespaces of its pod.
const PAUSE: &str = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n";

/// What EKS's webhook adds to a pod whose service account has an association, and where this test's AWS is.
const EKS: &str = r"
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: webhook-of-eks}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
  variables:
    - name: folder
      expression: >-
        '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount'
    - name: env
      expression: >-
        {'AWS_REGION': 'us-west-2', 'AWS_DEFAULT_REGION': 'us-west-2',
         'AWS_ENDPOINT_URL': 'ENDPOINT', 'AWS_ENDPOINT_URL_STS': 'ENDPOINT',
         'AWS_CONTAINER_CREDENTIALS_FULL_URI': 'http://169.254.170.23/v1/credentials',
         'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE': variables.folder + '/eks-pod-identity-token'}
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration:
        expression: >-
          Object{spec: Object.spec{containers: object.spec.containers.map(c, Object.spec.containers{
            name: c.name,
            env: variables.env.map(n, Object.spec.containers.env{name: n, value: variables.env[n]}),
            volumeMounts: [Object.spec.containers.volumeMounts{
              name: 'eks-pod-identity-token', mountPath: variables.folder, readOnly: true
            }]
          })}}
    # A list of sources is atomic, which an apply configuration may not hold.
    - patchType: JSONPatch
      jsonPatch:
        expression: >-
          (has(object.spec.volumes) ? [] : [JSONPatch{op: 'add', path: '/spec/volumes', value: []}]) +
          [JSONPatch{op: 'add', path: '/spec/volumes/-', value: Object.spec.volumes{
            name: 'eks-pod-identity-token',
            projected: Object.spec.volumes.projected{sources: [Object.spec.volumes.projected.sources{
              serviceAccountToken: Object.spec.volumes.projected.sources.serviceAccountToken{
                audience: 'pods.eks.amazonaws.com', expirationSeconds: 86400, path: 'eks-pod-identity-token'
              }
            }]}
          }}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: webhook-of-eks}
spec:
  policyName: webhook-of-eks
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: node}}}
";

/// A node of the cluster. It ends with the cluster's namespaces.
struct Node {
    cluster: &'static Cluster,
    _kubelet: Child,
    /// What the pods call; both live as long as this program.
    aws: Aws,
    agent: Agent,
}

/// The node. `None` means that the test is skipped.
fn node() -> Option<&'static Node> {
    static NODE: OnceLock<Option<Node>> = OnceLock::new();
    NODE.get_or_init(Node::start).as_ref()
}

impl Node {
    fn start() -> Option<Self> {
        let cluster = cluster()?;
        for tool in ["containerd", "ctr", "runc", "buildah", "cc"] {
            require(tool)?;
        }
        let kubelet = place::tool("kubelet")?;
        let epicac = place::static_epicac(std::env::consts::ARCH)?;
        let sdks = paths::existing("EPICAC_SDKS", "sdks", "cargo xtask setup sdks")?;
        let aws = cluster.isolated.on_its_network(|| Aws::at("10.1.0.1"))?;
        let agent = agent(cluster);

        let tools = kubelet.parent().expect("it lies in a folder");
        let kubelet = cluster
            .isolated
            .command("sh")
            .arg(place::repository("tests/adopt/cluster/node.sh"))
            .arg(tools)
            .stdin(Stdio::null())
            .spawn()
            .expect("nsenter starts");
        let node = Self {
            cluster,
            _kubelet: kubelet,
            aws,
            agent,
        };
        until("containerd answers", || {
            ask::said(&mut node.ctr(&["version"]), "").ok()
        });
        node.images(&epicac, &sdks.join("go/application"));
        cluster.restricted_namespace(NAMESPACE);
        for account in ["default", "my-application"] {
            let arguments = [
                "create",
                "serviceaccount",
                account,
                "--namespace",
                NAMESPACE,
            ];
            cluster.kubectl(arguments).expect("it can be created");
        }
        let endpoint = format!("'{}'", node.aws.endpoint);
        cluster.apply(&EKS.replace("'ENDPOINT'", &endpoint));
        until("the node is ready", || {
            let ready = "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";
            let ready = cluster
                .kubectl(["get", "node", "node", "--output", ready])
                .ok()?;
            (ready == "True").then_some(())
        });
        until("the policy is in force", || {
            let pod = json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"},
                "spec": {
                    "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
                    "containers": [{"name": "a", "image": "i", "securityContext": {
                        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
                    }}],
                },
            });
            let created = cluster.create(&pod.to_string(), NAMESPACE, true).ok()?;
            created[0]["spec"]["containers"][0]["env"]
                .is_array()
                .then_some(())
        });
        Some(node)
    }

    fn ctr(&self, arguments: &[&str]) -> Command {
        let mut ctr = self.cluster.isolated.command("ctr");
        ctr.args(["--namespace", "k8s.io"]).args(arguments);
        ctr
    }

    /// Builds the images and gives them to containerd: that of epicac, and the application's, with and without what
    /// stands in for a shell.
    fn images(&self, epicac: &Path, application: &Path) {
        let context = tempfile::tempdir().expect("a folder can be made");
        let file = |name: &str| context.path().join(name);
        fs::copy(epicac, file("epicac")).expect("it can be copied");
        fs::copy(application, file("application")).expect("it can be copied");
        fs::write(file("pause.c"), PAUSE).expect("it can be written");
        let mut cc = Command::new("cc");
        cc.args(["-static", "-o"])
            .arg(file("pause"))
            .arg(file("pause.c"));
        said(&mut cc);
        let run = "USER 10001:10001\nENTRYPOINT [\"/my-application\", \"2s\"]\n";
        let application = "FROM scratch\nCOPY --chmod=0755 application /my-application\n";
        for (tag, dockerfile) in [
            (
                "registry.example/pause:1",
                "FROM scratch\nCOPY --chmod=0755 pause /pause\nENTRYPOINT [\"/pause\"]\n".to_owned(),
            ),
            (
                "ghcr.io/epicac/epicac:0.1.0",
                "FROM scratch\nCOPY --chmod=0755 epicac /epicac\nUSER 65532:65532\nENTRYPOINT [\"/epicac\"]\n"
                    .to_owned(),
            ),
            (
                "registry.example/my-application:1.0.0",
                format!("{application}COPY --chmod=0755 epicac /bin/sh\n{run}"),
            ),
            (
                "registry.example/without-shell:1",
                format!("{application}{run}"),
            ),
        ] {
            fs::write(file("Dockerfile"), dockerfile).expect("it can be written");
            let mut buildah = self.cluster.isolated.command("buildah");
            buildah.args(BUILDAH).args(["--isolation=chroot", "--tag", tag]);
            said(buildah.arg(context.path()));
            let archive = format!("docker-archive:/run/image.tar:{tag}");
            let mut buildah = self.cluster.isolated.command("buildah");
            said(buildah.args(&BUILDAH[..3]).args(["push", tag, &archive]));
            said(&mut self.ctr(&["images", "import", "--snapshotter", "native", "/run/image.tar"]));
            let archive = self.cluster.isolated.path("/run/image.tar");
            fs::remove_file(archive).expect("it can be removed");
        }
    }

    /// Creates a pod and binds it to the node, for there is no scheduler.
    fn start_pod(&self, mut pod: Value, name: &str) -> Pod<'_> {
        pod["metadata"]["name"] = json!(name);
        pod["metadata"]["namespace"] = json!(NAMESPACE);
        let created = self.cluster.create(&pod.to_string(), NAMESPACE, false);
        let created = created.unwrap_or_else(|why| panic!("{name}: {why}"));
        let uid = created[0]["metadata"]["uid"]
            .as_str()
            .expect("an id")
            .to_owned();
        let binding = json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": name},
            "target": {"apiVersion": "v1", "kind": "Node", "name": "node"},
        });
        let path = format!("/api/v1/namespaces/{NAMESPACE}/pods/{name}/binding");
        self.cluster
            .kubectl_with(
                &binding.to_string(),
                ["create", "--raw", &path, "--filename", "-"],
            )
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        Pod {
            node: self,
            name: name.to_owned(),
            uid,
        }
    }
}

fn said(command: &mut Command) -> String {
    ask::said(command, "").unwrap_or_else(|why| panic!("{command:?}: {why}"))
}

/// The agent, for which the API server judges each token.
fn agent(cluster: &'static Cluster) -> Agent {
    let address = SocketAddr::from(([169, 254, 170, 23], 80));
    let agent = cluster.isolated.on_its_network(|| Agent::listen(address));
    let agent = agent.expect("the address is free");
    agent.handle(move |request| {
        let token = request.headers.iter().find_map(|(name, value)| {
            name.eq_ignore_ascii_case("Authorization")
                .then_some(value.clone())
        });
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": {"token": token, "audiences": ["pods.eks.amazonaws.com"]},
        });
        let arguments = ["create", "--output=json", "--filename", "-"];
        let review = cluster.kubectl_with(&review.to_string(), arguments);
        let review: Value = serde_json::from_str(&review.unwrap_or_default()).unwrap_or_default();
        let user = review["status"]["user"]["username"]
            .as_str()
            .unwrap_or_default();
        let known = review["status"]["authenticated"] == true
            && user.starts_with(&format!("system:serviceaccount:{NAMESPACE}:"));
        (!known).then(|| Answer::text(403, &format!("the API server does not know it: {review}\n")))
    });
    agent
}

/// A pod on the node; it is deleted when this is dropped.
struct Pod<'a> {
    node: &'a Node,
    name: String,
    uid: String,
}

impl Pod<'_> {
    /// The pod as the API server has it.
    fn object(&self) -> Value {
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

    /// What the application saw when it called AWS.
    fn seen(&self) -> Value {
        let folder = format!("{NAMESPACE}_{}_{}/my-application", self.name, self.uid);
        let logs = self
            .node
            .cluster
            .isolated
            .path("/var/log/pods")
            .join(folder);
        until(
            &format!("{} calls AWS: {}", self.name, self.object()["status"]),
            || {
                let log = fs::read_to_string(logs.join("0.log")).ok()?;
                let seen = log.lines().filter_map(|line| {
                    let (_, json) = line.split_once(" F ")?;
                    serde_json::from_str::<Value>(json).ok()
                });
                seen.into_iter().find(|seen| seen["version"].is_null())
            },
        )
    }

    fn is_the_role(&self) {
        let seen = self.seen();
        let arn = seen["arn"].as_str().unwrap_or_default();
        let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/dest/");
        assert!(arn.starts_with(&session), "{}: {seen}", self.name);
        assert_eq!(seen["buckets"], json!([BUCKET]));
    }

    /// The folder of a volume.
    fn volume(&self, kind: &str, name: &str) -> PathBuf {
        let folder = format!("{PODS}/{}/volumes/kubernetes.io~{kind}/{name}", self.uid);
        self.node.cluster.isolated.path(&folder)
    }

    /// The user and the mode of the token.
    fn token(&self) -> (u32, u32) {
        let folder = self
            .volume("projected", "eks-pod-identity-token")
            .join("..data");
        let folder = folder
            .parent()
            .expect("a folder")
            .join(fs::read_link(&folder).expect("a link"));
        let token =
            fs::metadata(folder.join("eks-pod-identity-token")).expect("the token is there");
        (token.uid(), token.mode() & 0o777)
    }

    /// What a program prints in the container of the application.
    fn exec(&self, program: &[&str]) -> Result<String, String> {
        let named = |label: &str, value: &str| format!("labels.\"io.kubernetes.{label}\"=={value}");
        let filter = [
            named("pod.uid", &self.uid),
            named("container.name", "my-application"),
        ];
        let container =
            said(
                &mut self
                    .node
                    .ctr(&["containers", "list", "--quiet", &filter.join(",")]),
            );
        let exec = ["tasks", "exec", "--exec-id", "asked", container.trim()];
        ask::said(self.node.ctr(&exec).args(program), "")
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

/// The pod in deploy/kubernetes/README.md.
fn readme(cluster: &Cluster) -> Value {
    let blocks = markdown::blocks(Path::new("deploy/kubernetes/README.md"));
    let mut blocks = blocks.iter();
    let block = blocks.find(|block| block.text.contains("\nkind: Pod\n"));
    let yaml = &block.expect("the page has one").text;
    let arguments = [
        "create",
        "--dry-run=client",
        "--output=json",
        "--filename",
        "-",
    ];
    let json = cluster.kubectl_with(yaml, arguments).expect("it is valid");
    serde_json::from_str(&json).expect("kubectl prints JSON")
}

#[test]
fn the_pod_of_the_page_is_the_role_of_the_other_account() {
    let Some(node) = node() else { return };
    let pod = node.start_pod(readme(node.cluster), "as-printed");
    pod.is_the_role();
    // The user of epicac's image, which the pod does not name.
    let installed = pod.volume("empty-dir", "epicac").join("epicac");
    assert_eq!(
        fs::metadata(installed).expect("it is installed").uid(),
        65_532
    );
    let epicac = |arguments: &[&str]| pod.exec(&[&["/opt/epicac/epicac"], arguments].concat());
    let found = epicac(&["doctor", "--json"]).expect("doctor finds no error");
    let found: Value = serde_json::from_str(&found).expect("doctor prints JSON");
    for check in found["checks"].as_array().expect("a list") {
        assert_ne!(check["verdict"], "warning", "{check}");
    }
    let policy = epicac(&["policy"]).expect("there is one");
    let policy: Value = serde_json::from_str(&policy).expect("a policy is JSON");
    for (layer, state) in policy["wall"].as_object().expect("an object") {
        assert_eq!(state, "enforced", "{layer}");
    }
    // Anybody may write to the folder of the volume; it is the mount that is read-only.
    let other = "--profile=dest_role=arn:aws:iam::333333333333:role/other";
    let why = epicac(&["install", "/opt/epicac", other]).expect_err("it cannot be written");
    assert!(why.contains("Read-only file system"), "{why}");
    assert!(!node.agent.requests().is_empty());
}

#[test]
fn so_is_one_without_a_shell_that_has_the_volume_mounted_at_bin_sh() {
    let Some(node) = node() else { return };
    let mut pod = readme(node.cluster);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let mount =
        json!({"name": "epicac", "mountPath": "/bin/sh", "subPath": "epicac", "readOnly": true});
    container["volumeMounts"]
        .as_array_mut()
        .expect("a list")
        .push(mount);
    node.start_pod(pod, "without-shell").is_the_role();
}

#[test]
fn so_is_one_that_only_has_the_annotation() {
    let Some(node) = node() else { return };
    crate::admission::with_policy();
    let file = place::repository("deploy/kubernetes/examples/admission/pod.yaml");
    let yaml = fs::read_to_string(file).expect("the example can be read");
    let arguments = [
        "create",
        "--dry-run=client",
        "--output=json",
        "--filename",
        "-",
    ];
    let json = node
        .cluster
        .kubectl_with(&yaml, arguments)
        .expect("it is valid");
    let pod = serde_json::from_str(&json).expect("kubectl prints JSON");
    node.start_pod(pod, "by-annotation").is_the_role();
}

/// Another user in one container would open the token to everybody.
#[test]
fn the_token_of_a_pod_with_a_user_is_for_that_user_alone() {
    let Some(node) = node() else { return };
    let mut pod = readme(node.cluster);
    pod["spec"]["securityContext"]["runAsUser"] = json!(1000);
    let pod = node.start_pod(pod, "with-a-user");
    pod.is_the_role();
    assert_eq!(pod.token(), (1000, 0o600));
}

#[test]
fn so_it_is_by_the_annotation_where_the_container_names_the_user() {
    let Some(node) = node() else { return };
    crate::admission::with_policy();
    let mut pod = readme(node.cluster);
    let profile = format!("dest_role=arn:aws:iam::{ACCOUNT}:role/dest");
    pod["metadata"]["annotations"] = json!({"epicac.github.io/profiles": profile});
    let spec = pod["spec"].as_object_mut().expect("an object");
    spec.remove("initContainers");
    spec.remove("volumes");
    let container = &mut pod["spec"]["containers"][0];
    container["securityContext"]["runAsUser"] = json!(1000);
    for list in ["env", "volumeMounts"] {
        container[list] = json!([]);
    }
    let pod = node.start_pod(pod, "with-its-own-user");
    pod.is_the_role();
    assert_eq!(pod.token(), (1000, 0o600));
}

#[test]
fn a_failure_of_the_init_container_is_told_by_the_pod() {
    let Some(node) = node() else { return };
    let mut pod = readme(node.cluster);
    let arguments = pod["spec"]["initContainers"][0]["args"].as_array_mut();
    arguments.expect("a list").push(json!("--no-such-option"));
    let pod = node.start_pod(pod, "fails");
    let message = until("the init container fails", || {
        let object = pod.object();
        let state = &object["status"]["initContainerStatuses"][0];
        ["state", "lastState"]
            .iter()
            .find_map(|name| Some(state[name]["terminated"]["message"].as_str()?.to_owned()))
    });
    assert!(message.contains("--no-such-option"), "{message}");
}
