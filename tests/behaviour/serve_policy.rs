//! `epicac serve` under a policy (docs/policy.md): what is printed for a server, and what it restricts.

use std::path::Path;

use epicac_tests::{Agent, Epicac, Serving, Sts};
use serde_json::{Value, json};

use crate::cases::{each, generous_agent};
use crate::policy::{file, printed};
use crate::roles::{READER, WRITER, assuming};

/// What `epicac policy serve` prints for these options, and a token in this folder.
fn policy_of(agent: &Agent, sts: &Sts, folder: &Path, options: &[&str]) -> Value {
    let epicac = assuming(agent, sts, &["policy", "serve", Serving::ANY_PORT]);
    let epicac = epicac.arg(Serving::token_option(folder));
    let text = printed(&options.iter().fold(epicac, Epicac::arg).run());
    serde_json::from_str(&text).unwrap()
}

fn profile(name: &str, role: &str) -> String {
    format!("--profile={name}={role}")
}

#[test]
fn what_is_printed_for_a_server_admits_it() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (reader, writer) = (profile("reader", READER), profile("writer", WRITER));
    let options = ["--token-group", &reader, "--external-id=an-id", &writer];
    let policy = policy_of(&agent, &sts, folder.path(), &options);
    let expected = json!({
        "listen": "127.0.0.1:0",
        "token_file": folder.path().join("token"),
        "token_group": true,
    });
    assert_eq!(policy["serve"], expected);
    assert_eq!(policy["roles"]["arns"], json!([READER, WRITER]));
    assert_eq!(policy["roles"]["parameters"], json!(["ExternalId"]));

    let (_folder, path) = file(policy.to_string());
    let within = format!("--policy={}", path.display());
    let options = [&options[..], &[&within]].concat();
    let serving = Serving::begin_in(folder, assuming(&agent, &sts, &[]), &options).ready();
    for (name, account) in [("reader", "111111111111"), ("writer", "222222222222")] {
        let served = serving
            .get(&format!("/v1/credentials/{name}"))
            .credentials();
        assert_eq!(served["AccountId"], account);
    }
    // The roles of such a policy are those of a run, too.
    let run = ["--policy", path.to_str().unwrap(), "--role-arn", READER];
    assert_eq!(assuming(&agent, &sts, &run).run().succeeds()["Version"], 1);
}

#[test]
fn a_server_is_kept_to_its_policy() {
    type Change = fn(&mut Value);
    let changes: &[(&str, Change, &str)] = &[
        (
            "serve: credentials are to be served",
            |it| it["serve"] = Value::Null,
            "\"serve\": {\"listen\":\"127.0.0.1:0\"",
        ),
        (
            "`epicac policy serve`",
            |it| drop(it.as_object_mut().unwrap().remove("serve")),
            "\"serve\": {",
        ),
        (
            "serve.listen: ",
            |it| it["serve"]["listen"] = "127.0.0.1:1".into(),
            "\"listen\": \"127.0.0.1:0\"",
        ),
        (
            "serve.token_file: ",
            |it| it["serve"]["token_file"] = "/token".into(),
            "\"token_file\": \"/",
        ),
        (
            "serve.token_group: ",
            |it| it["serve"]["token_group"] = false.into(),
            "\"token_group\": true",
        ),
        (
            "roles.arns: ",
            |it| it["roles"]["arns"] = json!([READER]),
            WRITER,
        ),
        (
            "endpoint.path: ",
            |it| it["endpoint"]["path"] = "/".into(),
            "/v1/credentials",
        ),
    ];
    each(changes, |(rule, change, line)| {
        let (agent, sts) = (generous_agent(), Sts::start().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let (reader, writer) = (profile("reader", READER), profile("writer", WRITER));
        let options = ["--token-group", &reader, &writer];
        let mut policy = policy_of(&agent, &sts, folder.path(), &options);
        change(&mut policy);
        let (_folder, path) = file(policy.to_string());
        let epicac = assuming(&agent, &sts, &["serve", Serving::ANY_PORT]);
        let epicac = epicac.arg(Serving::token_option(folder.path()));
        let epicac = options.iter().fold(epicac, Epicac::arg);
        let outcome = epicac.arg("--policy").arg(path).run();
        outcome.fails_with(&["beyond the policy", rule, line]);
        assert!(!folder.path().join("token").exists());
        assert_eq!(agent.connections() + sts.agent().connections(), 0);
    });
}

#[test]
fn a_server_is_explained() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let role = profile("reader", READER);
    let words = ["policy", "serve", "--explain", "--token-file=/t", &role];
    let text = printed(&assuming(&agent, &sts, &words).run());
    for (rule, granted) in [
        ("serve.listen", "127.0.0.1:8470"),
        ("serve.token_file", "/t"),
        ("serve.token_group", "false"),
        ("roles.arns", READER),
        ("wall.system_calls", "(seccomp)"),
    ] {
        let mut lines = text.lines();
        let found = lines.any(|line| line.starts_with(rule) && line.contains(granted));
        assert!(found, "{rule} {granted} in {text}");
    }
}
