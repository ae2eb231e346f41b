//! The Dockerfile, without a container engine: BuildKit's parser says what it copies, and the test lays those files
//! out in an empty root and runs them there as the image's user.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use epicac_adopt::{ask, place};
use epicac_tests::credentials::ACCESS_KEY_ID;
use epicac_tests::require::{require, skipped};
use epicac_tests::root::{self, in_root};
use epicac_tests::{Agent, test_token};
use serde_json::{Value, json};

/// BuildKit's names of the platforms, and Rust's of their processors.
pub const PLATFORMS: [(&str, &str); 2] = [("amd64", "x86_64"), ("arm64", "aarch64")];
/// The emulator, itself a static binary, for what was built for another processor.
const EMULATOR: &str = "qemu-aarch64-static";

#[test]
fn the_image_holds_one_file_for_each_platform() {
    for (platform, architecture) in PLATFORMS {
        let Some(image) = Image::of(platform) else {
            return;
        };
        let expected = File {
            from: format!("dist/epicac-{architecture}"),
            mode: 0o755,
        };
        assert_eq!(
            image.files,
            BTreeMap::from([("/epicac".to_owned(), expected)])
        );
        assert_eq!(image.entrypoint, ["/epicac"]);
    }
}

/// So it is built for both platforms on a machine of either, without an emulator.
#[test]
fn no_stage_of_the_image_runs_anything() {
    for (platform, _) in PLATFORMS {
        let Some(image) = Image::of(platform) else {
            return;
        };
        assert_eq!(image.runs, 0, "{platform}");
    }
}

/// `runAsNonRoot` can be checked by the kubelet only for a user by number.
#[test]
fn its_user_is_a_number_and_not_root() {
    let Some(image) = Image::of("amd64") else {
        return;
    };
    let (user, group) = image.user.split_once(':').expect("a user and a group");
    for id in [user, group] {
        assert!(id.parse::<u32>().is_ok_and(|id| id > 0), "{}", image.user);
    }
}

#[test]
fn it_prints_credentials_in_a_read_only_root_without_anything_else() {
    prints_credentials("amd64", "x86_64");
}

#[test]
fn so_does_the_image_for_arm64() {
    prints_credentials("arm64", "aarch64");
}

fn prints_credentials(platform: &str, architecture: &str) {
    let (Some(image), Some(program)) = (Image::of(platform), place::static_epicac(architecture))
    else {
        return;
    };
    let emulator = match (std::env::consts::ARCH, architecture) {
        (own, other) if own == other => None,
        (_, "aarch64") => match require(EMULATOR) {
            Some(emulator) => Some(emulator),
            None => return,
        },
        (own, other) => return skipped(&format!("nothing on {own} runs a program for {other}")),
    };
    let root = image.unpacked(&program);
    // Mounted there by the kubelet.
    fs::write(root.path().join("token"), test_token(3600)).expect("the token can be written");
    let agent = Agent::start().expect("the stand-in agent starts");
    let Some(mut container) = image.container(root.path(), emulator.as_deref()) else {
        return;
    };
    let output = container
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token")
        .output()
        .expect("unshare starts");
    let document: Value =
        serde_json::from_slice(&succeeds(&output)).expect("the output is a document");
    assert_eq!(document["AccessKeyId"], ACCESS_KEY_ID);
}

/// What came of it, on stdout.
pub fn succeeds(output: &Output) -> Vec<u8> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    assert_eq!(stderr, "");
    output.stdout.clone()
}

/// A file of the image.
#[derive(Debug, PartialEq, Eq)]
struct File {
    /// Where it lies in the build's context.
    from: String,
    mode: u32,
}

/// What the Dockerfile makes for a platform.
pub struct Image {
    files: BTreeMap<String, File>,
    user: String,
    entrypoint: Vec<String>,
    runs: u64,
}

impl Image {
    /// The last stage of the Dockerfile, for a platform.
    pub fn of(platform: &str) -> Option<Self> {
        let file = place::repository("Dockerfile");
        let stages = ask::judged(&[Path::new("dockerfile"), &file])?;
        let mut image = Self {
            files: BTreeMap::new(),
            user: String::new(),
            entrypoint: Vec::new(),
            runs: 0,
        };
        let mut name = "image".to_owned();
        while name != "scratch" {
            let stage = named(&stages, &name);
            image.runs += stage["runs"].as_u64().expect("a number");
            // The stage that is nearest to the end has the last word.
            if image.user.is_empty() {
                text(&stage["user"]).clone_into(&mut image.user);
            }
            if image.entrypoint.is_empty() {
                image.entrypoint = texts(&stage["entrypoint"]);
            }
            for copy in stage["copies"].as_array().expect("a list") {
                let [source] = &texts(&copy["sources"])[..] else {
                    panic!("one source for each COPY: {copy}");
                };
                let file = File {
                    from: in_context(&stages, &copy["from"], source),
                    mode: u32::from_str_radix(text(&copy["chmod"]), 8).expect("COPY has --chmod"),
                };
                image.files.insert(text(&copy["target"]).to_owned(), file);
            }
            name = expanded(text(&stage["from"]), platform);
        }
        Some(image)
    }

    /// A folder with the files of the image, of which there is one program.
    pub fn unpacked(&self, program: &Path) -> tempfile::TempDir {
        let root = root::folder(0o755);
        for (target, file) in &self.files {
            let target = root.path().join(target.trim_start_matches('/'));
            fs::copy(program, &target).expect("the program can be copied");
            fs::set_permissions(&target, fs::Permissions::from_mode(file.mode))
                .expect("the copy is ours");
        }
        root
    }

    /// The program that it starts, to which a pod may add arguments.
    pub fn entrypoint(&self) -> &[String] {
        &self.entrypoint
    }

    /// How to run the image's entry point, in that folder and as its user. `None` means that the test is skipped.
    fn container(&self, root: &Path, emulator: Option<&Path>) -> Option<Command> {
        let mut program = self.entrypoint.clone();
        if let Some(emulator) = emulator {
            fs::copy(emulator, root.join("emulator")).expect("the emulator can be copied");
            program.insert(0, "/emulator".to_owned());
        }
        in_root(root, &self.user, &[], &program)
    }
}

/// Where what a stage copies comes from in the build's context. `COPY --from` names a stage, which has it from a
/// stage before or from the context.
fn in_context(stages: &Value, from: &Value, source: &str) -> String {
    let mut source = source.to_owned();
    let mut name = text(from).to_owned();
    while !name.is_empty() {
        let stage = named(stages, &name);
        let origin = stage["copies"].as_array().and_then(|copies| {
            copies.iter().find_map(|copy| {
                let rest = source.strip_prefix(text(&copy["target"]))?;
                Some((
                    format!("{}{rest}", text(&copy["sources"][0])),
                    text(&copy["from"]).to_owned(),
                ))
            })
        });
        match origin {
            Some((earlier, stage)) => (source, name) = (earlier, stage),
            None => name = expanded(text(&stage["from"]), ""),
        }
    }
    source
}

fn named<'a>(stages: &'a Value, name: &str) -> &'a Value {
    stages
        .as_array()
        .and_then(|stages| stages.iter().find(|stage| stage["name"] == *name))
        .unwrap_or_else(|| panic!("there is no stage {name}"))
}

/// The arguments that the Dockerfile expands, by their defaults.
fn expanded(name: &str, platform: &str) -> String {
    name.replace("$TARGETARCH", platform)
        .replace("$DIST", "prebuilt")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    let elements = value.as_array().into_iter().flatten();
    elements.map(|element| text(element).to_owned()).collect()
}

/// The stage that is taken by default, and the one that builds by itself, both give `/dist/`.
#[test]
fn a_release_can_also_be_built_in_a_container() {
    let file = place::repository("Dockerfile");
    let Some(stages) = ask::judged(&[Path::new("dockerfile"), &file]) else {
        return;
    };
    assert_eq!(named(&stages, "dist")["from"], "$DIST");
    assert_eq!(named(&stages, "build")["runs"], json!(1));
    let text = fs::read_to_string(file).expect("the Dockerfile can be read");
    assert!(text.contains("\nARG DIST=prebuilt\n"));
    assert!(text.contains("\nRUN cargo xtask dist && mv dist /dist\n"));
}
