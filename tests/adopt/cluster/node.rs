//! The pods of the documentation on a real node: a kubelet with containerd and runc, behind what EKS's webhook adds. The
//! token is signed by this API server and judged by it, and the caller is the role of the other account.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use epicac_adopt::isolated::until;
use epicac_adopt::{ask, markdown, place};
use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use epicac_tests::require::require;
use epicac_tests::sts;
use epicac_tests::{Agent, Answer, Authority, Request, TlsServer, paths};
use serde_json::{Value, json};

use crate::server::{Cluster, PRIVILEGED, cluster};

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
/// The STS of the pods' region.
const STS: &str = "sts.us-west-2.amazonaws.com";
/// The end of the ARN of a role that nobody may assume.
const DENIED: &str = ":role/denied";
/// A container that only keeps the namespaces of its pod.
const PAUSE: &str = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n";

/// What EKS's webhook adds to a pod whose service account has an association, and where this test's AWS is. The webhook
/// leaves both variables of the endpoint alone where a container has one of them. Init containers find AWS by its names.
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
          Object{spec: Object.spec{
            containers: object.spec.containers.map(c, Object.spec.containers{
              name: c.name,
              env: variables.env
                .filter(n, !(n.startsWith('AWS_CONTAINER_') && has(c.env) &&
                  c.env.exists(e, e.name.startsWith('AWS_CONTAINER_'))))
                .map(n, Object.spec.containers.env{name: n, value: variables.env[n]}),
              volumeMounts: [Object.spec.containers.volumeMounts{
                name: 'eks-pod-identity-token', mountPath: variables.folder, readOnly: true
              }]
            }),
            initContainers: (has(object.spec.initContainers) ? object.spec.initContainers : []).map(c,
              Object.spec.initContainers{
                name: c.name,
                env: variables.env.filter(n, !n.startsWith('AWS_ENDPOINT_'))
                  .map(n, Object.spec.initContainers.env{name: n, value: variables.env[n]}),
                volumeMounts: [Object.spec.initContainers.volumeMounts{
                  name: 'eks-pod-identity-token', mountPath: variables.folder, readOnly: true
                }]
              })
          }}
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
    sts: RegionalSts,
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
        let sts = RegionalSts::start(cluster, &aws);

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
            sts,
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

/// AWS's STS in the region of the pods, by its own name and over TLS. It knows what [`Aws`] knows, but refuses a role
/// called [`DENIED`].
struct RegionalSts {
    agent: Agent,
    _tls: TlsServer,
    authority: Authority,
}

impl RegionalSts {
    fn start(cluster: &Cluster, aws: &Aws) -> Self {
        let aws = aws.endpoint.trim_start_matches("http://").to_owned();
        cluster.isolated.on_its_network(|| {
            let agent = Agent::start().expect("a port is free");
            agent.handle(move |request| {
                if sts::form(request)["RoleArn"].ends_with(DENIED) {
                    return Some(sts::refusal(403, "AccessDenied", "not for this pod"));
                }
                Some(Answer::raw(passed_on(request, &aws).unwrap_or_default()))
            });
            let authority = Authority::new().expect("an authority can be made");
            let address = SocketAddr::from(([10, 1, 0, 1], 443));
            let tls = TlsServer::listen(address, agent.address(), &authority, &[STS]);
            Self {
                agent,
                _tls: tls.expect("the address is free"),
                authority,
            }
        })
    }
}

/// What a server answers to a request.
fn passed_on(request: &Request, server: &str) -> io::Result<Vec<u8>> {
    let mut head = format!("{} {} HTTP/1.0\r\n", request.method, request.target);
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut stream = TcpStream::connect(server)?;
    stream.write_all(&[format!("{head}\r\n").as_bytes(), &request.body].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
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

    /// What the application saw when it called AWS, after so many restarts.
    fn seen_after(&self, restarts: u32) -> Value {
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
                let log = fs::read_to_string(logs.join(format!("{restarts}.log"))).ok()?;
                let seen = log.lines().filter_map(|line| {
                    let (_, json) = line.split_once(" F ")?;
                    serde_json::from_str::<Value>(json).ok()
                });
                seen.into_iter().find(|seen| seen["version"].is_null())
            },
        )
    }

    fn seen(&self) -> Value {
        self.seen_after(0)
    }

    fn is_the_role(&self) {
        self.is_the_role_after(0);
    }

    fn is_the_role_after(&self, restarts: u32) {
        let seen = self.seen_after(restarts);
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

    /// The container of a name; that of the sandbox has none.
    fn container(&self, name: &str) -> String {
        let label = |label: &str, value: &str| format!("labels.\"{label}\"=={value}");
        let uid = label("io.kubernetes.pod.uid", &self.uid);
        let which = match name {
            "" => label("io.cri-containerd.kind", "sandbox"),
            name => label("io.kubernetes.container.name", name),
        };
        let list = ["containers", "list", "--quiet", &format!("{uid},{which}")];
        let found = said(&mut self.node.ctr(&list));
        found.trim().to_owned()
    }

    /// What a program prints in the container of the application.
    fn exec(&self, program: &[&str]) -> Result<String, String> {
        self.exec_with(&[], program)
    }

    fn exec_with(&self, options: &[&str], program: &[&str]) -> Result<String, String> {
        let container = self.container("my-application");
        let exec = [&["tasks", "exec", "--exec-id", "asked"], options].concat();
        ask::said(self.node.ctr(&exec).arg(container).args(program), "")
    }

    /// What the init container called epicac says when it fails.
    fn failure_of_epicac(&self) -> String {
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

fn push(list: &mut Value, element: Value) {
    match list.as_array_mut() {
        Some(elements) => elements.push(element),
        None => *list = json!([element]),
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
    assert_eq!(warnings(&pod), [""; 0]);
    let explained = epicac(&["policy", "--explain"]).expect("there is a policy");
    assert_eq!(ask::standing_layers(&explained), 5, "{explained}");
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

/// What doctor warns of in the container of the application.
fn warnings(pod: &Pod<'_>) -> Vec<String> {
    let found = until("doctor can be run", || {
        pod.exec(&["/opt/epicac/epicac", "doctor", "--json"]).ok()
    });
    let found: Value = serde_json::from_str(&found).expect("doctor prints JSON");
    let checks = found["checks"].as_array().expect("a list").iter();
    let warnings = checks.filter(|check| check["verdict"] == "warn");
    warnings.map(|check| check["detail"].to_string()).collect()
}

/// As containerd 2.1 makes it of an image volume with a subPath.
#[test]
fn doctor_tells_of_a_folder_at_bin_sh() {
    let Some(node) = node() else { return };
    let mut pod = readme(node.cluster);
    let container = &mut pod["spec"]["containers"][0];
    container["image"] = json!("registry.example/without-shell:1");
    let mount = json!({"name": "epicac", "mountPath": "/bin/sh", "readOnly": true});
    push(&mut container["volumeMounts"], mount);
    let found = warnings(&node.start_pod(pod, "folder-at-bin-sh"));
    let [warning] = &found[..] else {
        panic!("one warning: {found:?}");
    };
    assert!(warning.contains("/bin/sh is a folder"), "{warning}");
}

/// A token of the pod's own, to whose variables EKS's webhook keeps.
#[test]
fn doctor_tells_of_a_token_that_is_mounted_by_sub_path() {
    let Some(node) = node() else { return };
    let mut pod = readme(node.cluster);
    let token =
        json!({"audience": "pods.eks.amazonaws.com", "expirationSeconds": 600, "path": "token"});
    let volume = json!({"name": "own", "projected": {"sources": [{"serviceAccountToken": token}]}});
    push(&mut pod["spec"]["volumes"], volume);
    let container = &mut pod["spec"]["containers"][0];
    let mount =
        json!({"name": "own", "mountPath": "/var/run/own", "subPath": "token", "readOnly": true});
    push(&mut container["volumeMounts"], mount);
    for (name, value) in [
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "http://169.254.170.23/v1/credentials",
        ),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/var/run/own"),
    ] {
        push(&mut container["env"], json!({"name": name, "value": value}));
    }
    let pod = node.start_pod(pod, "token-by-sub-path");
    pod.is_the_role();
    let found = warnings(&pod);
    let [warning] = &found[..] else {
        panic!("one warning: {found:?}");
    };
    assert!(warning.contains("never renewed"), "{warning}");
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
    let as_another = ["--user", "2000:2000"];
    let why = pod.exec_with(&as_another, &["/opt/epicac/epicac"]);
    let why = why.expect_err("the token is not this user's");
    assert!(why.contains("permission denied"), "{why}");
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
    let message = pod.failure_of_epicac();
    assert!(message.contains("--no-such-option"), "{message}");
}

#[test]
fn so_it_is_when_nothing_can_be_written_to_the_volume() {
    let Some(node) = node() else { return };
    let mut full = readme(node.cluster);
    full["spec"]["volumes"][0]["emptyDir"] = json!({"medium": "Memory", "sizeLimit": "1Mi"});
    let mut read_only = readme(node.cluster);
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
    let mut pod = readme(node.cluster);
    pod["spec"]["volumes"][0]["emptyDir"] = json!({"medium": "Memory", "sizeLimit": "16Mi"});
    let pod = node.start_pod(pod, "made-anew");
    pod.is_the_role();
    let kill = ["tasks", "kill", "--signal", "SIGKILL", &pod.container("")];
    said(&mut node.ctr(&kill));
    pod.is_the_role_after(1);
}

/// The pod of deploy/kubernetes/examples/sidecar, with the name and the authority of this test's STS.
fn sidecar(node: &Node) -> Value {
    let folder = place::repository("deploy/kubernetes/examples/sidecar");
    let yaml = node.cluster.kustomize(&folder);
    // In a namespace that has no such service account yet.
    let built = node.cluster.create(&yaml, PRIVILEGED, true);
    let built = built.expect("it is valid");
    let deployment = built.iter().find(|object| object["kind"] == "Deployment");
    let mut spec = deployment.expect("a Deployment")["spec"]["template"]["spec"].clone();
    spec["hostAliases"] = json!([{"ip": "10.1.0.1", "hostnames": [STS]}]);
    let authority = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "authority", "namespace": NAMESPACE},
        "data": {"bundle.pem": node.sts.authority.pem()},
    });
    node.cluster.apply(&authority.to_string());
    let volume = json!({"name": "authority", "configMap": {"name": "authority"}});
    push(&mut spec["volumes"], volume);
    let epicac = &mut spec["initContainers"][0];
    let mount = json!({"name": "authority", "mountPath": "/etc/authority", "readOnly": true});
    push(&mut epicac["volumeMounts"], mount);
    let bundle = json!({"name": "AWS_CA_BUNDLE", "value": "/etc/authority/bundle.pem"});
    push(&mut epicac["env"], bundle);
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": spec})
}

#[test]
fn an_application_that_only_asks_the_endpoint_is_the_role_by_the_sidecar() {
    let Some(node) = node() else { return };
    let pod = node.start_pod(sidecar(node), "sidecar");
    pod.is_the_role();
    let object = pod.object();
    let epicac = &object["status"]["initContainerStatuses"][0];
    assert_eq!(epicac["started"], true, "{epicac}");
    assert_eq!(epicac["restartCount"], 0, "{epicac}");
    // In memory, for the sidecar and the pod's fsGroup.
    let volume = pod.volume("empty-dir", "epicac");
    let token = fs::metadata(volume.join("token")).expect("there is one");
    assert_eq!(
        (token.uid(), token.gid(), token.mode() & 0o777),
        (65_532, 65_532, 0o640)
    );
    let mut stat = Command::new("stat");
    stat.args(["--file-system", "--format=%T"]).arg(&volume);
    assert_eq!(said(&mut stat), "tmpfs\n");
    assert_eq!(pod.token(), (0, 0o640));
}

/// It does not open the pod's tokens to others, as a user of its own would.
#[test]
fn the_sidecar_has_the_user_of_the_pod() {
    let Some(node) = node() else { return };
    let mut pod = sidecar(node);
    pod["spec"]["securityContext"]["runAsUser"] = json!(1000);
    let pod = node.start_pod(pod, "sidecar-with-a-user");
    pod.is_the_role();
    assert_eq!(pod.token(), (1000, 0o640));
}

#[test]
fn where_the_role_is_denied_the_application_does_not_start() {
    let Some(node) = node() else { return };
    let pod = node.start_pod(denied(node), "sidecar-denied");
    until("the probe has failed", || {
        let asked = node.sts.agent.requests();
        let denied = asked
            .iter()
            .filter(|it| sts::form(it)["RoleArn"].ends_with(DENIED));
        (denied.count() > 1).then_some(())
    });
    let status = &pod.object()["status"];
    assert_eq!(
        status["initContainerStatuses"][0]["started"], false,
        "{status}"
    );
    let state = &status["containerStatuses"][0]["state"];
    assert_eq!(state["waiting"]["reason"], "PodInitializing", "{status}");
}

/// The role is denied once the application runs: it must not call as the pod's own role.
#[test]
fn where_it_is_denied_later_the_application_fails() {
    let Some(node) = node() else { return };
    let mut pod = denied(node);
    let epicac = pod["spec"]["initContainers"][0].as_object_mut();
    epicac.expect("an object").remove("startupProbe");
    let pod = node.start_pod(pod, "sidecar-denied-later");
    let seen = pod.seen();
    assert!(seen["arn"].is_null(), "{seen}");
    let error = seen["error"].as_str().unwrap_or_default();
    assert!(error.contains("AccessDenied"), "{seen}");
}

fn denied(node: &Node) -> Value {
    let mut pod = sidecar(node);
    let arguments = &mut pod["spec"]["initContainers"][0]["args"];
    let profile = format!("--profile=dest_role=arn:aws:iam::{ACCOUNT}{DENIED}");
    arguments.as_array_mut().expect("a list").pop();
    arguments
        .as_array_mut()
        .expect("a list")
        .push(json!(profile));
    pod
}
