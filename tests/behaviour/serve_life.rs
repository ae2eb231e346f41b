//! `epicac serve` (docs/serve.md): when it is ready, how it ends, what it uses over time, and its wall.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::{Duration, Instant};

use epicac_tests::{Agent, Answer, Epicac, Namespace, Outcome, Serving, Sts, credentials};
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, kill_process};

use crate::cases::generous_agent;
use crate::roles::{READER, assuming};
use crate::serve::STANDS;

const PATH: &str = "/v1/credentials";

pub fn signal(serving: &Serving, signal: Signal) {
    let id = i32::try_from(serving.id()).unwrap();
    kill_process(Pid::from_raw(id).unwrap(), signal).unwrap();
}

fn probe(serving: &Serving) -> Outcome {
    let epicac = Epicac::new().arg("serve").arg("--probe");
    let epicac = epicac.arg("--listen").arg(serving.address().to_string());
    epicac.arg("--token-file").arg(serving.token_file()).run()
}

#[test]
fn a_signal_ends_it_after_the_requests_under_way() {
    // Whoever starts it may have blocked them.
    let blocked = ["env", "--block-signal=TERM,INT,HUP"];
    let signals = [Signal::TERM, Signal::INT, Signal::HUP];
    for (asked, is_blocked) in signals.into_iter().flat_map(|it| [(it, false), (it, true)]) {
        let agent = Agent::start().unwrap();
        agent.always(Answer::json(&credentials::expiring_in(3600)).delayed(Duration::from_secs(1)));
        let prefix = if is_blocked { &blocked[..] } else { &[] };
        let mut serving = Serving::start(Epicac::asking(&agent).under(prefix), &[]);
        let address = serving.address();
        // One that has not asked yet is not waited for.
        let idle = std::net::TcpStream::connect(address).unwrap();
        thread::scope(|scope| {
            let under_way = scope.spawn(|| serving.get(PATH).status);
            while agent.requests().is_empty() {
                thread::sleep(Duration::from_millis(10));
            }
            signal(&serving, asked);
            assert_eq!(under_way.join().unwrap(), 200);
        });
        let started = Instant::now();
        assert!(serving.status().success());
        assert!(started.elapsed() < Duration::from_secs(20));
        assert!(std::net::TcpStream::connect(address).is_err());
        assert_eq!(serving.end(), "");
        drop(idle);
    }
}

/// A line that nobody reads is lost; the callers are answered, and the signal ends it.
#[test]
fn a_full_pipe_for_stderr_stops_nothing() {
    let agent = Agent::start().unwrap();
    agent.always(Answer::text(403, "Access Denied. By a test\n"));
    let (mut reader, stderr) = std::io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", stderr.as_raw_fd());
    let flags = OFlags::WRONLY | OFlags::NONBLOCK;
    let mut other = fs::File::from(rustix::fs::open(path, flags, Mode::empty()).unwrap());
    let mut fill = || {
        let mut written = 0;
        while let Ok(more) = other.write(&[b'x'; 4_096]) {
            written += more;
        }
        written
    };
    let filled = fill();
    let epicac = Epicac::asking(&agent).stderr(stderr);
    let mut serving = Serving::start(epicac, &[]);
    assert_eq!(serving.get(PATH).status, 403);
    // A reader that comes later gets the lines from then on.
    reader.read_exact(&mut vec![0; filled]).unwrap();
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(serving.get(PATH).status, 403);
    let mut line = [0; 4_096];
    let read = reader.read(&mut line).unwrap();
    let line = str::from_utf8(&line[..read]).unwrap();
    assert!(line.starts_with("epicac: ") && line.ends_with(")\n"));

    fill();
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(serving.get(PATH).status, 403);
    signal(&serving, Signal::TERM);
    assert!(serving.status().success());
}

#[test]
fn a_probe_succeeds_when_there_are_credentials() {
    let agent = Agent::start().unwrap();
    agent.script([Answer::text(403, "Access Denied. By a test\n")]);
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let mut serving = Serving::start(Epicac::asking(&agent), &[]);
    probe(&serving).fails_with(&["not ready", "status 403"]);
    thread::sleep(STANDS);
    assert_eq!(probe(&serving).answers(0), "");
    fs::write(serving.token_file(), "another").unwrap();
    probe(&serving).fails_with(&["not ready", "status 401"]);
    serving.end();
    probe(&serving).fails_with(&["not ready", "no server answers"]);
    fs::remove_file(serving.token_file()).unwrap();
    probe(&serving).fails_with(&["not ready", "token"]);
}

#[test]
fn with_wait_nobody_is_answered_before_there_are_credentials() {
    let agent = Agent::start().unwrap();
    agent.script([Answer::text(403, "Access Denied. By a test\n")]);
    agent.always(Answer::json(&credentials::expiring_in(3600)));
    let mut serving = Serving::start(Epicac::asking(&agent), &["--wait"]);
    assert_eq!(agent.requests().len(), 2);
    serving.get(PATH).credentials();
    assert_eq!(agent.requests().len(), 2);
    let stderr = serving.end();
    assert!(
        stderr.starts_with("epicac: ") && stderr.contains("By a test"),
        "{stderr}"
    );
    assert_eq!(stderr.lines().count(), 1);

    agent.always(Answer::text(403, "Access Denied\n"));
    let mut serving = Serving::begin(Epicac::asking(&agent), &["--wait"]);
    while agent.requests().len() < 3 {
        thread::sleep(Duration::from_millis(10));
    }
    signal(&serving, Signal::TERM);
    assert!(serving.status().success());
    assert_eq!(serving.line(), "");
}

#[test]
fn what_it_cannot_begin_with_ends_it() {
    let agent = generous_agent();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap();
    let _taken = TcpListener::bind(taken);
    let folder = tempfile::tempdir().unwrap();
    let serve = || Epicac::asking(&agent).arg("serve").arg("--token-file");
    let token = folder.path().join("token");
    let listen = format!("--listen={taken}");
    serve()
        .arg(&token)
        .arg(listen)
        .run()
        .fails_with(&["cannot listen"]);
    assert!(!token.exists());
    let nowhere = folder.path().join("nowhere/token");
    let outcome = serve().arg(nowhere).arg("--listen=127.0.0.1:0").run();
    outcome.fails_with(&["no token for callers", "nowhere"]);
    let outcome = serve().arg(&token).arg("--role-arn").arg(READER).run();
    outcome.fails_with(&["region"]);
    for wrong in [
        "--profile=x",
        "--profile==x",
        "--profile=a/b=x",
        "--profile=..=x",
        "--external-id=x",
    ] {
        serve().arg(&token).arg(wrong).run().is_wrong_usage();
    }
    assert_eq!(agent.connections(), 0);
}

/// It would ask nobody, or itself.
#[test]
fn without_an_agent_it_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let serve = |epicac: Epicac, listen: &str| {
        let epicac = epicac.arg("serve").arg("--listen").arg(listen);
        epicac.arg(Serving::token_option(folder.path())).run()
    };
    let none = serve(Epicac::new(), "127.0.0.1:0");
    none.fails_with(&["AWS_CONTAINER_CREDENTIALS_FULL_URI"]);
    let invalid = Epicac::new().full_uri("http://agent.example/");
    serve(invalid, "127.0.0.1:0").fails_with(&["agent.example"]);
    let https = Epicac::new().full_uri("https://agent.example/");
    serve(https, "127.0.0.1:0").fails_with(&["https"]);
    for (host, listen) in [
        ("127.0.0.1", "127.0.0.1:8471"),
        ("localhost", "127.0.0.1:8471"),
        ("[::1]", "[::1]:8471"),
        ("localhost", "[::1]:8471"),
    ] {
        let own = Epicac::new().full_uri(format!("http://{host}:8471/v1/credentials"));
        serve(own, listen).fails_with(&["cannot serve", listen]);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// By whatever path: it would be overwritten, and the agent would be sent the token of callers.
#[test]
fn the_agents_token_is_not_that_of_callers() {
    let agent = generous_agent();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("volume")).unwrap();
    fs::write(at("volume/token"), "the-agents-token").unwrap();
    fs::hard_link(at("volume/token"), at("hard")).unwrap();
    std::os::unix::fs::symlink("volume/token", at("link")).unwrap();
    std::os::unix::fs::symlink("volume", at("other")).unwrap();
    for (agents, own) in [
        ("volume/token", "volume/token"),
        ("volume/token", "volume/../volume/./token"),
        ("volume/token", "hard"),
        ("volume/token", "link"),
        ("volume/token", "other/token"),
        ("link", "volume/token"),
        // Neither is there yet.
        ("volume/new", "other/new"),
    ] {
        for option in ["--listen=127.0.0.1:0", "--existing-token"] {
            let epicac = Epicac::asking(&agent).token_file(at(agents));
            let epicac = epicac.arg("serve").arg("--token-file").arg(at(own));
            let outcome = epicac.arg(option).run();
            outcome.fails_with(&["no token for callers", "the agent's token"]);
        }
    }
    assert_eq!(fs::read(at("volume/token")).unwrap(), b"the-agents-token");
    assert!(at("link").is_symlink());
    assert_eq!(agent.connections(), 0);
}

/// For clients that know the token only as a variable: a Secret holds it, for them and for the server.
#[test]
fn a_token_that_exists_is_taken_under_the_rules_of_a_new_one() {
    let agent = generous_agent();
    let token = "0123456789abcdef0123456789abcdef";
    let serve = |content: &str, mode| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let epicac = Epicac::asking(&agent).secret(content.trim());
        (folder, epicac)
    };
    for (content, mode, options) in [
        (token.to_owned(), 0o600, &[][..]),
        (format!("{token}\n"), 0o400, &[]),
        (token.to_owned(), 0o440, &["--token-group"]),
        (token.to_owned(), 0o640, &["--token-group"]),
    ] {
        let (folder, epicac) = serve(&content, mode);
        let options = [&["--existing-token"], options].concat();
        let mut serving = Serving::begin_in(folder, epicac, &options).ready();
        let request = serving.request(PATH).replace(&content, token);
        serving.send(&request).credentials();
        let wrong = serving.send(&request.replace(token, &token[1..]));
        assert_eq!(wrong.status, 401);
        assert_eq!(fs::read_to_string(serving.token_file()).unwrap(), content);
        assert!(!serving.end().contains(token));
    }
    for (content, mode, options, why) in [
        (&token[1..], 0o600, &[][..], "too few characters"),
        (&token.repeat(200), 0o600, &[], "too many characters"),
        (&format!("{token} "), 0o600, &[], "a space"),
        (&format!(" {token}"), 0o600, &[], "a space"),
        ("", 0o600, &[], "holds no token"),
        (
            "0123456789abcdef\n0123456789abcdef\n",
            0o600,
            &[],
            "character",
        ),
        (token, 0o640, &[], "0640"),
        (token, 0o604, &["--token-group"], "0604"),
        (token, 0o660, &["--token-group"], "0660"),
    ] {
        let (folder, epicac) = serve(content, mode);
        let epicac = epicac.arg("serve").arg("--existing-token");
        let epicac = epicac.arg(Serving::token_option(folder.path()));
        let outcome = options.iter().fold(epicac, Epicac::arg).run();
        outcome.fails_with(&["no token for callers", why, "32 characters"]);
    }
    let folder = tempfile::tempdir().unwrap();
    let epicac = Epicac::asking(&agent).arg("serve").arg("--existing-token");
    let outcome = epicac.arg(Serving::token_option(folder.path())).run();
    outcome.fails_with(&["no token for callers", "no such file"]);
}

/// At the start of a pod, DNS may not answer yet.
#[test]
fn the_names_are_waited_for() {
    let hosts = tempfile::NamedTempFile::new().unwrap();
    let mount = format!("mount --bind '{}' /etc/hosts", hosts.path().display());
    let Some(namespace) = Namespace::with(&["--mount"], &mount) else {
        return;
    };
    let epicac = Epicac::new().full_uri("http://169.254.170.23/v1/credentials");
    let epicac = epicac.under(namespace.prefix());
    let mut serving = Serving::begin(epicac, &["--role-arn", READER, "--region=eu-central-1"]);
    for _ in 0..3 {
        let line = serving.error_line();
        assert!(line.contains("sts.eu-central-1.amazonaws.com"), "{line}");
    }
    fs::write(hosts.path(), "127.0.0.1 sts.eu-central-1.amazonaws.com\n").unwrap();
    let mut serving = serving.ready();
    signal(&serving, Signal::TERM);
    assert!(serving.status().success());
}

/// An address of STS may have died between the start and the first credentials.
#[test]
fn it_ends_when_sts_was_never_in_reach_so_that_its_name_is_resolved_anew() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    sts.agent().always(Answer::close());
    let epicac = assuming(&agent, &sts, &[]);
    let mut serving = Serving::start(epicac, &["--role-arn", READER]);
    let started = Instant::now();
    while serving.get(PATH).status == 502 {
        thread::sleep(STANDS);
    }
    // It has waited for STS, as long as a pod may need for its network.
    assert!(started.elapsed() > Duration::from_secs(30));
    assert_eq!(serving.status().code(), Some(1));
    assert!(serving.end().ends_with("resolved anew)\n"));
}

/// While one profile is still good for its callers, a new start would take its credentials away.
#[test]
fn it_does_not_end_as_long_as_a_profile_has_valid_credentials() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    sts.agent().script([
        Answer::body(200, "text/xml", session(1, 4)),
        Answer::body(200, "text/xml", session(2, 3600)),
    ]);
    sts.agent().always(Answer::close());
    let [short, long] = ["short", "long"].map(|name| format!("--profile={name}={READER}"));
    let mut serving = Serving::start(assuming(&agent, &sts, &[]), &[&short, &long]);
    let paths = ["short", "long"].map(|name| format!("{PATH}/{name}"));
    let [short, long] = &paths;
    for path in &paths {
        serving.get(path).credentials();
    }
    thread::sleep(Duration::from_secs(5));
    for _ in 0..2 {
        assert_eq!(serving.get(short).status, 502);
        serving.get(long).credentials();
        thread::sleep(STANDS);
    }
    signal(&serving, Signal::TERM);
    assert!(serving.status().success());
    assert!(!serving.end().contains("cannot go on"));
}

/// Behind the wall no name is resolved: started anew, it finds the addresses that STS has by then.
#[test]
fn it_ends_when_sts_is_out_of_reach_and_nothing_valid_is_left() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    sts.agent()
        .script([Answer::body(200, "text/xml", session(1, 2))]);
    let epicac = assuming(&agent, &sts, &[]);
    let mut serving = Serving::start(epicac, &["--role-arn", READER]);
    serving.get(PATH).credentials();
    thread::sleep(Duration::from_secs(3));
    sts.agent().always(Answer::close());
    assert_eq!(serving.get(PATH).status, 502);
    assert_eq!(serving.status().code(), Some(1));
    let stderr = serving.end();
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{stderr}");
    assert!(lines[1].contains("cannot go on"), "{stderr}");
}

/// The resident memory of its process, in KiB.
fn memory(serving: &Serving) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", serving.id())).unwrap();
    let (_, rest) = status.split_once("VmRSS:").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

/// As many refreshes as in ten days of sessions of an hour, and requests between them.
#[test]
fn memory_is_flat_over_refreshes_and_requests() {
    const PROFILES: usize = 24;
    const ROUNDS: usize = 12;
    let agent = Agent::start().unwrap();
    agent.always(Answer::json(&credentials::expiring_in(200)));
    let sts = Sts::start().unwrap();
    sts.agent().handle(|request| {
        let body = session(request.number, 200);
        Some(Answer::body(200, "text/xml", body))
    });
    let options: Vec<String> = (0..PROFILES)
        .map(|profile| format!("--profile=p{profile}={READER}"))
        .collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let serving = Serving::start(assuming(&agent, &sts, &[]), &options);
    let mut settled = 0;
    for round in 0..ROUNDS {
        for profile in 0..PROFILES {
            for _ in 0..5 {
                serving.get(&format!("{PATH}/p{profile}")).credentials();
            }
        }
        thread::sleep(STANDS);
        if round == ROUNDS / 4 {
            settled = memory(&serving);
        }
    }
    let refreshes = sts.forms().len();
    // One more where this test was held up between two requests.
    let expected = PROFILES * ROUNDS..=PROFILES * (ROUNDS + 1);
    assert!(expected.contains(&refreshes), "{refreshes} refreshes");
    let last = memory(&serving);
    assert!(last < settled + 512, "from {settled} to {last} KiB");
}

/// A session of 303 seconds is to be refreshed after 2 or 3.
#[test]
fn a_session_is_used_by_all_until_it_is_to_be_refreshed() {
    const RUN: Duration = Duration::from_secs(12);
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    sts.agent().handle(|request| {
        let body = session(request.number, 303);
        Some(Answer::body(200, "text/xml", body))
    });
    let serving = Serving::start(assuming(&agent, &sts, &[]), &["--role-arn", READER]);
    let started = Instant::now();
    let (mut settled, mut asked) = (0, 0);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mut asked = 0;
                    while started.elapsed() < RUN {
                        serving.get(PATH).credentials();
                        asked += 1;
                    }
                    asked
                })
            })
            .collect();
        thread::sleep(RUN / 4);
        settled = memory(&serving);
        asked = callers.into_iter().map(|it| it.join().unwrap()).sum();
    });
    let last = memory(&serving);
    assert!(last < settled + 512, "from {settled} to {last} KiB");
    let sessions = sts.forms().len();
    assert!((4..=7).contains(&sessions), "{sessions} for {asked}");
    assert!(asked > 100, "{asked}");
}

/// A session that ends in so many seconds.
fn session(number: usize, seconds: i64) -> String {
    let moment = credentials::moment(seconds);
    let (second, _) = moment.split_once('.').unwrap();
    format!(
        "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser>\
         <Arn>arn:aws:sts::111111111111:assumed-role/reader/x</Arn></AssumedRoleUser>\
         <Credentials><AccessKeyId>ASIAROLE{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>t</SessionToken><Expiration>{second}Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    )
}

/// `Seccomp: 2` is a filter, and `NoNewPrivs: 1` what it takes.
#[test]
fn it_serves_behind_the_wall() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    serving.get(PATH).credentials();
    let status = fs::read_to_string(format!("/proc/{}/status", serving.id())).unwrap();
    for line in ["Seccomp:\t2", "NoNewPrivs:\t1"] {
        assert!(status.contains(line), "{status}");
    }
}
