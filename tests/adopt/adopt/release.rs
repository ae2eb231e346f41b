//! `.github/workflows/release.yml`: which job has rights, what it runs, and what its scripts refuse.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use epicac_adopt::{ask, place};
use epicac_tests::require::require;
use serde_json::Value;

/// Programs that compile other people's code, or run it while they install it.
const COMPILERS: [&str; 16] = [
    "cargo build",
    "cargo check",
    "cargo install",
    "cargo run",
    "cargo test",
    "cargo xtask",
    "buildah",
    "docker",
    "go build",
    "go install",
    "go run",
    "make",
    "npm",
    "npx",
    "pip",
    "podman",
];
/// The digest of something, in front of its 64 digits.
const DIGEST: &str = "@sha256:";

struct Job(String, Value);

impl Job {
    /// The steps, each with its script or its action.
    fn steps(&self) -> &[Value] {
        let steps = self.1["steps"].as_array();
        steps.unwrap_or_else(|| panic!("{} has steps", self.0))
    }

    /// The scripts, each command on one line.
    fn scripts(&self) -> Vec<String> {
        let scripts = self.steps().iter().filter_map(|step| step["run"].as_str());
        scripts.map(|script| script.replace("\\\n", " ")).collect()
    }

    fn has_rights(&self) -> bool {
        let rights = self.1["permissions"].as_object();
        let rights = rights.unwrap_or_else(|| panic!("{} names its rights", self.0));
        rights.values().any(|right| right == "write")
    }

    fn needs(&self) -> Vec<&str> {
        match &self.1["needs"] {
            Value::String(job) => vec![job],
            Value::Array(jobs) => jobs.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }
}

fn jobs() -> Option<BTreeMap<String, Job>> {
    let file = place::repository(".github/workflows/release.yml");
    let text = fs::read_to_string(file).expect("the workflow can be read");
    let reader = place::repository("tests/adopt/adopt/yaml_json.py");
    let document = ask::python(&reader, &[], &text)?.expect("it is YAML");
    let document: Value = serde_json::from_str(&document).expect("this is JSON");
    assert_eq!(document["permissions"], serde_json::json!({}), "by default");
    let jobs = document["jobs"].as_object().expect("it has jobs");
    let jobs = jobs.iter().map(|(name, job)| {
        let job = Job(name.clone(), job.clone());
        (name.clone(), job)
    });
    Some(jobs.collect())
}

/// What the words of a command mean to a reader: a program with its first argument.
fn runs(script: &str, program: &str) -> bool {
    let words: Vec<&str> = script.split_whitespace().collect();
    let program: Vec<&str> = program.split(' ').collect();
    words.windows(program.len()).any(|window| window == program)
}

#[test]
fn a_job_with_rights_compiles_nothing() {
    let Some(jobs) = jobs() else { return };
    let with_rights: Vec<_> = jobs.values().filter(|job| job.has_rights()).collect();
    assert_eq!(with_rights.len(), 4);
    for job in with_rights {
        for script in job.scripts() {
            for compiler in COMPILERS {
                assert!(!runs(&script, compiler), "{}: {script}", job.0);
            }
            let lines = script.lines();
            for line in
                lines.filter(|line| runs(line, "cargo package") || runs(line, "cargo publish"))
            {
                assert!(runs(line, "--no-verify"), "{}: {line}", job.0);
            }
        }
    }
    // The words above do find a compiler.
    assert!(
        jobs["build"]
            .scripts()
            .iter()
            .any(|it| runs(it, "cargo xtask"))
    );
}

#[test]
fn a_job_with_rights_waits_for_a_person() {
    let Some(jobs) = jobs() else { return };
    for job in jobs.values() {
        let environment = &job.1["environment"];
        assert_eq!(environment.is_string(), job.has_rights(), "{}", job.0);
        if job.0 == "crates" {
            // So that no other job can get a token of that registry.
            assert_eq!(environment, "crates");
        }
    }
    let others = jobs.values().filter(|job| job.0 != "crates");
    assert!(
        others
            .into_iter()
            .all(|job| job.1["environment"] != "crates")
    );
}

/// Nothing with rights touches a file before this.
#[test]
fn a_job_that_publishes_checks_the_signature_and_the_digests_first() {
    let Some(jobs) = jobs() else { return };
    let publishes = |job: &&Job| job.has_rights() && job.0 != "sign";
    let mut checked = 0;
    for job in jobs.values().filter(publishes) {
        let mut scripts = job.scripts().into_iter();
        let first = scripts.next().expect("it runs something");
        assert!(runs(&first, "cosign verify-blob SHA256SUMS"), "{first}");
        for option in ["--certificate-identity", "--certificate-oidc-issuer"] {
            assert!(runs(&first, option), "{first}");
        }
        assert!(
            first
                .trim()
                .ends_with("sha256sum --check --strict SHA256SUMS"),
            "{first}"
        );
        checked += 1;
    }
    assert_eq!(checked, 3);
    let sign = jobs["sign"].scripts();
    assert_eq!(sign[0], "sha256sum --check --strict SHA256SUMS");
}

#[test]
fn everything_waits_for_a_green_ci_of_the_commit() {
    let Some(jobs) = jobs() else { return };
    for job in jobs.values() {
        let mut reached = vec![job.0.as_str()];
        let mut at = 0;
        while let Some(&name) = reached.get(at) {
            for needed in jobs[name].needs() {
                if !reached.contains(&needed) {
                    reached.push(needed);
                }
            }
            at += 1;
        }
        assert!(reached.contains(&"tested"), "{}: {reached:?}", job.0);
        let publishes = job.has_rights() && job.0 != "sign";
        assert!(
            !publishes || reached.contains(&"sign"),
            "{}: {reached:?}",
            job.0
        );
    }
}

#[test]
fn what_builds_the_image_is_pinned_by_its_digest() {
    let Some(jobs) = jobs() else { return };
    let build = &jobs["build"];
    let step = build
        .steps()
        .iter()
        .find(|step| step["name"] == "Build the image");
    let step = step.expect("it builds the image");
    let pinned = step["env"]["BUILDKIT"].as_str().expect("it names BuildKit");
    let (name, digest) = pinned.split_once(DIGEST).expect("it has a digest");
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(
        step["run"]
            .as_str()
            .is_some_and(|it| it.contains(r#"--driver-opt "image=$BUILDKIT""#)),
        "{step}"
    );
    // The version is the one that the tests of the image run.
    let tools = place::repository("tests/adopt/containers/go.mod");
    let tools = fs::read_to_string(tools).expect("it can be read");
    let (_, version) = name.split_once(':').expect("it has a version");
    assert!(
        tools.contains(&format!("github.com/moby/buildkit {version} ")),
        "{version}"
    );
}

/// Runs a script of a job as a runner does, with stand-ins for the programs that reach a network.
fn run(
    job: &str,
    step: &str,
    programs: &[(&str, &str)],
    variables: &[(&str, &str)],
) -> Option<Output> {
    let jobs = jobs()?;
    let mut steps = jobs[job].steps().iter();
    let step = steps
        .find(|it| it["name"] == step)
        .expect("there is that step");
    let script = step["run"].as_str().expect("it runs a script");
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::create_dir(folder.path().join("dist")).expect("a folder can be made");
    for crate_file in ["epicac-0.1.0.crate", "epicac-component-0.1.0.crate"] {
        fs::write(folder.path().join("dist").join(crate_file), "packed")
            .expect("it can be written");
    }
    for (name, text) in programs {
        let file = folder.path().join(name);
        fs::write(&file, format!("#!/bin/bash\n{text}\n")).expect("it can be written");
        fs::set_permissions(&file, Permissions::from_mode(0o755)).expect("it is ours");
    }
    let path = env::var("PATH").expect("there is a PATH");
    let output = Command::new("bash")
        .args(["-e", "-c", script])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", folder.path().display()))
        .env("GITHUB_OUTPUT", "/dev/null")
        .env("GITHUB_REPOSITORY", "epicac/epicac")
        .env("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567")
        .envs(variables.iter().copied())
        .output();
    Some(output.expect("bash starts"))
}

#[test]
fn a_commit_whose_ci_is_not_green_is_not_released() {
    for (green, passes) in [("1", true), ("0", false)] {
        let gh = format!(
            r#"[[ "$*" == *head_sha=0123456789abcdef0123456789abcdef01234567*branch=main*status=success* ]] && echo {green}"#
        );
        let Some(output) = run("tested", "Find the run", &[("gh", &gh)], &[]) else {
            return;
        };
        assert_eq!(output.status.success(), passes, "{output:?}");
    }
}

#[test]
fn another_digest_in_the_registry_than_the_file_has_is_an_error() {
    for (pushed, passes) in [("a manifest", true), ("another one", false)] {
        let skopeo = format!(
            r#"case "$*" in
  "inspect --raw oci-archive:a.tar") printf 'a manifest' ;;
  "inspect --raw docker://name:0.1.0") printf '{pushed}' ;;
  "copy --all --preserve-digests oci-archive:a.tar docker://name:0.1.0") ;;
  *) exit 1 ;;
esac"#
        );
        let variables = [
            ("ARCHIVE", "oci-archive:a.tar"),
            ("NAME", "name"),
            ("VERSION", "0.1.0"),
        ];
        let programs = [("skopeo", &*skopeo)];
        let Some(output) = run("registry", "Push, and compare", &programs, &variables) else {
            return;
        };
        assert_eq!(output.status.success(), passes, "{output:?}");
    }
}

/// Also one that somebody published by hand.
#[test]
fn a_crate_in_the_registry_with_another_checksum_is_an_error() {
    if require("jq").is_none() {
        return;
    }
    // Of the text `packed`.
    let own = "88cb8a087b6e8cebfc9ae5602f5a2159a6bcf923e7f2c56809bcda6cad1727a7";
    for (checksum, version, passes) in [
        (own, "0.1.0", true),
        (own, "0.0.9", false),
        (&"0".repeat(64), "0.1.0", false),
    ] {
        let curl = format!(r#"echo '{{"vers":"{version}","cksum":"{checksum}"}}'"#);
        let Some(output) = run(
            "crates",
            "Compare",
            &[("curl", &curl)],
            &[("VERSION", "0.1.0")],
        ) else {
            return;
        };
        assert_eq!(
            output.status.success(),
            passes,
            "{checksum} {version}: {output:?}"
        );
    }
}
