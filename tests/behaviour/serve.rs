//! `epicac serve` (docs/serve.md): what is served, to whom, and how it is refreshed.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::thread;
use std::time::{Duration, Instant};

use epicac_tests::sts::{self, refusal};
use epicac_tests::{Agent, Answer, Epicac, Serving, Sts, credentials};

use crate::cases::{each, generous_agent};
use crate::roles::{READER, WRITER, assuming};

const PATH: &str = "/v1/credentials";

/// Longer than the outcome of a refresh stands.
pub const STANDS: Duration = Duration::from_millis(600);

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
        "--external-id=of-each",
        "--duration=1800",
        "--session-name=of-each",
        "--tag=team=of-each",
        "--tag=stage=of-each",
        &reader,
        "--external-id=of-reader",
        &writer,
        "--session-name=of-writer",
        "--tag=team=of-writer",
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
    assert_eq!(forms[1]["ExternalId"], "of-each");
    assert_eq!(forms[0]["RoleSessionName"], "of-each");
    for (form, team) in forms.iter().zip(["of-each", "of-writer"]) {
        assert_eq!(form["DurationSeconds"], "1800");
        let tags: Vec<_> = form
            .iter()
            .filter(|(name, _)| name.starts_with("Tags."))
            .collect();
        assert_eq!(tags.len(), 4, "{tags:?}");
        assert!(tags.iter().any(|(_, value)| *value == team), "{tags:?}");
    }
}

/// Status, method, target, and what is sent of `Host` and the token. `ADDRESS`, `PORT` and `TOKEN` stand for those of the
/// server.
const ASKED: &str = "
200 | GET | /v1/credentials | host: ADDRESS; authorization: TOKEN
200 | GET | /v1/credentials | Host: 127.0.0.1; Authorization: TOKEN
200 | GET | /v1/credentials?x | Host: ADDRESS; Authorization: TOKEN
200 | GET | /v1/credentials | Host: localhost:PORT; Authorization: TOKEN
200 | GET | /v1/credentials | Host: localhost; Authorization: TOKEN
200 | GET | http://ADDRESS/v1/credentials | Host: ADDRESS; Authorization: TOKEN
200 | GET | http://localhost:PORT/v1/credentials | Host: ADDRESS; Authorization: TOKEN
401 | GET | /v1/credentials | Host: localhost:PORT
401 | GET | http://ADDRESS/v1/credentials | Host: ADDRESS
401 | GET | /v1/credentials | Host: ADDRESS
401 | GET | /v1/credentials | Host: ADDRESS; Authorization:
401 | GET | /v1/credentials | Host: ADDRESS; Authorization: x
401 | GET | /v1/credentials | Host: ADDRESS; Authorization: TOKENx
401 | GET | /v1/credentials | Host: ADDRESS; Authorization: xTOKEN
401 | GET | /v1/credentials | Host: ADDRESS; Authorization: Bearer TOKEN
401 | GET | /v1/credentials | Host: ADDRESS; Authorization: TOKEN; Authorization: TOKEN
401 | GET | /v1/credentials | Host: ADDRESS; Authorization: x; Authorization: TOKEN
401 | GET | /v1/credentials | Host: ADDRESS; X-Authorization: TOKEN
401 | GET | /nowhere | Host: ADDRESS
403 | GET | /v1/credentials | Authorization: TOKEN
403 | GET | /v1/credentials | Host: ; Authorization: TOKEN
403 | GET | /v1/credentials | Host: evil.example:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: localhost:1; Authorization: TOKEN
403 | GET | /v1/credentials | Host: localhost.:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: localhost.evil.example:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: 127.0.0.1:1; Authorization: TOKEN
403 | GET | /v1/credentials | Host: 127.0.0.1:; Authorization: TOKEN
403 | GET | /v1/credentials | Host: 127.0.0.1.:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: 127.0.0.2:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: 127.1:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: 2130706433:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: [::1]:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: [::ffff:127.0.0.1]:PORT; Authorization: TOKEN
403 | GET | /v1/credentials | Host: x@ADDRESS; Authorization: TOKEN
403 | GET | /v1/credentials | Host: ADDRESS.evil.example; Authorization: TOKEN
403 | GET | /v1/credentials | Host: ADDRESS; Host: ADDRESS; Authorization: TOKEN
403 | GET | https://ADDRESS/v1/credentials | Host: ADDRESS; Authorization: TOKEN
403 | GET | http://x@ADDRESS/v1/credentials | Host: ADDRESS; Authorization: TOKEN
403 | GET | http://ADDRESS/v1/credentials | Host: ADDRESS; Host: ADDRESS; Authorization: TOKEN
403 | GET | http://evil.example/v1/credentials | Host: ADDRESS; Authorization: TOKEN
403 | CONNECT | ADDRESS | Host: ADDRESS; Authorization: TOKEN
404 | GET | / | Host: ADDRESS; Authorization: TOKEN
404 | GET | /v1 | Host: ADDRESS; Authorization: TOKEN
404 | GET | /v1/credentials/ | Host: ADDRESS; Authorization: TOKEN
404 | GET | /v1/credentials/nobody | Host: ADDRESS; Authorization: TOKEN
404 | GET | /v1/credentialsx | Host: ADDRESS; Authorization: TOKEN
404 | GET | /V1/credentials | Host: ADDRESS; Authorization: TOKEN
404 | GET | //v1/credentials | Host: ADDRESS; Authorization: TOKEN
404 | GET | /v1/%63redentials | Host: ADDRESS; Authorization: TOKEN
404 | GET | /v1/../v1/credentials | Host: ADDRESS; Authorization: TOKEN
405 | HEAD | /v1/credentials | Host: ADDRESS; Authorization: TOKEN
405 | OPTIONS | * | Host: ADDRESS; Authorization: TOKEN
405 | POST | /v1/credentials | Host: ADDRESS; Authorization: TOKEN
405 | PUT | /v1/credentials | Host: ADDRESS; Authorization: TOKEN
405 | TRACE | /v1/credentials | Host: ADDRESS; Authorization: TOKEN
405 | get | /v1/credentials | Host: ADDRESS; Authorization: TOKEN
";

#[test]
fn nobody_is_answered_without_the_token_and_the_address() {
    let agent = generous_agent();
    let mut serving = Serving::start(Epicac::asking(&agent), &[]);
    let (address, token) = (serving.address(), serving.token());
    let (host, port) = (address.to_string(), address.port().to_string());
    let started = Instant::now();
    let is_secret = |text: &str| text.contains(&token) || text.contains("AccessKeyId");
    // Those that succeed come last.
    for row in ASKED.trim().lines().rev() {
        let cells: Vec<&str> = row.split(" | ").collect();
        let [status, method, target, fields] = cells[..] else {
            panic!("{row}");
        };
        let text = format!("{method} {target} HTTP/1.1\n{fields}\n\n");
        let text = text.replace("; ", "\n").replace('\n', "\r\n");
        let text = text.replace("ADDRESS", &host).replace("PORT", &port);
        let reply = serving.send(&text.replace("TOKEN", &token));
        assert_eq!(reply.status.to_string(), status, "{row}: {reply:?}");
        if status == "200" {
            reply.credentials();
            continue;
        }
        assert!(reply.head.contains("text/plain"), "{row}: {reply:?}");
        assert!(!is_secret(&reply.head) && !is_secret(&reply.body));
        assert_eq!(agent.connections(), 0, "{row}: nobody is asked for it");
    }
    // A line for each kind, and at most one a second.
    let most = 1 + usize::try_from(started.elapsed().as_secs()).unwrap();
    let stderr = serving.end();
    assert!(!is_secret(&stderr), "{stderr}");
    let kinds = [
        "it does not show the token",
        "it names another host",
        "there is nothing at this path",
        "only GET is answered",
    ];
    for kind in kinds {
        let line = format!("epicac: request refused: {kind} (");
        let lines = stderr.matches(&line).count();
        assert!((1..=most).contains(&lines), "{kind}: {stderr}");
    }
    assert!(stderr.lines().count() <= kinds.len() * most, "{stderr}");
}

/// As the runtime of the CRT writes it, and each spelling of an IPv6 address.
#[test]
fn an_ipv6_address_is_served_by_any_spelling() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return epicac_tests::require::skipped("there is no IPv6 here");
    }
    let agent = generous_agent();
    let options = ["--listen=[::1%1]:0"];
    let serving = Serving::start(Epicac::asking(&agent), &options);
    let (token, port) = (serving.token(), serving.address().port());
    for (host, status) in [
        ("::1".to_owned(), 200),
        (format!("[::1]:{port}"), 200),
        ("[::1]".to_owned(), 200),
        (format!("localhost:{port}"), 200),
        ("[::1]:1".to_owned(), 403),
        ("127.0.0.1".to_owned(), 403),
    ] {
        let head = format!("Host: {host}\r\nAuthorization: {token}");
        let reply = serving.send(&format!("GET {PATH} HTTP/1.1\r\n{head}\r\n\r\n"));
        assert_eq!(reply.status, status, "{host}: {reply:?}");
    }
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

    let serving = Serving::start(Epicac::asking(&agent), &["--token-group"]);
    let metadata = fs::metadata(serving.token_file()).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
    let folder = fs::metadata(serving.folder()).unwrap();
    assert_eq!(metadata.gid(), folder.gid());
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
    let slow = Answer::json(&credentials::expiring_in(3600)).delayed(Duration::from_secs(3));
    agent.always(slow);
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let first = serving.get(PATH).credentials();
    thread::sleep(STANDS);
    thread::scope(|scope| {
        let refreshing = scope.spawn(|| {
            let started = Instant::now();
            (serving.get(PATH).credentials(), started.elapsed())
        });
        while agent.requests().len() < 2 {
            thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(serving.get(PATH).credentials(), first);
        // Who began it does not wait longer than an SDK does.
        let (refreshing, waited) = refreshing.join().unwrap();
        assert_eq!(refreshing, first);
        assert!(waited < Duration::from_secs(2), "{waited:?}");
    });
    while serving.get(PATH).credentials() == first {
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(agent.requests().len(), 2);
}

#[test]
fn who_begins_a_refresh_gets_what_it_brings() {
    let agent = Agent::start().unwrap();
    agent.script([Answer::json(&credentials::expiring_in(200))]);
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let first = serving.get(PATH).credentials();
    thread::sleep(STANDS);
    assert_ne!(serving.get(PATH).credentials(), first);
}

#[test]
fn a_refresh_goes_on_when_its_caller_gives_up() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)).delayed(Duration::from_secs(1)));
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let ask = serving.request(PATH);
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
    thread::sleep(STANDS);
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
fn while_the_agent_is_away_there_is_a_bad_gateway() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::close());
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let reply = serving.get(PATH);
    assert_eq!(reply.status, 502, "{reply:?}");
    let why = "no response from the container credentials endpoint";
    assert!(reply.body.contains(why), "{reply:?}");
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    thread::sleep(STANDS);
    serving.get(PATH).credentials();
}

#[test]
fn what_is_valid_is_served_while_refreshes_fail_and_no_longer() {
    let agent = Agent::start().unwrap();
    let life = Duration::from_secs(10);
    agent.script([Answer::json(&credentials::expiring_in(10))]);
    agent.always(Answer::text(403, "Access Denied. By a test\n"));
    let mut serving = Serving::start(Epicac::asking(&agent), &[]);
    let first = serving.get(PATH).credentials();
    thread::sleep(STANDS);
    assert_eq!(serving.get(PATH).credentials(), first);
    assert_eq!(agent.requests().len(), 2);
    thread::sleep(life);
    assert_eq!(serving.get(PATH).status, 403);
    // The failure is told also while the old ones are served.
    let stderr = serving.end();
    assert_eq!(stderr.matches("By a test").count(), 2, "{stderr}");
}

#[test]
fn in_their_last_minute_credentials_make_way_for_new_ones() {
    // The last minute of the others begins while a caller waits.
    for seconds in [50, 61] {
        let agent = Agent::start().unwrap();
        agent.script([Answer::json(&credentials::expiring_in(seconds))]);
        let slow = Answer::json(&credentials::expiring_in(3600)).delayed(4 * STANDS);
        agent.always(slow);
        let serving = Serving::start(Epicac::asking(&agent), &[]);
        let first = serving.get(PATH).credentials();
        thread::sleep(STANDS);
        assert_ne!(serving.get(PATH).credentials(), first, "{seconds}");
        assert_eq!(agent.requests().len(), 2, "{seconds}");
    }
}

/// Its request is there, so it gets the answer.
#[test]
fn a_caller_that_sends_no_more_is_answered() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(3600)).delayed(2 * STANDS));
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let ask = serving.request(PATH);
    let mut caller = std::net::TcpStream::connect(serving.address()).unwrap();
    std::io::Write::write_all(&mut caller, ask.as_bytes()).unwrap();
    caller.shutdown(std::net::Shutdown::Write).unwrap();
    let answer = std::io::read_to_string(caller).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
}

#[test]
fn neither_callers_nor_stderr_are_shown_a_secret() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::text(403, "Access Denied to the-agents-token\n"));
    let mut serving = Serving::start(Epicac::asking(&agent).token("the-agents-token"), &[]);
    let token = serving.token();
    let reply = serving.get(PATH);
    assert_eq!(reply.status, 403, "{reply:?}");
    let stderr = serving.end();
    assert!(stderr.contains("Access Denied"), "{stderr}");
    for text in [reply.head, reply.body, stderr] {
        assert!(!text.contains("the-agents-token") && !text.contains(&token));
    }
}
