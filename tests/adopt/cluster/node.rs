//! A real node: a kubelet with containerd and runc, behind what EKS's webhook adds. The token is signed by this API server
//! and judged by it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use epicac_adopt::ask::{self, must_say};
use epicac_adopt::isolated::until;
use epicac_adopt::{image, place};
use epicac_tests::aws::Aws;
use epicac_tests::require::require;
use epicac_tests::{Agent, paths};
use serde_json::{Value, json};

use crate::aws::{self, RegionalSts};
use crate::pod::Pod;
use crate::server::{Cluster, PRIVILEGED, cluster};
use crate::webhook::Webhook;

/// The namespace of the pods, which enforces the level `restricted`.
pub const NAMESPACE: &str = "node";
const BUILDAH: [&str; 4] = [
    "--storage-driver=vfs",
    "--root=/run/storage",
    "--runroot=/run/runroot",
    "bud",
];
/// A container that only keeps the namespaces of its pod.
const PAUSE: &str = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n";

/// A node of the cluster. It ends with the cluster's namespaces.
pub struct Node {
    pub cluster: &'static Cluster,
    _kubelet: Child,
    ctr: PathBuf,
    runc: PathBuf,
    /// What the pods call; both live as long as this program.
    aws: Aws,
    pub agent: Agent,
    _webhook: Webhook,
    pub sts: RegionalSts,
}

/// The node. `None` means that the test is skipped.
pub fn node() -> Option<&'static Node> {
    static NODE: OnceLock<Option<Node>> = OnceLock::new();
    NODE.get_or_init(Node::start).as_ref()
}

impl Node {
    fn start() -> Option<Self> {
        let cluster = cluster()?;
        for tool in ["buildah", "cc"] {
            require(tool)?;
        }
        let kubelet = place::tool("kubelet")?;
        let ctr = place::tool("ctr")?;
        let runc = place::tool("runc")?;
        let context = image::context()?;
        let sdks = paths::existing("EPICAC_SDKS", "sdks", "cargo xtask setup sdks")?;
        let aws = cluster.isolated.on_its_network(|| Aws::at("10.1.0.1"))?;
        let agent = aws::agent(cluster);
        let sts = RegionalSts::start(cluster, &aws);
        let webhook = Webhook::start(cluster, NAMESPACE);

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
            ctr,
            runc,
            aws,
            agent,
            _webhook: webhook,
            sts,
        };
        until("containerd answers", || {
            ask::said(&mut node.ctr(&["version"]), "").ok()
        });
        node.images(context.path(), &sdks.join("go/application"));
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
        cluster.apply(&aws::PLACES.replace("'ENDPOINT'", &endpoint));
        until("the node is ready", || {
            let ready = "jsonpath={.status.conditions[?(@.type==\"Ready\")].status}";
            let ready = cluster
                .kubectl(["get", "node", "node", "--output", ready])
                .ok()?;
            (ready == "True").then_some(())
        });
        until("the webhook and the policy are in force", || {
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
            let created = created[0]["spec"]["containers"][0]["env"].to_string();
            let added = ["AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
            added
                .iter()
                .all(|name| created.contains(name))
                .then_some(())
        });
        Some(node)
    }

    pub fn ctr(&self, arguments: &[&str]) -> Command {
        let mut ctr = self.cluster.isolated.command(&self.ctr);
        ctr.args(["--namespace", "k8s.io"]).args(arguments);
        ctr
    }

    /// A program in a container, with what the container's own process has.
    pub fn exec(&self, container: &str, options: &[&str], program: &[&str]) -> Command {
        let mut runc = self.cluster.isolated.command(&self.runc);
        runc.args(["--root=/run/containerd/runc/k8s.io", "exec"])
            .args(options);
        runc.arg(container).args(program);
        runc
    }

    /// Builds the images and gives them to containerd: that of epicac, and the application's, with and without what
    /// stands in for a shell.
    fn images(&self, context: &Path, application: &Path) {
        let file = |name: &str| context.join(name);
        fs::copy(application, file("application")).expect("it can be copied");
        fs::write(file("pause.c"), PAUSE).expect("it can be written");
        let mut cc = Command::new("cc");
        cc.args(["-static", "-o"])
            .arg(file("pause"))
            .arg(file("pause.c"));
        must_say(&mut cc);
        let run = "USER 10001:10001\nENTRYPOINT [\"/my-application\", \"2s\"]\n";
        let application = "FROM scratch\nCOPY --chmod=0755 application /my-application\n";
        let epicac = place::repository("Dockerfile");
        let epicac = fs::read_to_string(epicac).expect("it can be read");
        for (tag, dockerfile) in [
            (
                "registry.example/pause:1",
                "FROM scratch\nCOPY --chmod=0755 pause /pause\nENTRYPOINT [\"/pause\"]\n"
                    .to_owned(),
            ),
            ("ghcr.io/epicac/epicac:0.1.0", epicac),
            (
                "registry.example/my-application:1.0.0",
                format!(
                    "{application}COPY --from=ghcr.io/epicac/epicac:0.1.0 /epicac /bin/sh\n{run}"
                ),
            ),
            (
                "registry.example/without-shell:1",
                format!("{application}{run}"),
            ),
        ] {
            fs::write(file("Dockerfile"), dockerfile).expect("it can be written");
            let mut buildah = self.cluster.isolated.command("buildah");
            buildah
                .args(BUILDAH)
                .args(["--isolation=chroot", "--pull-never", "--tag", tag])
                .args(["--platform", &format!("linux/{}", image::own_platform().0)]);
            must_say(buildah.arg(context));
            let archive = format!("docker-archive:/run/image.tar:{tag}");
            let mut buildah = self.cluster.isolated.command("buildah");
            must_say(buildah.args(&BUILDAH[..3]).args(["push", tag, &archive]));
            let import = ["images", "import", "--local", "--snapshotter=overlayfs"];
            must_say(self.ctr(&import).arg("/run/image.tar"));
            let archive = self.cluster.isolated.path("/run/image.tar");
            fs::remove_file(archive).expect("it can be removed");
        }
    }

    /// Held by a test that has a token renewed: that renews those of all pods.
    pub fn renews_alone(&self) -> MutexGuard<'_, ()> {
        static RENEWING: Mutex<()> = Mutex::new(());
        RENEWING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next token that the kubelet writes where there is one now. It renews a token when 80 % of its time are over, 8 minutes at
    /// the least, and also when it is started, because it keeps tokens in memory alone: here it is started again.
    pub fn renewed(&self, token: impl Fn() -> String) -> String {
        let old = token();
        let mut kill = self.cluster.isolated.command("sh");
        // node.sh starts another one. Another test may have ended this one already.
        let _ = ask::said(kill.args(["-c", "kill $(cat /run/node/kubelet.pid)"]), "");
        until("the token is renewed", || {
            Some(token()).filter(|token| *token != old)
        })
    }

    /// How often the agent was sent a token.
    pub fn times_sent(&self, token: &str) -> usize {
        let requests = self.agent.requests();
        let sent = requests.iter().filter_map(|it| it.header("Authorization"));
        sent.filter(|sent| *sent == token).count()
    }

    /// What kustomize makes of a folder, as the API server would keep it.
    pub fn built(&self, folder: &Path) -> Vec<Value> {
        // In a namespace that has no such service account yet.
        let built = self
            .cluster
            .create(&self.cluster.kustomize(folder), PRIVILEGED, true);
        built.expect("it is valid")
    }

    /// The pod of the one Deployment.
    pub fn pod_of(&self, objects: &[Value]) -> Value {
        let deployment = objects.iter().find(|object| object["kind"] == "Deployment");
        let template = &deployment.expect("a Deployment")["spec"]["template"];
        let metadata = &template["metadata"];
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]})
    }

    /// Creates a pod and binds it to the node, for there is no scheduler.
    pub fn start_pod(&self, mut pod: Value, name: &str) -> Pod<'_> {
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
