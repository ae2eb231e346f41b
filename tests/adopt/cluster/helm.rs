//! Charts that others wrote, with the values of `deploy/helm` and around them what docs/helm.md prints.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use epicac_adopt::ask::must_say;
use epicac_adopt::{markdown, place};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::admission::with_policy;
use crate::manifests::variable;
use crate::node::{NAMESPACE, node};
use crate::overlays::Kustomizations;
use crate::server::{Cluster, PRIVILEGED, RESTRICTED, push};

/// The charts that Go's modules hold; that of aws-load-balancer-controller is in none.
const CHARTS: [&str; 2] = ["external-dns", "external-secrets"];

/// A chart, as a folder of its own: in the cache of modules nobody may write.
struct Chart {
    name: &'static str,
    helm: PathBuf,
    folder: TempDir,
}

impl Chart {
    /// `None` means that the test is skipped.
    fn of(name: &'static str) -> Option<Self> {
        let helm = place::tool("helm")?;
        let from = place::chart(name)?;
        let folder = tempfile::tempdir().expect("a folder can be made");
        let mut copy = Command::new("cp");
        copy.args(["--recursive", "--dereference", "--no-preserve=mode"]);
        must_say(copy.arg(from).arg(folder.path().join(name)));
        let chart = Self { name, helm, folder };
        // What a chart depends on is fetched when it is installed. Nothing here asks for it.
        let about = chart.path().join("Chart.yaml");
        let text = fs::read_to_string(&about).expect("it can be read");
        let (text, _) = text.split_once("dependencies:").unwrap_or((&text, ""));
        fs::write(&about, text).expect("it can be written");
        Some(chart)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// What Helm makes of it with files of values.
    fn rendered(&self, values: &[&Path]) -> String {
        let mut helm = Command::new(&self.helm);
        helm.args(["template", self.name]).arg(self.path());
        helm.args(["--namespace", RESTRICTED, "--kube-version", "1.36"]);
        helm.args(["--show-only", "templates/deployment.yaml"]);
        for file in values {
            helm.arg("--values").arg(file);
        }
        must_say(&mut helm)
    }

    /// Its pod with a file of `deploy/helm`.
    fn pod(&self, cluster: &Cluster, way: &str) -> Value {
        let file = place::repository(&format!("deploy/helm/{}/{way}.yaml", self.name));
        pod_of(&cluster.read(&self.rendered(&[&file])))
    }
}

/// The pod of a Deployment, with a service account that is there.
fn pod_of(deployment: &Value) -> Value {
    assert_eq!(deployment["kind"], "Deployment");
    let mut pod = deployment["spec"]["template"].clone();
    pod["apiVersion"] = json!("v1");
    pod["kind"] = json!("Pod");
    pod["metadata"]["name"] = json!("of-a-chart");
    pod["spec"]["serviceAccountName"] = json!("default");
    // That token's volume gets another name each time.
    pod["spec"]["automountServiceAccountToken"] = json!(false);
    pod
}

fn admitted(cluster: &Cluster, pod: &Value) -> Value {
    let created = cluster.create(&pod.to_string(), RESTRICTED, true);
    created.unwrap_or_else(|why| panic!("{why}\n{pod}"))[0]["spec"].clone()
}

fn container<'a>(pod: &'a Value, list: &str, name: &str) -> &'a Value {
    let containers = pod[list].as_array().expect("a list").iter();
    let mut found = containers.filter(|container| container["name"] == name);
    found.next().unwrap_or_else(|| panic!("no {name} in {pod}"))
}

/// The mounts of a container that are epicac's, as `path subPath`.
fn mounts(container: &Value) -> Vec<String> {
    let mounts = container["volumeMounts"].as_array().expect("a list");
    let of_epicac = mounts.iter().filter(|mount| {
        let volume = mount["name"].as_str().unwrap_or_default();
        volume.starts_with("epicac") || volume == "aws-config"
    });
    let of_epicac = of_epicac.map(|mount| {
        assert_eq!(mount["readOnly"], true, "{mount}");
        let sub_path = mount["subPath"].as_str().unwrap_or_default();
        format!(
            "{} {sub_path}",
            mount["mountPath"].as_str().unwrap_or_default()
        )
    });
    let mut mounts: Vec<_> = of_epicac.collect();
    mounts.sort();
    mounts
}

/// epicac's container in an example, to which a container by values may add the user of the chart.
fn like_the_example(cluster: &Cluster, own: &Value, example: &str) {
    let folder = place::repository("deploy/kubernetes/examples").join(example);
    let built = cluster.create(&cluster.kustomize(&folder), PRIVILEGED, true);
    let built = built.expect("it is valid");
    let deployment = built.iter().find(|object| object["kind"] == "Deployment");
    let template = &deployment.expect("a Deployment")["spec"]["template"]["spec"];
    let mut expected = container(template, "initContainers", "epicac").clone();
    let user = own["securityContext"]["runAsUser"].clone();
    if !user.is_null() {
        expected["securityContext"]["runAsUser"] = user;
    }
    assert_eq!(*own, expected);
}

#[test]
fn each_file_of_values_gives_epicac_to_the_pod_of_its_chart() {
    let Some(cluster) = with_policy() else { return };
    for name in CHARTS {
        let Some(chart) = Chart::of(name) else { return };
        let pod = |way| admitted(cluster, &chart.pod(cluster, way));

        for way in ["annotation", "init-container"] {
            let pod = pod(way);
            let application = container(&pod, "containers", name);
            assert_eq!(
                variable(application, "AWS_CONFIG_FILE"),
                "/opt/epicac/aws-config"
            );
            assert_eq!(variable(application, "AWS_PROFILE"), "dest_role");
            assert_eq!(
                mounts(application),
                ["/bin/sh epicac", "/opt/epicac "],
                "{name}: {way}"
            );
            let epicac = container(&pod, "initContainers", "epicac");
            if way == "init-container" {
                like_the_example(cluster, epicac, "one-account");
            }
            let user = &application["securityContext"]["runAsUser"];
            let same = [user, &json!(65_532)].contains(&&epicac["securityContext"]["runAsUser"]);
            assert!(same || *user == 65_532, "{name}: {way}: {pod}");
        }

        let with_volume = pod("image-volume");
        let application = container(&with_volume, "containers", name);
        assert_eq!(
            variable(application, "AWS_CONFIG_FILE"),
            "/etc/epicac/aws-config"
        );
        let path = variable(application, "PATH");
        assert!(
            path.as_str()
                .is_some_and(|path| path.starts_with("/opt/epicac:")),
            "{path}"
        );
        assert_eq!(mounts(application), ["/etc/epicac ", "/opt/epicac "]);
        assert!(
            with_volume["volumes"]
                .to_string()
                .contains("\"reference\":\"ghcr.io/epicac/epicac:")
        );

        let with_sidecar = pod("sidecar");
        like_the_example(
            cluster,
            container(&with_sidecar, "initContainers", "epicac"),
            "sidecar",
        );
        let application = container(&with_sidecar, "containers", name);
        let uri = variable(application, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
        assert_eq!(uri, "http://127.0.0.1:8470/v1/credentials");
        assert_eq!(mounts(application), ["/var/run/epicac "]);
        assert!(with_sidecar["securityContext"]["fsGroup"].is_number());
    }
}

/// The annotations that each file and the page name, on the pod of a chart.
#[test]
fn the_annotation_of_a_sidecar_is_enough_for_a_chart() {
    let Some(cluster) = with_policy() else { return };
    let Some(chart) = Chart::of("external-dns") else {
        return;
    };
    let printed = printed("  epicac.github.io/serve: ");
    let file = chart.folder.path().join("values.yaml");
    fs::write(&file, &printed).expect("it can be written");
    let for_another = "deploy/helm/aws-load-balancer-controller/sidecar.yaml";
    for values in [file, place::repository(for_another)] {
        let pod = pod_of(&cluster.read(&chart.rendered(&[&values])));
        let pod = admitted(cluster, &pod);
        let sidecar = container(&pod, "initContainers", "epicac");
        assert_eq!(sidecar["restartPolicy"], "Always");
        let application = container(&pod, "containers", "external-dns");
        assert_eq!(mounts(application), ["/var/run/epicac "]);
    }
}

/// The one block of docs/helm.md with a text.
fn printed(text: &str) -> String {
    let blocks = markdown::blocks(Path::new("docs/helm.md"));
    let mut blocks = blocks.into_iter().filter(|block| block.text.contains(text));
    let block = blocks.next().expect("the page has it");
    assert!(blocks.next().is_none(), "twice: {text}");
    block.text
}

#[test]
fn the_mount_by_hand_goes_with_the_annotation() {
    let Some(cluster) = with_policy() else { return };
    let Some(chart) = Chart::of("external-dns") else {
        return;
    };
    let annotation = printed("podAnnotations:\n  epicac.github.io/profiles: ");
    let annotation = annotation.replace("  epicac.github.io/bin-sh: external-dns\n", "");
    let by_hand = chart.folder.path().join("by-hand.yaml");
    fs::write(&by_hand, annotation + &printed("name: epicac-github-io"))
        .expect("it can be written");
    let pod = admitted(
        cluster,
        &pod_of(&cluster.read(&chart.rendered(&[&by_hand]))),
    );
    let application = container(&pod, "containers", "external-dns");
    assert_eq!(mounts(application), ["/bin/sh epicac", "/opt/epicac "]);
}

#[test]
fn kustomize_adds_the_component_to_what_helm_renders() {
    let Some(cluster) = with_policy() else { return };
    let Some(chart) = Chart::of("external-dns") else {
        return;
    };
    let kustomizations = Kustomizations::new();
    let base = printed("# base/kustomization.yaml");
    // The repository of the chart is out of reach here: the chart lies beside the kustomization.
    let here = |line: &&str| !line.starts_with("    repo: ") && !line.starts_with("    version: ");
    let base: String = base
        .lines()
        .filter(here)
        .map(|line| format!("{line}\n"))
        .collect();
    let base = base.replace(
        "helmCharts:",
        "helmGlobals: {chartHome: charts}\nhelmCharts:",
    );
    let folder = kustomizations.write("around/base", &base);
    let mut copy = Command::new("cp");
    must_say(
        copy.arg("--recursive")
            .arg(chart.folder.path())
            .arg(folder.join("charts")),
    );
    let overlay = printed("\n  - base\n").replace(
        "https://github.com/epicac/epicac//deploy/kubernetes/component?ref=v0.1.0",
        "COMPONENTS/component",
    );
    let folder = kustomizations.write("around", &overlay);
    let arguments = ["kustomize", "--enable-helm", "--helm-command"].map(Path::new);
    let built = cluster.kubectl([&arguments[..], &[&chart.helm, &folder]].concat());
    let built = built.unwrap_or_else(|why| panic!("{why}"));
    let deployment = built
        .split("\n---\n")
        .find(|object| object.contains("\nkind: Deployment\n"));
    let pod = pod_of(&cluster.read(deployment.expect("a Deployment")));
    let pod = admitted(cluster, &pod);
    let application = container(&pod, "containers", "external-dns");
    assert_eq!(variable(application, "AWS_PROFILE"), "dest_role");
    assert_eq!(mounts(application), ["/bin/sh epicac", "/opt/epicac "]);
    like_the_example(
        cluster,
        container(&pod, "initContainers", "epicac"),
        "one-account",
    );
}

/// Flux patches by kustomize what Helm renders.
#[test]
fn the_patch_for_flux_is_one_for_kustomize() {
    let Some(cluster) = with_policy() else { return };
    let Some(chart) = Chart::of("external-dns") else {
        return;
    };
    let kustomizations = Kustomizations::new();
    let release = printed("kind: HelmRelease");
    let (_, patches) = release
        .split_once("        patches:\n")
        .expect("it has patches");
    let unindented = patches
        .lines()
        .map(|line| line.strip_prefix("        ").unwrap_or(line));
    let patches: String = unindented.map(|line| format!("{line}\n")).collect();
    let folder = kustomizations.write(
        "flux",
        &format!("resources: [chart.yaml]\npatches:\n{patches}"),
    );
    fs::write(folder.join("chart.yaml"), chart.rendered(&[])).expect("it can be written");
    let pod = pod_of(&cluster.read(&cluster.kustomize(&folder)));
    let pod = admitted(cluster, &pod);
    let application = container(&pod, "containers", "external-dns");
    assert_eq!(mounts(application), ["/bin/sh epicac", "/opt/epicac "]);
}

/// With the application of the tests in the place of the chart's, in an image without a shell.
#[test]
fn a_pod_of_a_chart_is_the_role_on_a_node() {
    let Some(node) = node() else { return };
    with_policy();
    let Some(chart) = Chart::of("external-dns") else {
        return;
    };
    for way in ["init-container", "annotation", "image-volume"] {
        let mut pod = chart.pod(node.cluster, way);
        let application = &mut pod["spec"]["containers"][0];
        application["image"] = json!("registry.example/without-shell:1");
        for probe in ["livenessProbe", "readinessProbe"] {
            application[probe] = Value::Null;
        }
        if way == "image-volume" {
            let config = json!({
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aws-config", "namespace": NAMESPACE},
                "data": {"aws-config": printed_config()},
            });
            node.cluster.apply(&config.to_string());
        }
        push(
            &mut pod["spec"]["tolerations"],
            json!({"operator": "Exists"}),
        );
        let pod = node.start_pod(pod, &format!("chart-{way}"));
        pod.is_the_role_in("external-dns", 0);
    }
}

/// The AWS config file of the example, which is that of the page's command.
fn printed_config() -> String {
    let file = place::repository("deploy/kubernetes/examples/image-volume/aws-config");
    fs::read_to_string(file).expect("it can be read")
}
