//! behaviour.md §1, https: the native host denies it unless its policy names the endpoint, and then verifies TLS.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;

use epicac_tests::{Agent, Answer, Authority, Epicac, Sts, TlsServer, test_token};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cases::{each, generous_agent, gets_credentials, valid};
use crate::doctor::{check, report};
use crate::policy::{file, policy_of};
use crate::roles::{READER, gets_role, secretive};
use crate::wall::standing;

/// An agent behind TLS, with a certificate for these names.
struct Secure {
    agent: Agent,
    server: TlsServer,
    folder: TempDir,
}

impl Secure {
    fn with_names(names: &[&str]) -> Self {
        let authority = Authority::new().unwrap();
        let agent = generous_agent();
        let server = TlsServer::start(agent.address(), &authority, names).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("bundle.pem"), authority.pem()).unwrap();
        Self {
            agent,
            server,
            folder,
        }
    }

    fn new() -> Self {
        Self::with_names(&["localhost"])
    }

    fn uri(&self) -> String {
        let port = self.server.address().port();
        format!("https://localhost:{port}/v1/credentials?a=b")
    }

    fn bundle(&self) -> PathBuf {
        self.folder.path().join("bundle.pem")
    }

    /// With the URI and the bundle.
    fn epicac(&self) -> Epicac {
        let epicac = Epicac::new().full_uri(self.uri());
        epicac.var("AWS_CA_BUNDLE", self.bundle())
    }

    /// With the policy of this environment, changed by `change`, and these arguments more.
    fn pinned(&self, change: impl Fn(&mut Value)) -> (TempDir, PathBuf) {
        let mut policy = policy_of(self.epicac());
        change(&mut policy);
        file(policy.to_string())
    }
}

#[test]
fn it_is_denied_by_the_built_in_policy() {
    let secure = Secure::new();
    let outcome = secure.epicac().run();
    outcome.fails_with(&[
        "request denied",
        "https endpoints are not allowed",
        "--policy",
    ]);
    assert_eq!(secure.agent.connections(), 0);
}

#[test]
fn a_policy_that_names_it_grants_it() {
    let secure = Secure::new();
    let epicac = || secure.epicac().token("a-token-over-tls");
    let policy = policy_of(epicac());
    let endpoint = json!({
        "method": "GET",
        "scheme": "https",
        "host": "localhost",
        "port": secure.server.address().port(),
        "path": "/v1/credentials?a=b",
        "ca_bundle": secure.bundle(),
    });
    assert_eq!(policy["endpoint"], endpoint);
    let (_folder, path) = file(policy.to_string());
    // Proxies are for STS alone.
    let epicac = epicac().arg("--policy").arg(&path);
    gets_credentials(epicac.var("HTTPS_PROXY", "http://127.0.0.1:1"));
    let requests = secure.agent.requests();
    assert_eq!(requests.len(), 1);
    let host = format!("localhost:{}", secure.server.address().port());
    assert_eq!(requests[0].header_values("Host"), [host.as_str()]);
    assert_eq!(
        requests[0].header_values("Authorization"),
        ["a-token-over-tls"]
    );
    assert_eq!(requests[0].target, "/v1/credentials?a=b");
}

#[test]
fn the_policy_explains_it() {
    let secure = Secure::new();
    let outcome = secure.epicac().arg("policy").arg("--explain").run();
    let text = outcome.answers(0);
    for (rule, why) in [
        ("endpoint.scheme", "asked only under a policy file"),
        ("endpoint.ca_bundle", "by AWS_CA_BUNDLE"),
    ] {
        let mut lines = text.lines();
        let found = lines.any(|line| line.starts_with(rule) && line.contains(why));
        assert!(found, "{rule} in {text}");
    }
}

#[test]
fn a_policy_that_names_another_one_does_not() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change); 5] = [
        ("endpoint.host", |it| it["host"] = json!("127.0.0.1")),
        ("endpoint.port", |it| it["port"] = json!(443)),
        ("endpoint.path", |it| it["path"] = json!("/")),
        ("endpoint.scheme", |it| {
            it["scheme"] = json!("http");
            it.as_object_mut().unwrap().remove("ca_bundle");
        }),
        ("endpoint.ca_bundle", |it| {
            it["ca_bundle"] = json!("/etc/other.pem");
        }),
    ];
    let secure = Secure::new();
    for (rule, change) in cases {
        let (_folder, path) = secure.pinned(|policy| change(&mut policy["endpoint"]));
        let epicac = secure.epicac().arg("--policy").arg(&path);
        epicac.run().fails_with(&["beyond the policy", rule]);
    }
    assert_eq!(secure.agent.connections(), 0);
}

#[test]
fn the_wall_stands_around_it_too() {
    let secure = Secure::new();
    let (_folder, path) = secure.pinned(|policy| policy["wall"] = json!(standing()));
    gets_credentials(secure.epicac().arg("--policy").arg(&path));
}

#[test]
fn who_is_not_trusted_gets_no_request() {
    const TOKEN: &str = "a-token-for-nobody-else";
    let other_name = Secure::with_names(&["agent.example"]);
    let secure = Secure::new();
    let other = secure.folder.path().join("other.pem");
    fs::write(&other, Authority::new().unwrap().pem()).unwrap();
    let other = other.to_str().unwrap();
    let cases = [
        (
            Some(other),
            ["not trusted", "add that authority to the file"],
        ),
        (Some(""), ["not trusted", "set AWS_CA_BUNDLE"]),
        (None, ["not trusted", "set AWS_CA_BUNDLE"]),
    ];
    each(&cases, |(bundle, parts)| {
        let epicac = || {
            let epicac = Epicac::new().full_uri(secure.uri()).token(TOKEN);
            bundle
                .iter()
                .fold(epicac, |epicac, path| epicac.var("AWS_CA_BUNDLE", path))
        };
        let (_folder, path) = file(policy_of(epicac()).to_string());
        let outcome = epicac().arg("--policy").arg(&path).run();
        let what = "no connection to the container credentials endpoint: localhost: ";
        outcome.fails_with(&[&[what], &parts[..]].concat());
    });
    let (_folder, path) = other_name.pinned(|_| ());
    let outcome = other_name.epicac().arg("--policy").arg(&path).run();
    outcome.fails_with(&[
        "no connection to the container credentials endpoint",
        "not valid",
    ]);
    for server in [&secure, &other_name] {
        assert_eq!(server.agent.connections(), 0);
    }
}

#[test]
fn what_is_not_there_is_told_with_its_reason() {
    let server = TlsServer::without_tls().unwrap();
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let cases = [
        // RFC 6761 §6.4: no resolver knows it.
        (
            "https://agent.invalid/".to_owned(),
            [
                "no connection to the container credentials endpoint: agent.invalid",
                "its name",
            ],
        ),
        (
            format!("https://{}/", server.address()),
            [
                "no connection to the container credentials endpoint",
                "no TLS connection",
            ],
        ),
        (
            format!("https://127.0.0.1:{closed}/"),
            [
                "no response from the container credentials endpoint",
                "refused the connection",
            ],
        ),
    ];
    each(&cases, |(uri, parts)| {
        let (_folder, path) = file(policy_of(Epicac::new().full_uri(uri)).to_string());
        let epicac = Epicac::new().full_uri(uri).arg("--policy").arg(&path);
        epicac.run().fails_with(parts);
    });
}

#[test]
fn a_bundle_that_cannot_be_used_is_told_before_anybody_is_asked() {
    let secure = Secure::new();
    let (_folder, path) = secure.pinned(|_| ());
    fs::write(secure.bundle(), "no certificate").unwrap();
    let outcome = secure.epicac().arg("--policy").arg(&path).run();
    outcome.fails_with(&["invalid CA bundle", "bundle.pem", "no certificate"]);
    assert_eq!(secure.agent.connections(), 0);
}

#[test]
fn an_attempt_that_fails_is_made_again() {
    let secure = Secure::new();
    secure
        .agent
        .script([Answer::text(503, "not now\n"), Answer::json(&valid())]);
    let (_folder, path) = secure.pinned(|_| ());
    gets_credentials(secure.epicac().arg("--policy").arg(&path));
    assert_eq!(secure.agent.requests().len(), 2);
}

#[test]
fn roles_go_on_from_it() {
    let (secure, sts) = (Secure::new(), Sts::start().unwrap());
    let options = ["--role-arn", READER, "--region=eu-central-1"];
    let epicac = || secretive(secure.epicac()).var("AWS_ENDPOINT_URL_STS", sts.url());
    let printing = options.iter().fold(epicac().arg("policy"), Epicac::arg);
    let (_folder, path) = file(printing.run().answers(0));
    let run = epicac().arg("--policy").arg(&path);
    gets_role(options.iter().fold(run, Epicac::arg), 1);
}

#[test]
fn doctor_tells_whether_a_policy_grants_it() {
    let secure = Secure::new();
    let doctor = || secure.epicac().token(&test_token(3600)).arg("doctor");
    let denied = report(doctor(), 1);
    for (name, verdict) in [("endpoint", "fail"), ("credentials", "skipped")] {
        assert_eq!(check(&denied, name)["verdict"], verdict, "{denied:#}");
    }
    assert_eq!(secure.agent.connections(), 0);

    let printing = secure.epicac().token("any").arg("policy");
    let (_folder, path) = file(printing.run().answers(0));
    let granted = report(doctor().arg("--policy").arg(&path), 0);
    for (name, verdict) in [("endpoint", "ok"), ("policy", "ok"), ("credentials", "ok")] {
        assert_eq!(check(&granted, name)["verdict"], verdict, "{granted:#}");
    }
}
