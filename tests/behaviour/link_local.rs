//! §1, which endpoint: the fixed link-local addresses of EKS and ECS, at port 80, in a network namespace
//! of the test's own.

use std::path::Path;

use epicac_tests::{Epicac, Namespace, require, test_token};
use serde_json::Value;

use crate::agent_program::PROGRAM;
use crate::cases::gets_credentials;
use crate::token_file::{NAME, projected};

const EKS: &str = "169.254.170.23:80";
const EKS_IPV6: &str = "[fd00:ec2::23]:80";
const ECS: &str = "169.254.170.2:80";

/// `epicac` in this namespace, beside an agent that listens on this address and writes this log.
fn beside_an_agent(namespace: &Namespace, listen: &str, log: &Path, epicac: Epicac) -> Epicac {
    let agent = [PROGRAM, "--host", "localhost", "--listen", listen, "--log"];
    let epicac = epicac
        .under(namespace.prefix())
        .under(agent)
        .under([log, Path::new("--")]);
    epicac.token(&test_token(3600))
}

/// Runs it in a namespace and gives `Host` and target of the one request that the agent saw. `None` when
/// namespaces are not to be had here.
fn request_seen(listen: &str, epicac: Epicac) -> Option<(String, String)> {
    request_seen_in(&Namespace::link_local()?, listen, epicac).into()
}

fn request_seen_in(namespace: &Namespace, listen: &str, epicac: Epicac) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    beside_an_agent(namespace, listen, &log, epicac)
        .run()
        .succeeds();
    let log = std::fs::read_to_string(log).unwrap();
    let request: Value = serde_json::from_str(log.trim_end()).expect("one request");
    let headers = request["headers"].as_array().unwrap();
    let host = headers
        .iter()
        .find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case("Host"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&host.unwrap()[1]), text(&request["target"]))
}

#[test]
fn the_pod_identity_agent_over_ipv4() {
    let epicac = Epicac::new().full_uri("http://169.254.170.23/v1/credentials");
    let Some((host, target)) = request_seen(EKS, epicac) else {
        return;
    };
    assert_eq!(
        (host.as_str(), target.as_str()),
        ("169.254.170.23", "/v1/credentials")
    );
}

#[test]
fn the_pod_identity_agent_over_ipv6_in_any_spelling() {
    for host in [
        "[fd00:ec2::23]",
        "[FD00:EC2::23]",
        "[fd00:0ec2:0:0:0:0:0:0023]",
    ] {
        let epicac = Epicac::new().full_uri(format!("http://{host}/v1/credentials"));
        let Some((host, _)) = request_seen(EKS_IPV6, epicac) else {
            return;
        };
        assert_eq!(host, "[fd00:ec2::23]");
    }
}

#[test]
fn a_port_is_in_host_only_when_given() {
    for host in ["169.254.170.23", "169.254.170.23:80"] {
        let epicac = Epicac::new().full_uri(format!("http://{host}/v1/credentials"));
        let Some((seen, _)) = request_seen(EKS, epicac) else {
            return;
        };
        assert_eq!(seen, host);
    }
    let epicac = Epicac::new().full_uri("http://[fd00:ec2::23]:80/v1/credentials");
    let Some((seen, _)) = request_seen(EKS_IPV6, epicac) else {
        return;
    };
    assert_eq!(seen, "[fd00:ec2::23]:80");
}

#[test]
fn a_relative_uri_is_on_the_ecs_agent_and_wins() {
    let relative = "/v1/credentials?task=a&task=b";
    let epicac = Epicac::new()
        .relative_uri(relative)
        .full_uri("http://127.0.0.1:1/elsewhere");
    let Some((host, target)) = request_seen(ECS, epicac) else {
        return;
    };
    assert_eq!(
        (host.as_str(), target.as_str()),
        ("169.254.170.2", relative)
    );
}

#[test]
fn a_relative_uri_cannot_name_another_host() {
    let Some(namespace) = Namespace::link_local() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    for relative in [
        "//169.254.170.23/v1/credentials",
        "/@169.254.170.23/v1/credentials",
    ] {
        let epicac = Epicac::new().relative_uri(relative);
        // The ECS agent is asked, for a path that it does not have.
        beside_an_agent(&namespace, ECS, &log, epicac)
            .run()
            .fails_with(&["404"]);
    }
}

#[test]
fn the_ecs_agent_may_be_named_in_full() {
    let epicac = Epicac::new().full_uri("http://169.254.170.2/v1/credentials");
    let Some((host, _)) = request_seen(ECS, epicac) else {
        return;
    };
    assert_eq!(host, "169.254.170.2");
}

#[test]
fn a_pod_as_the_webhook_sets_it_up() {
    let (Some(mount), Some(cp)) = (require("mount"), require("cp")) else {
        return;
    };
    let Some(mkdir) = require("mkdir") else {
        return;
    };
    let (volume, _) = projected(&test_token(3600));
    let path = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount";
    let [mount, mkdir, cp, from] = [&mount, &mkdir, &cp, volume.path()].map(|path| path.display());
    let setup =
        format!("'{mount}' -t tmpfs none /run\n'{mkdir}' -p {path}\n'{cp}' -a '{from}/.' {path}");
    let Some(namespace) = Namespace::with(&["--mount"], &setup) else {
        return;
    };
    let agent = [PROGRAM, "--listen", EKS, "--listen", EKS_IPV6, "--"];
    for uri in [
        "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
    ] {
        let epicac = Epicac::new()
            .full_uri(uri)
            .under(namespace.prefix())
            .under(agent);
        gets_credentials(epicac.token_file(format!("{path}/{NAME}")));
    }
}

#[test]
fn localhost_is_not_looked_up() {
    let Some(mount) = require("mount") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let hosts = folder.path().join("hosts");
    std::fs::write(&hosts, "169.254.170.23 localhost\nfd00:ec2::23 localhost\n").unwrap();
    let setup = format!(
        "'{}' --bind '{}' /etc/hosts",
        mount.display(),
        hosts.display()
    );
    let Some(namespace) = Namespace::with(&["--mount"], &setup) else {
        return;
    };
    let epicac = Epicac::new().full_uri("http://localhost/v1/credentials");
    let (host, _) = request_seen_in(&namespace, "127.0.0.1:80", epicac);
    assert_eq!(host, "localhost");
}
