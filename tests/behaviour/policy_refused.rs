//! The policy (docs/policy.md): what is refused under it before anything runs, or stopped.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use epicac_tests::{Answer, Epicac, Outcome};
use serde_json::json;

use crate::cases::{agent_with, each, generous_agent};
use crate::policy::{EKS, file, policy_of, printed};

/// Both ways to use a policy must refuse this file with one line that names it and holds `parts`; nobody
/// is asked for credentials.
#[track_caller]
fn refused(path: &Path, parts: &[&str]) {
    let agent = generous_agent();
    for arguments in [&["--policy"][..], &["policy", "check"]] {
        let mut epicac = Epicac::asking(&agent);
        for argument in arguments {
            epicac = epicac.arg(argument);
        }
        epicac
            .arg(path)
            .run()
            .fails_with(&[parts, &[path.to_str().unwrap()]].concat());
    }
    assert_eq!(agent.connections(), 0, "the agent was connected to");
}

/// Nothing is sent to such an endpoint, so that a policy has nothing to refuse.
#[test]
fn an_invalid_endpoint_fails_by_its_own_line() {
    let uris = [
        "http://user@169.254.170.23/v1/credentials",
        "http://0xa9feaa17/v1/credentials",
        "http://localhost./v1/credentials",
        "nonsense",
    ];
    each(&uris, |uri| {
        let epicac = || Epicac::new().full_uri(uri);
        let (_folder, path) = file(policy_of(epicac()).to_string());
        let line = |outcome: Outcome| {
            outcome.fails_with(&["invalid container credentials endpoint"]);
            outcome.stderr
        };
        let checked = line(epicac().arg("policy").arg("check").arg(&path).run());
        assert_eq!(checked, line(epicac().arg("--policy").arg(&path).run()));
    });
}

#[test]
fn another_component_is_refused() {
    let mut policy = policy_of(Epicac::new());
    let sha256 = policy["component"]["sha256"].take();
    policy["component"]["sha256"] = json!("0".repeat(64));
    let (_folder, path) = file(policy.to_string());
    let line = format!("\"sha256\": {sha256}");
    for epicac in [
        Epicac::new().arg("--policy"),
        Epicac::new().arg("policy").arg("check"),
    ] {
        let outcome = epicac.arg(&path).run();
        outcome.fails_with(&["beyond the policy", "component.sha256", &line]);
    }
}

#[test]
fn another_list_of_imports_is_refused() {
    let policy = policy_of(Epicac::new());
    for (pointer, import) in [(0, None), (1, Some("wasi:sockets/tcp@0.2.0#connect"))] {
        let mut policy = policy.clone();
        let imports = policy["component"]["imports"].as_array_mut().unwrap();
        let line = match import {
            None => imports.remove(pointer),
            Some(import) => {
                imports.push(json!(import));
                json!(import)
            }
        };
        let (_folder, path) = file(policy.to_string());
        let parts = ["beyond the policy", "component.imports", &line.to_string()];
        let agent = generous_agent();
        let epicac = Epicac::asking(&agent).arg("--policy").arg(&path);
        epicac.run().fails_with(&parts);
        assert_eq!(agent.connections(), 0);
    }
}

#[test]
fn what_the_environment_needs_beyond_it_is_refused() {
    let agent = generous_agent();
    let other = generous_agent();
    let granted = Epicac::asking(&agent).token_file("/token/a");
    let (_folder, path) = file(policy_of(granted).to_string());
    let port = format!("\"port\": {}", other.address().port());
    for (epicac, rule, line) in [
        (
            Epicac::asking(&agent).token("a-token-for-nobody"),
            "environment:",
            "\"AWS_CONTAINER_AUTHORIZATION_TOKEN\"",
        ),
        (
            Epicac::asking(&agent).token_file("/token/b"),
            "token_file:",
            "\"token_file\": \"/token/b\"",
        ),
        (Epicac::asking(&other), "endpoint.port:", &port),
        (
            Epicac::new().full_uri(agent.url().replace("127.0.0.1", "127.0.0.2")),
            "endpoint.host:",
            "\"host\": \"127.0.0.2\"",
        ),
        (
            Epicac::new().full_uri(agent.url_of("/v2")),
            "endpoint.path:",
            "\"path\": \"/v2\"",
        ),
    ] {
        let outcome = epicac.arg("--policy").arg(&path).run();
        outcome.fails_with(&["beyond the policy", path.to_str().unwrap(), rule, line]);
    }
    assert_eq!(agent.connections() + other.connections(), 0);
}

#[test]
fn a_lower_limit_is_kept() {
    let agent = agent_with(Answer::stall());
    let mut policy = policy_of(Epicac::asking(&agent));
    policy["limits"]["deadline_ms"] = json!(300);
    let (_folder, path) = file(policy.to_string());
    let outcome = Epicac::asking(&agent).arg("--policy").arg(&path).run();
    outcome.fails_with(&[
        "beyond the policy",
        "limits.deadline_ms",
        "\"deadline_ms\": 27000",
    ]);
    assert!(outcome.took.as_secs() < 2, "it took {:?}", outcome.took);
}

#[test]
fn a_limit_that_this_build_never_allows_is_refused() {
    let mut policy = policy_of(Epicac::new());
    policy["limits"]["memory_bytes"] = json!(1_u64 << 40);
    let (_folder, path) = file(policy.to_string());
    let agent = generous_agent();
    let outcome = Epicac::asking(&agent).arg("--policy").arg(&path).run();
    outcome.fails_with(&["limits.memory_bytes", "\"memory_bytes\": 16777216"]);
    assert_eq!(agent.connections(), 0);
}

#[test]
fn a_file_that_holds_no_policy_is_refused_with_its_place() {
    let good = printed(&Epicac::new().arg("policy").run());
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("empty", b"".to_vec(), &["line 1, column 1"]),
        ("not JSON", b"version = 1\n".to_vec(), &["line 1, column 1"]),
        ("not UTF-8", b"{\"\xff\": 1}".to_vec(), &["line 1, column"]),
        (
            "an array",
            b"[]".to_vec(),
            &["line 1, column 2", "expected an object"],
        ),
        (
            "cut",
            good.as_bytes()[..good.len() - 2].to_vec(),
            &["line "],
        ),
        (
            "another version",
            good.replace("\"version\": 1", "\"version\": 2")
                .into_bytes(),
            &["line 2, column 14", "version 2"],
        ),
        (
            "an unknown field",
            good.replace("\"version\": 1,", "\"version\": 1,\n  \"allow\": true,")
                .into_bytes(),
            &["line 3, column 9", "`allow`"],
        ),
        (
            "another scheme",
            policy_with("scheme", "ftp"),
            &["endpoint.scheme", "`ftp`", "speak"],
        ),
        (
            "a host over http",
            policy_with("host", "agent.example"),
            &["never asked over http"],
        ),
        (
            "any host",
            policy_with("host", "*"),
            &["endpoint.host", "this is no host"],
        ),
        (
            "any path",
            policy_with("path", "/*"),
            &["endpoint.path", "last segment"],
        ),
        (
            "an asterisk",
            policy_with("path", "/a*"),
            &["endpoint.path", "last segment"],
        ),
        (
            "too large",
            format!("{good}{}", " ".repeat(65_536)).into_bytes(),
            &["more than 65536 bytes"],
        ),
    ];
    each(cases, |(_, content, parts)| {
        let (_folder, path) = file(content);
        refused(&path, &[&["invalid policy"], *parts].concat());
    });
}

/// A policy with another value of a member of its endpoint.
fn policy_with(member: &str, value: &str) -> Vec<u8> {
    let mut policy = policy_of(Epicac::new().full_uri(EKS));
    policy["endpoint"][member] = json!(value);
    policy.to_string().into_bytes()
}

#[test]
fn a_file_that_cannot_be_read_is_refused_without_hanging() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("fifo");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, kind, 0o600.into(), 0).unwrap();
    refused(
        &folder.path().join("missing"),
        &["unreadable policy", "no such file"],
    );
    refused(
        &folder.path().join("missing/policy"),
        &["unreadable policy"],
    );
    for path in [
        folder.path(),
        &fifo,
        Path::new("/dev/zero"),
        Path::new("/dev/stdin"),
    ] {
        refused(path, &["unreadable policy", "not a regular file"]);
    }
}

#[test]
fn a_file_that_may_not_be_read_is_refused() {
    let (folder, path) = file("{}");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let agent = generous_agent();
    let mut epicac = Epicac::asking(&agent).arg("--policy").arg(&path);
    if rustix::process::geteuid().is_root() {
        epicac = epicac.user(65534);
    }
    epicac
        .run()
        .fails_with(&["unreadable policy", "permission denied"]);
}
