//! The policy (docs/policy.md): `epicac policy`, `epicac policy check FILE` and `epicac --policy FILE`.

use std::fs;
use std::path::PathBuf;

use epicac_tests::{Epicac, Outcome, test_token};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cases::{each, generous_agent, gets_credentials};

pub const EKS: &str = "http://169.254.170.23/v1/credentials";

/// What it prints on stdout, when it succeeds and says nothing else.
#[track_caller]
pub fn printed(outcome: &Outcome) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    assert_eq!(text(&outcome.stderr), "");
    assert_eq!(outcome.status.code(), Some(0));
    text(&outcome.stdout)
}

/// The effective policy of this environment.
pub fn policy_of(epicac: Epicac) -> Value {
    serde_json::from_str(&printed(&epicac.arg("policy").run())).unwrap()
}

/// A file of this content in a folder of its own.
pub fn file(content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn it_is_printed_whole() {
    let policy = policy_of(
        Epicac::new()
            .full_uri(EKS)
            .token_file("/var/run/secrets/token")
            .var("AWS_PROFILE", "not-granted"),
    );
    let version = printed(&Epicac::new().arg("--version").run());
    assert_eq!(policy["version"], 1);
    let sha256 = policy["component"]["sha256"].as_str().unwrap();
    assert!(version.contains(sha256), "{version}");
    let imports = policy["component"]["imports"].as_array().unwrap();
    assert!(imports.contains(&json!("wasi:io/poll@0.2.0#poll")));
    assert!(imports.contains(&json!(
        "wasi:filesystem/types@0.2.0#[method]descriptor.read"
    )));
    assert_eq!(
        policy["environment"],
        json!([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
        ])
    );
    assert_eq!(policy["token_file"], "/var/run/secrets/token");
    let endpoint = json!({
        "method": "GET", "scheme": "http", "host": "169.254.170.23", "port": 80,
        "path": "/v1/credentials",
    });
    assert_eq!(policy["endpoint"], endpoint);
    assert_eq!(policy["limits"]["deadline_ms"], 27_000);
}

#[test]
fn without_an_endpoint_nothing_is_granted() {
    for epicac in [Epicac::new(), Epicac::new().var("PATH", "/bin")] {
        let policy = policy_of(epicac);
        assert_eq!(policy["environment"], json!([]));
        assert_eq!(policy["token_file"], Value::Null);
        assert_eq!(policy["endpoint"], Value::Null);
    }
}

#[test]
fn an_endpoint_that_is_denied_is_not_granted() {
    for uri in ["ftp://example.com/", "http://example.com/", "garbage"] {
        let policy = policy_of(Epicac::new().full_uri(uri));
        assert_eq!(policy["endpoint"], Value::Null, "{uri}");
    }
}

#[test]
fn the_token_is_never_printed() {
    let token = test_token(3600);
    for arguments in [&["policy"][..], &["policy", "--explain"]] {
        let epicac = arguments
            .iter()
            .fold(Epicac::new().full_uri(EKS).token(&token), Epicac::arg);
        let text = printed(&epicac.run());
        assert!(text.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN"), "{text}");
        assert!(!text.contains(&token[..20]), "{text}");
    }
}

#[test]
fn it_is_explained_line_by_line() {
    let epicac = Epicac::new().full_uri(EKS).token_file("/token");
    let text = printed(&epicac.arg("policy").arg("--explain").run());
    for (rule, granted) in [
        ("RULE", "GRANTED"),
        (
            "component.imports",
            "wasi:http/outgoing-handler@0.2.0#handle",
        ),
        ("environment", "AWS_CONTAINER_CREDENTIALS_FULL_URI"),
        ("token_file", "/token"),
        ("endpoint.host", "169.254.170.23"),
        ("limits.fuel", "1000000000"),
    ] {
        let line = text
            .lines()
            .find(|line| line.starts_with(rule) && line.contains(granted));
        let why = line
            .and_then(|line| line.split_once(granted))
            .map(|(_, why)| why.trim());
        assert!(
            why.is_some_and(|why| !why.is_empty()),
            "{rule} {granted} in {text}"
        );
    }
}

#[test]
fn what_is_printed_passes() {
    let agent = generous_agent();
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("a {token}, ünï\u{1b}code");
    fs::write(&token, "a-token").unwrap();
    let asking = || {
        Epicac::new()
            .full_uri(agent.url_of("/a/~x%20?b=&b=c"))
            .token_file(&token)
    };
    let (_folder, policy) = file(printed(&asking().arg("policy").run()));
    gets_credentials(asking().arg("--policy").arg(&policy));
    assert_eq!(agent.requests().len(), 1);

    let checked = printed(&asking().arg("policy").arg("check").arg(&policy).run());
    assert!(checked.contains("within it"), "{checked}");
    assert_eq!(agent.connections(), 1, "a check asks nobody");
}

#[test]
fn less_than_it_grants_passes() {
    let agent = generous_agent();
    let all = Epicac::asking(&agent).token_file("/token").token("t");
    let (_folder, policy) = file(policy_of(all).to_string());
    gets_credentials(Epicac::asking(&agent).arg("--policy").arg(&policy));
    let failure = Epicac::new().arg("--policy").arg(&policy).run();
    failure.fails_with(&["no container credentials endpoint"]);
}

#[test]
fn a_check_names_every_rule() {
    let (_folder, path) = file(policy_of(Epicac::new()).to_string());
    let epicac = Epicac::new().full_uri(EKS).token_file("/token");
    let outcome = epicac.arg("policy").arg("check").arg(&path).run();
    assert_eq!(outcome.status.code(), Some(1));
    assert!(outcome.stdout.is_empty());
    let stderr = String::from_utf8(outcome.stderr).unwrap();
    let rules: Vec<_> = stderr
        .lines()
        .map(|line| line.split(": ").nth(3).unwrap())
        .collect();
    assert_eq!(
        rules,
        ["environment", "environment", "token_file", "endpoint"]
    );
    assert!(stderr.contains(
        r#""endpoint": {"method":"GET","scheme":"http","host":"169.254.170.23","port":80,"path":"/v1/credentials"}"#
    ));
}

#[test]
fn a_check_says_that_there_is_nothing_to_ask() {
    let (_folder, path) = file(policy_of(Epicac::new().full_uri(EKS)).to_string());
    let check = |epicac: Epicac| printed(&epicac.arg("policy").arg("check").arg(&path).run());
    assert_eq!(
        check(Epicac::new()),
        "valid; this environment names no endpoint to ask\n"
    );
    assert!(check(Epicac::new().full_uri(EKS)).contains("within it"));
}

#[test]
fn on_ecs_the_last_segment_may_be_any() {
    let ecs = || Epicac::new().relative_uri("/v2/credentials/of-this-task");
    let mut policy = policy_of(ecs());
    policy["endpoint"]["path"] = json!("/v2/credentials/of-that-task");
    let (_folder, path) = file(policy.to_string());
    let line = "\"path\": \"/v2/credentials/*\"";
    let outcome = ecs()
        .secret("of-this-task")
        .arg("--policy")
        .arg(&path)
        .run();
    outcome.fails_with(&["endpoint.path", line]);

    policy["endpoint"]["path"] = json!("/v2/credentials/*");
    fs::write(&path, policy.to_string()).unwrap();
    let checked = printed(&ecs().arg("policy").arg("check").arg(&path).run());
    assert!(checked.contains("within it"), "{checked}");
}

#[test]
fn a_run_is_within_a_policy_whose_last_segment_may_be_any() {
    let agent = generous_agent();
    let mut policy = policy_of(Epicac::asking(&agent));
    policy["endpoint"]["path"] = json!("/v1/*");
    policy["wall"] = json!(["system_calls"]);
    let (_folder, path) = file(policy.to_string());
    let within = Epicac::asking(&agent).arg("--policy").arg(path);
    within.run().succeeds();
}

#[test]
fn an_asterisk_of_the_environment_cannot_be_granted() {
    let epicac = Epicac::new().relative_uri("/v2/credentials/*");
    let outcome = epicac.arg("policy").run();
    outcome.fails_with(&["no policy can grant this", "endpoint.path", "*"]);
}

#[test]
fn no_variable_names_a_policy() {
    let agent = generous_agent();
    let mut epicac = Epicac::asking(&agent);
    for name in ["EPICAC_POLICY", "AWS_EPICAC_POLICY", "POLICY"] {
        epicac = epicac.var(name, "/nowhere");
    }
    gets_credentials(epicac);
}

#[test]
fn a_variable_that_is_not_utf8_is_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
    let epicac = Epicac::new().var(name, std::ffi::OsStr::from_bytes(b"/\xff"));
    epicac.arg("policy").run().fails_with(&[name]);
}

#[test]
fn a_policy_that_cannot_be_written_is_a_failure() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let outcome = Epicac::new().arg("policy").stdout(full).run();
    outcome.fails_with(&["cannot write the answer"]);
}

#[test]
fn wrong_arguments_are_wrong_usage() {
    let agent = generous_agent();
    let wrong: [&[&str]; 11] = [
        &["--policy"],
        &["--policy="],
        &["--policy", "a", "--policy", "b"],
        &["--policy", "a", "policy"],
        &["--policy", "a", "b"],
        &["policy", "check"],
        &["policy", "check", "a", "b"],
        &["policy", "--explain", "check", "a"],
        &["policy", "--explain", "--explain"],
        &["policy", "--unknown"],
        &["policy", "unknown"],
    ];
    each(&wrong, |arguments| {
        let epicac = arguments.iter().fold(Epicac::asking(&agent), Epicac::arg);
        epicac.run().is_wrong_usage();
    });
    assert_eq!(agent.connections(), 0);
}

#[test]
fn a_policy_is_printed_without_asking_anybody() {
    let agent = generous_agent();
    let _ = policy_of(Epicac::asking(&agent));
    assert_eq!(agent.connections(), 0);
}
