//! The image, and the Dockerfiles of the documentation, in a container engine: buildah builds them, BuildKit the image, too,
//! and podman runs them by runc, in a network of their own where the agent has the address that EKS gives it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use epicac_adopt::ask::must_say;
use epicac_adopt::image::{self, PLATFORMS, own_platform};
use epicac_adopt::isolated::{Isolated, until};
use epicac_adopt::markdown::{self, Block};
use epicac_adopt::{ask, place};
use epicac_tests::application::{self, Application};
use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use epicac_tests::credentials::ACCESS_KEY_ID;
use epicac_tests::require::{require, skipped};
use epicac_tests::{Agent, paths, test_token};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The image as the documentation names it.
const EPICAC: &str = "ghcr.io/epicac/epicac:0.1.0";
/// The user of the images.
const USER: &str = "65532:65532";
/// Where EKS mounts the token, and where it lies in the engine's own file system.
const TOKEN_FOLDER: &str = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
const TOKENS: &str = "/run/token";
/// What podman needs where the cgroups are hybrid, and the limits of this machine.
const PODMAN: [&str; 9] = [
    "--storage-driver",
    "vfs",
    "--root=/run/storage",
    "--runroot=/run/runroot",
    "--cgroup-manager",
    "cgroupfs",
    "--runtime",
    "runc",
    "--events-backend=none",
];
const BUILDAH: [&str; 4] = [
    "--storage-driver",
    "vfs",
    "--root=/run/storage",
    "--runroot=/run/runroot",
];
/// Where BuildKit's daemon keeps its things, and what it listens on. The file system may be an overlay already.
const BUILDKITD: [&str; 5] = [
    "--root=/run/buildkit",
    "--addr=unix:///run/buildkit.sock",
    "--oci-worker-snapshotter=native",
    "--oci-worker-net=host",
    "--containerd-worker=false",
];

/// The engine, with the images of epicac for both platforms, of each builder.
struct Engine {
    isolated: Isolated,
    /// It ends with the namespaces.
    _buildkitd: Child,
    /// Lives as long as this program: it listens where only the engine's network reaches it.
    agent: Agent,
    /// The build's context, in which `dist/` is a release.
    context: TempDir,
}

/// The engine. `None` means that the test is skipped.
fn engine() -> Option<&'static Engine> {
    static ENGINE: OnceLock<Option<Engine>> = OnceLock::new();
    ENGINE.get_or_init(Engine::start).as_ref()
}

impl Engine {
    fn start() -> Option<Self> {
        for tool in ["podman", "buildah", "runc"] {
            require(tool)?;
        }
        let buildkitd = place::tool("buildkitd")?;
        let buildctl = place::tool("buildctl")?;
        let context = context()?;
        let script = place::repository("tests/adopt/adopt/engine.sh");
        let isolated = Isolated::start(&script, &[])?;
        until("the machine is ready", || {
            isolated.path("/run/ready").exists().then_some(())
        });
        let address = SocketAddr::from(([169, 254, 170, 23], 80));
        let agent = isolated.on_its_network(|| Agent::listen(address));
        let agent = agent.expect("the address is there");
        let tokens = isolated.path(TOKENS);
        fs::create_dir(&tokens).expect("a folder can be made");
        fs::write(tokens.join("eks-pod-identity-token"), test_token(3600))
            .expect("the token can be written");
        let buildkitd = isolated
            .command(buildkitd)
            .args(BUILDKITD)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nsenter starts");
        let engine = Self {
            isolated,
            _buildkitd: buildkitd,
            agent,
            context,
        };
        let dockerfile = place::repository("Dockerfile");
        for (platform, _) in PLATFORMS {
            engine.build(&dockerfile, &by_buildah(platform), platform);
            engine.build_by_buildkit(&buildctl, &by_buildkit(platform), platform);
        }
        let (own, _) = own_platform();
        must_say(&mut engine.buildah(&["tag", &by_buildah(own), EPICAC]));
        Some(engine)
    }

    /// Our own Dockerfile, as `docker buildx build` builds it.
    fn build_by_buildkit(&self, buildctl: &Path, tag: &str, platform: &str) {
        let buildctl = || {
            let mut command = self.isolated.command(buildctl);
            command.arg(BUILDKITD[1]);
            command
        };
        until("BuildKit answers", || {
            ask::said(buildctl().args(["debug", "workers"]), "").ok()
        });
        let archive = self.context.path().join("image.tar");
        let context = self.context.path().display();
        let mut build = buildctl();
        build.args(["build", "--frontend=dockerfile.v0", "--progress=plain"]);
        build.arg(format!("--local=context={context}"));
        build.arg(format!(
            "--local=dockerfile={}",
            place::repository("").display()
        ));
        build.arg(format!("--opt=platform=linux/{platform}"));
        let output = format!("type=docker,name={tag},dest={}", archive.display());
        must_say(build.args(["--output", &output]));
        let mut load = self.podman(&["load", "--quiet", "--input"]);
        must_say(load.arg(archive));
    }

    fn build(&self, dockerfile: &Path, tag: &str, platform: &str) {
        let mut buildah = self.buildah(&["bud", "--isolation", "chroot", "--pull-never"]);
        buildah
            .args(["--tag", tag, "--platform", &format!("linux/{platform}")])
            .arg("--file")
            .arg(dockerfile)
            .arg(self.context.path());
        must_say(&mut buildah);
    }

    fn buildah(&self, arguments: &[&str]) -> Command {
        let mut buildah = self.isolated.command("buildah");
        buildah.args(BUILDAH).args(arguments);
        buildah
    }

    fn podman(&self, arguments: &[&str]) -> Command {
        let mut podman = self.isolated.command("podman");
        podman.args(PODMAN).args(arguments);
        podman
    }

    /// How to run an image as a pod under `restricted` would be run, with what EKS adds. Further options may follow, and
    /// then the image.
    fn container(&self) -> Command {
        let mut podman = self.podman(&[
            "run",
            "--rm",
            "--interactive",
            "--pull=never",
            "--network=host",
            "--read-only",
            "--cap-drop=ALL",
            "--log-driver=none",
            "--user",
            USER,
            "--ulimit=nofile=1024:1024",
            "--ulimit=nproc=1024:1024",
        ]);
        podman.arg(format!("--volume={TOKENS}:{TOKEN_FOLDER}:ro"));
        for (name, value) in [
            ("AWS_REGION", "us-west-2".to_owned()),
            ("AWS_DEFAULT_REGION", "us-west-2".to_owned()),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", self.agent.url()),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                format!("{TOKEN_FOLDER}/eks-pod-identity-token"),
            ),
        ] {
            podman.arg(format!("--env={name}={value}"));
        }
        podman
    }

    /// Who an image is in AWS when it is run.
    fn caller(&self, image: &str, options: &[String]) -> Option<Value> {
        let aws = self.isolated.on_its_network(Aws::start)?;
        let mut podman = self.container();
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
            podman.arg(format!("--env={name}={}", aws.endpoint));
        }
        podman.args(options).arg(image);
        let mut application = Application::start(&mut podman, aws);
        application.version();
        let seen = application.call();
        application.end();
        Some(seen)
    }
}

fn by_buildah(platform: &str) -> String {
    format!("{EPICAC}-{platform}")
}

fn by_buildkit(platform: &str) -> String {
    format!("{EPICAC}-buildkit-{platform}")
}

/// What the Dockerfiles copy.
fn context() -> Option<TempDir> {
    let context = image::context()?;
    let folder = context.path();
    let go = paths::existing("EPICAC_SDKS", "sdks", "cargo xtask setup sdks")?;
    image::copy(&go.join("go/application"), folder, "my-application");
    let python = application::python_folder().join("application.py");
    image::copy(&python, folder, "application.py");
    let config = format!(
        "[profile dest_role]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/dest\nsource_profile = src_role\n\
         [profile src_role]\ncredential_process = /opt/epicac\n"
    );
    fs::write(folder.join("aws-config"), config).expect("the config can be written");
    Some(context)
}

#[test]
fn the_image_is_one_layer_with_one_program_for_each_platform_by_each_builder() {
    let Some(engine) = engine() else { return };
    for (image, platform, architecture) in PLATFORMS.into_iter().flat_map(|(name, rust)| {
        [by_buildah(name), by_buildkit(name)].map(|image| (image, name, rust))
    }) {
        let inspected = must_say(&mut engine.podman(&["image", "inspect", &image]));
        let inspected: Value = serde_json::from_str(&inspected).expect("podman prints JSON");
        let inspected = &inspected[0];
        assert_eq!(inspected["Architecture"], platform);
        assert_eq!(
            inspected["RootFS"]["Layers"].as_array().map(Vec::len),
            Some(1)
        );
        assert_eq!(inspected["Config"]["User"], USER);
        assert_eq!(inspected["Config"]["Entrypoint"], json!(["/epicac"]));

        let root = must_say(&mut engine.podman(&["image", "mount", &image]));
        let root = engine.isolated.path(root.trim());
        assert_eq!(paths::names(&root), ["epicac", "sh"]);
        let link = fs::read_link(root.join("sh")).expect("it is a link");
        assert_eq!(link, Path::new("epicac"));
        let program = place::static_epicac(architecture).expect("it was there");
        let same = fs::read(root.join("epicac")).ok() == fs::read(program).ok();
        assert!(same, "{image}: another program");
    }
}

#[test]
fn it_prints_credentials_without_anything_else() {
    let Some(engine) = engine() else { return };
    let printed = must_say(engine.container().arg(EPICAC));
    let document: Value = serde_json::from_str(&printed).expect("the output is a document");
    assert_eq!(document["AccessKeyId"], ACCESS_KEY_ID);
}

/// By an emulator, itself a static binary.
#[test]
fn so_does_the_image_for_the_other_processor() {
    let Some(engine) = engine() else { return };
    if own_platform().0 == "arm64" {
        return skipped("nothing on aarch64 runs a program for x86_64");
    }
    let Some(emulator) = require("qemu-aarch64-static") else {
        return;
    };
    let mut container = engine.container();
    container
        .arg(format!("--volume={}:/emulator:ro", emulator.display()))
        .args(["--entrypoint", r#"["/emulator","/epicac"]"#])
        .arg(by_buildah("arm64"));
    let document: Value =
        serde_json::from_str(&must_say(&mut container)).expect("the output is a document");
    assert_eq!(document["AccessKeyId"], ACCESS_KEY_ID);
}

/// The base images cannot be fetched here: an empty one takes their place, and Python is mounted into it.
fn built(engine: &Engine, number: usize, block: &Block) -> String {
    let mut lines: Vec<&str> = block.text.lines().collect();
    let from = lines.first_mut().expect("a Dockerfile has a line");
    assert!(from.starts_with("FROM "), "{}:{}", block.file, block.line);
    *from = "FROM scratch";
    let file = engine.context.path().join(format!("Dockerfile-{number}"));
    fs::write(&file, lines.join("\n") + "\n").expect("the Dockerfile can be written");
    let tag = format!("registry.example/{number}:1");
    engine.build(&file, &tag, own_platform().0);
    tag
}

/// What a base image with Python has.
fn python() -> Option<Vec<String>> {
    let python = paths::in_venv("python")?;
    let prefix = ask::in_venv(
        "python",
        &["-c", "import sys; print(sys.base_prefix, end='')"],
    )?;
    let venv = python.ancestors().nth(2).expect("it is in bin").to_owned();
    let venv = fs::canonicalize(venv).expect("it is there");
    let mut folders = vec![venv.clone(), PathBuf::from(prefix.expect("Python runs"))];
    folders.extend(["/usr", "/lib", "/lib64"].map(PathBuf::from));
    folders.retain(|folder| folder.is_dir());
    let mut options: Vec<_> = folders
        .iter()
        .map(|folder| format!("--volume={0}:{0}:ro", folder.display()))
        .collect();
    options.push(format!("--env=PATH={}", venv.join("bin").display()));
    Some(options)
}

fn dockerfiles() -> impl Iterator<Item = Block> {
    let blocks = markdown::blocks(Path::new("docs/images.md"));
    blocks
        .into_iter()
        .filter(|block| block.language == "dockerfile")
}

#[test]
fn each_image_of_the_documentation_is_the_role_of_the_other_account() {
    let Some(engine) = engine() else { return };
    let mut count = 0;
    for block in dockerfiles() {
        count += 1;
        let image = built(engine, count, &block);
        let options = if block.text.contains("python") {
            python()
        } else {
            Some(Vec::new())
        };
        let Some(options) = options else { return };
        let Some(seen) = engine.caller(&image, &options) else {
            return;
        };
        let place = format!("{}:{}: {seen}", block.file, block.line);
        let arn = seen["arn"].as_str().unwrap_or_default();
        let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/dest/");
        assert!(arn.starts_with(&session), "{place}");
        assert_eq!(seen["buckets"], json!([BUCKET]), "{place}");
    }
    assert_eq!(count, 3);
}

/// The container engine's own filter and epicac's stand side by side.
#[test]
fn every_layer_of_the_wall_stands_and_doctor_has_nothing_to_say() {
    let Some(engine) = engine() else { return };
    let block = dockerfiles().next();
    let image = built(engine, 0, &block.expect("the page has one"));
    let epicac = |arguments: &[&str]| {
        let mut container = engine.container();
        container.args(["--entrypoint", "/opt/epicac"]).arg(&image);
        must_say(container.args(arguments))
    };
    let explained = epicac(&["policy", "--explain"]);
    assert_eq!(ask::standing_layers(&explained), 5, "{explained}");
    let found = epicac(&["doctor"]);
    assert!(
        !found.lines().any(|line| line.starts_with("warn")),
        "{found}"
    );
}

#[test]
fn a_program_that_is_no_epicac_is_not_started_by_its_shell() {
    let Some(engine) = engine() else { return };
    let mut container = engine.container();
    container.args(["--entrypoint", "/sh", EPICAC, "-c", "ls /"]);
    let why = ask::said(&mut container, "").expect_err("it is refused");
    assert!(why.contains("epicac"), "{why}");
}
