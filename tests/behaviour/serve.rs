//! `epicac serve` (docs/serve.md): what is served, to whom, and how it is refreshed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::thread;
use std::time::Duration;

use epicac_tests::sts::{self, refusal};
use epicac_tests::{Agent, Answer, Epicac, Serving, Sts, credentials};

use crate::cases::{each, generous_agent};
use crate::roles::{READER, WRITER, assuming};

const PATH: &str = "/v1/credentials";

fn serving_reader(agent: &Agent, sts: &Sts) -> Serving {
    Serving::start(assuming(agent, sts, &[]), &["--role-arn", READER])
}

#[test]
fn the_role_is_served_as_the_agent_would() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let serving = serving_reader(&agent, &sts);
    let reply = serving.get(PATH);
    let served = reply.credentials();
    assert_eq!(served["AccessKeyId"], "ASIAROLE1");
    assert_eq!(served["SecretAccessKey"], sts::SECRET_ACCESS_KEY);
    assert_eq!(served["Token"], sts::SESSION_TOKEN);
    assert_eq!(served["AccountId"], "111111111111");
    assert!(served["Expiration"].as_str().unwrap().ends_with('Z'));
    let head = reply.head.to_lowercase();
    for field in [
        "content-type: application/json",
        "cache-control: no-store",
        "connection: close",
    ] {
        assert!(head.contains(field), "{head}");
    }
}

#[test]
fn without_a_role_the_pods_own_credentials_are_served() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let served = serving.get(PATH).credentials();
    assert_eq!(served["AccessKeyId"], credentials::ACCESS_KEY_ID);
    assert_eq!(served["Token"], credentials::SESSION_TOKEN);
}

#[test]
fn each_profile_has_its_path_and_the_first_one_is_the_endpoint() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let reader = format!("--profile=reader={READER}");
    let writer = format!("--profile=writer={WRITER}");
    let options = [
        "--region=eu-central-1",
        &reader,
        "--external-id=of-reader",
        &writer,
        "--session-name=of-writer",
    ];
    let mut serving = Serving::start(assuming(&agent, &sts, &[]), &options);
    assert!(serving.uri().ends_with("/v1/credentials/reader"));
    assert!(serving.line().ends_with("/v1/credentials/writer\n"));
    for (path, account) in [
        (PATH, "111111111111"),
        ("/v1/credentials/writer", "222222222222"),
        ("/v1/credentials/reader", "111111111111"),
    ] {
        assert_eq!(
            serving.get(path).credentials()["AccountId"],
            account,
            "{path}"
        );
    }
    assert_eq!(serving.get("/v1/credentials/nobody").status, 404);
    let forms = sts.forms();
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[0]["ExternalId"], "of-reader");
    assert_eq!(forms[1]["RoleSessionName"], "of-writer");
    assert!(!forms[1].contains_key("ExternalId"));
}

#[test]
fn nobody_is_answered_without_the_token_and_the_address() {
    let agent = generous_agent();
    let mut serving = Serving::start(Epicac::asking(&agent), &[]);
    let (address, token) = (serving.address(), serving.token());
    let host = format!("Host: {address}");
    let shown = format!("Authorization: {token}");
    let port = address.port();
    for (status, method, path, fields) in [
        (401, "GET", PATH, host.clone()),
        (401, "GET", PATH, format!("{host}\r\nAuthorization: x")),
        (
            401,
            "GET",
            PATH,
            format!("{host}\r\nAuthorization: Bearer {token}"),
        ),
        (401, "GET", "/nowhere", host.clone()),
        (403, "GET", PATH, shown.clone()),
        (
            403,
            "GET",
            PATH,
            format!("Host: evil.example:{port}\r\n{shown}"),
        ),
        (
            403,
            "GET",
            PATH,
            format!("Host: localhost:{port}\r\n{shown}"),
        ),
        (403, "GET", PATH, format!("{host}\r\n{host}\r\n{shown}")),
        (404, "GET", "/", format!("{host}\r\n{shown}")),
        (
            404,
            "GET",
            "/v1/credentials/nobody",
            format!("{host}\r\n{shown}"),
        ),
        (405, "POST", PATH, format!("{host}\r\n{shown}")),
        (405, "HEAD", PATH, format!("{host}\r\n{shown}")),
    ] {
        let reply = serving.send(&format!("{method} {path} HTTP/1.1\r\n{fields}\r\n\r\n"));
        assert_eq!(reply.status, status, "{method} {path} {fields}: {reply:?}");
        assert!(reply.head.contains("text/plain"), "{reply:?}");
        assert!(!reply.head.contains(&token) && !reply.body.contains(&token));
    }
    assert_eq!(
        agent.connections(),
        0,
        "who must not ask makes nobody be asked"
    );
    assert_eq!(serving.end(), "");
}

#[test]
fn the_token_is_this_users_alone() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let mode = fs::metadata(serving.token_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(fs::read_dir(serving.folder()).unwrap().count(), 1);

    let group = rustix::process::getgid().as_raw();
    for option in ["--token-group", &format!("--token-group={group}")] {
        let serving = Serving::start(Epicac::asking(&agent), &[option]);
        let metadata = fs::metadata(serving.token_file()).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
        assert_eq!(metadata.gid(), group);
    }
}

#[test]
fn a_thousand_requests_at_a_hundred_at_once_cause_one_assume_role() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let serving = serving_reader(&agent, &sts);
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                for _ in 0..10 {
                    serving.get(PATH).credentials();
                }
            });
        }
    });
    assert_eq!((agent.requests().len(), sts.forms().len()), (1, 1));
}

#[test]
fn who_comes_during_a_refresh_gets_what_is_still_valid() {
    let agent = Agent::start().unwrap();
    // Within five minutes of their end they are to be refreshed.
    agent.script([Answer::json(&credentials::expiring_in(200))]);
    let slow = Answer::json(&credentials::expiring_in(3600)).delayed(Duration::from_secs(2));
    agent.always(slow);
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let first = serving.get(PATH).credentials();
    thread::sleep(Duration::from_millis(200));
    thread::scope(|scope| {
        let refreshing = scope.spawn(|| serving.get(PATH).credentials());
        while agent.requests().len() < 2 {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(serving.get(PATH).credentials(), first);
        assert!(!refreshing.is_finished());
        assert_ne!(refreshing.join().unwrap(), first);
    });
    assert_eq!(agent.requests().len(), 2);
}

#[test]
fn a_refresh_goes_on_when_its_caller_gives_up() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)).delayed(Duration::from_secs(1)));
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let ask = format!(
        "GET {PATH} HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\n\r\n",
        serving.address(),
        serving.token()
    );
    let mut hasty = std::net::TcpStream::connect(serving.address()).unwrap();
    std::io::Write::write_all(&mut hasty, ask.as_bytes()).unwrap();
    while agent.requests().is_empty() {
        thread::sleep(Duration::from_millis(10));
    }
    drop(hasty);
    serving.get(PATH).credentials();
    assert_eq!(agent.requests().len(), 1);
}

#[test]
fn the_agents_token_is_read_for_each_refresh() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(200)));
    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    fs::write(&token, "first").unwrap();
    let serving = Serving::start(Epicac::asking(&agent).token_file(&token), &[]);
    serving.get(PATH).credentials();
    fs::write(&token, "second").unwrap();
    thread::sleep(Duration::from_millis(200));
    serving.get(PATH).credentials();
    let requests = agent.requests();
    let sent: Vec<_> = requests
        .iter()
        .map(|it| it.header("Authorization"))
        .collect();
    assert_eq!(sent, [Some("first"), Some("second")]);
}

#[test]
fn a_failure_is_told_with_its_status_and_does_not_stay() {
    each(
        &[
            (403, "AccessDenied", 403),
            (400, "PackedPolicyTooLarge", 400),
        ],
        |(status, code, told)| {
            let (agent, sts) = (generous_agent(), Sts::start().unwrap());
            sts.agent().script([refusal(*status, code, "by a test")]);
            let mut serving = serving_reader(&agent, &sts);
            let reply = serving.get(PATH);
            assert_eq!(reply.status, *told, "{reply:?}");
            assert!(reply.head.contains("text/plain"), "{reply:?}");
            assert!(
                reply.body.contains(code) && reply.body.ends_with('\n'),
                "{reply:?}"
            );
            thread::sleep(Duration::from_secs(1));
            serving.get(PATH).credentials();
            let stderr = serving.end();
            assert_eq!(stderr, format!("epicac: {}", reply.body));
        },
    );
}

#[test]
fn an_agent_that_is_away_is_a_bad_gateway() {
    let mut agent = generous_agent();
    let epicac = Epicac::asking(&agent);
    agent.stop();
    let serving = Serving::start(epicac, &[]);
    let reply = serving.get(PATH);
    assert_eq!(reply.status, 502, "{reply:?}");
    assert!(
        reply
            .body
            .contains("no response from the container credentials endpoint")
    );
}
