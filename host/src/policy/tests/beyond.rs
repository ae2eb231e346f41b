//! Tests of what goes beyond a policy, and of the messages about it.

use super::*;
use crate::limits::Limit;

/// What is granted, what is needed, the rule that this breaks, and the line that would grant it.
const BEYOND: &str = r#"
URI=http://127.0.0.1/c FILE=/t TOKEN=t | | |
URI=http://127.0.0.1/c FILE=/t TOKEN=t | URI=http://127.0.0.1:80/c | |
URI=http://127.0.0.1/c FILE=/t TOKEN=t | URI=ftp://example.com/ TOKEN=other | |
FILE=/t | FILE=/t TOKEN=secret | environment | "AWS_CONTAINER_AUTHORIZATION_TOKEN"
FILE=/t | FILE=/ä | token_file | "token_file": "/\u00e4"
URI=garbage | URI=http://127.0.0.1/c | endpoint | "endpoint": {"method":"GET","scheme":"http","host":"127.0.0.1","port":80,"path":"/c"}
URI=http://127.0.0.1/c | URI=http://127.0.0.2/c | endpoint.host | "host": "127.0.0.2"
URI=http://127.0.0.1/c | URI=http://127.0.0.1:81/c | endpoint.port | "port": 81
URI=http://127.0.0.1/c | URI=http://127.0.0.1/c? | endpoint.path | "path": "/c?"
URI=http://localhost:1/c | URI=https://localhost:1/c | endpoint.scheme | "scheme": "https"
URI=https://a.example | URI=https://a.example AWS_CA_BUNDLE=/b | endpoint.ca_bundle | "ca_bundle": "/b"
URI=https://a.example AWS_CA_BUNDLE=/b | URI=https://a.example | endpoint.ca_bundle | "ca_bundle": null
URI=https://a.example AWS_CA_BUNDLE=/b | URI=https://a.example AWS_CA_BUNDLE=/b | |
PATH=/of/one-task | PATH=/of/another-task | endpoint.path | "path": "/of/*"
PATH=/of/one-task /endpoint/path="/of/*" | PATH=/of/another-task | |
PATH=/of/one-task SERVE /endpoint/path="/of/*" | PATH=/of/another-task SERVE | |
ROLE=a --external-id=an-id | | |
ROLE=a --external-id=an-id | ROLE=a ROLE=a | |
ROLE=a | ROLE=b | roles.arns | "arn:aws:iam::111111111111:role/b"
ROLE=a | ROLE=a --region=us-west-2 | roles.sts | "https://sts.us-west-2.amazonaws.com"
ROLE=a | ROLE=a --tag=a=b | roles.parameters | "Tags"
ROLE=a | ROLE=a --duration=3601 | roles.max_duration_seconds | "max_duration_seconds": 3601
ROLE=a /roles/session_policy="required" | ROLE=a --session-policy={} /roles/parameters=[] | |
ROLE=a /roles/session_policy="required" | ROLE=a | roles.session_policy | "session_policy": "optional"
ROLE=a | ROLE=a HTTPS_PROXY=http://u:secret@p.example:1 | roles.proxy | "proxy": "http://p.example:1"
ROLE=a | ROLE=a AWS_CA_BUNDLE=/b | roles.ca_bundle | "ca_bundle": "/b"
 | ROLE=a /environment=[] | roles | "roles": {"arns":["arn:aws:iam::111111111111:role/a"],"sts":["https://sts.eu-central-1.amazonaws.com"],"parameters":[],"max_duration_seconds":3600,"session_policy":"optional","proxy":null,"ca_bundle":null}
 | SERVE | serve | "serve": {"listen":"[::1]:1","token_file":"/t","token_group":true}
SERVE | | |
SERVE | SERVE | |
SERVE | SERVE /serve/listen="[0::1]:01" /serve/token_file="/./t" /serve/token_group=false | |
SERVE | SERVE /serve/listen="[::1]:2" | serve.listen | "listen": "[::1]:2"
SERVE | SERVE /serve/listen="127.0.0.1:1" | serve.listen | "listen": "127.0.0.1:1"
SERVE | SERVE /serve/token_file="/u" | serve.token_file | "token_file": "/u"
SERVE /serve/token_group=false | SERVE | serve.token_group | "token_group": true
/component/sha256="0" | | component.sha256 | "sha256": "SHA256"
/component/imports=["a"] | /component/imports=["a","b"] | component.imports | "b"
/component/imports=["*","a"] | /component/imports=["a"] | component.imports | "*"
/limits/requests=1 | | |
/limits/fuel=18446744073709551615 | | limits.fuel | "fuel": 1000000000
 | /wall=["files","system_calls"] | |
/wall=["system_calls"] | /wall=["files","system_calls"] | |
/wall=["system_calls","tcp"] | /wall=["files","system_calls"] | wall | "tcp"
"#;

#[test]
fn what_is_more_than_granted_names_its_rule_and_line() {
    for [granted, asked, rule, line] in rows(BEYOND) {
        let (granted, needed) = (needed(granted), needed(asked));
        let line = line.replace("SHA256", crate::sandbox::WASM_SHA256);
        match (rule, beyond(&granted, &needed).as_slice()) {
            ("", errors) => assert_eq!(errors, [""; 0], "{asked}"),
            (rule, [error]) => {
                let is_told = error.starts_with(&format!("beyond the policy: {rule}: "))
                    && error.ends_with(&format!(" is {line})"));
                assert!(is_told, "expected {rule} and {line} in {error}");
            }
            (_, errors) => panic!("not one error: {errors:?}"),
        }
        let wall = Wall::of(granted.wall.clone());
        assert_eq!(granted.check_wall(&wall), Ok(()), "{asked}");
        if let Some(serve) = needed.serve {
            assert_eq!(granted.check_serve(&serve).is_ok(), rule.is_empty());
        }
    }
}

#[test]
fn what_is_printed_of_several_profiles_admits_each_of_them() {
    let serve = needed("SERVE").serve.unwrap();
    let profiles = [
        asking("ROLE=a --tag=a=b --policy-arn=arn:aws:iam::aws:policy/x"),
        asking("ROLE=b --region=us-west-2 --duration=7200"),
    ];
    let policy = Policy::effective_to_serve(&profiles, serve.clone()).unwrap();
    assert_eq!(parse(&policy.to_json()), Ok(policy.clone()));
    let roles = policy.roles.as_ref().unwrap();
    assert_eq!((roles.arns.len(), roles.sts.len()), (2, 2));
    assert_eq!(roles.parameters, [Parameter::PolicyArns, Parameter::Tags]);
    assert_eq!(roles.max_duration_seconds, 7200);
    assert_eq!(roles.session_policy, SessionPolicy::Optional);
    for profile in profiles {
        assert!(policy.admit(profile).is_ok());
    }

    let profiles = [
        asking("ROLE=a AWS_CA_BUNDLE=/b"),
        asking("ROLE=a AWS_CA_BUNDLE=/b --sts-endpoint=http://localhost:1"),
    ];
    let error = Policy::effective_to_serve(&profiles, serve).unwrap_err();
    assert_eq!(error.failure(), PolicyFailure::Ungrantable);
}

#[test]
fn a_run_that_is_stopped_by_a_lower_limit_is_told_the_one_of_this_build() {
    let lower = needed("/limits/requests=1");
    assert_eq!(lower.stopped(Limit::Fuel), None);
    assert_eq!(lower.stopped(Limit::Stack), None);
    let stopped = lower.stopped(Limit::Requests).unwrap().to_string();
    assert!(stopped.ends_with(" is \"requests\": 32)"), "{stopped}");
}

/// What a policy may grant of a limit, and what a run that went over the limit is told.
const LOWER: &str = r#"
Deadline | /limits/deadline_ms | "deadline_ms": 27000
Fuel | /limits/fuel | "fuel": 1000000000
Memory | /limits/memory_bytes | "memory_bytes": 16777216
Table | /limits/table_elements | "table_elements": 10000
Resources | /limits/resources | "resources": 128
Requests | /limits/requests | "requests": 32
Header | /limits/header_bytes | "header_bytes": 81920
"#;

#[test]
fn each_limit_knows_its_member() {
    use Limit::{Deadline, Fuel, Header, Memory, Requests, Resources, Table};
    let limits = [Deadline, Fuel, Memory, Table, Resources, Requests, Header];
    for (limit, [name, pointer, line]) in limits.into_iter().zip(rows(LOWER)) {
        assert_eq!(format!("{limit:?}"), name);
        let lower = needed(&format!("{pointer}=1"));
        let stopped = lower.stopped(limit).unwrap().to_string();
        assert!(stopped.ends_with(&format!(" is {line})")), "{stopped}");
        assert_eq!(needed("").stopped(limit), None);
    }
}

#[test]
fn the_id_of_an_ecs_task_is_not_shown() {
    for granted in ["", "PATH=/of/one-task"] {
        let shown = beyond(&needed(granted), &needed("PATH=/of/another-task")).concat();
        assert!(shown.contains(r#""/of/*""#) && !shown.contains("another-task"));
    }
}
