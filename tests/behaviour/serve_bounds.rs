//! `epicac serve` (docs/serve.md): what a caller can take of it is bounded, whatever the caller does.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use epicac_tests::{Epicac, Namespace, Serving, require};
use rustix::process::Signal;

use crate::cases::{each, generous_agent};
use crate::serve_life::signal;

const PATH: &str = "/v1/credentials";

/// Longer than a head may take, shorter than a connection may last.
const CLOSED_WITHIN: Duration = Duration::from_secs(15);

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, CLOSED_WITHIN).unwrap();
    stream.set_read_timeout(Some(CLOSED_WITHIN)).unwrap();
    stream
}

/// Reads to the end of the connection, however it ends.
#[track_caller]
fn ends(mut stream: TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    if let Err(error) = stream.read_to_end(&mut read) {
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    }
    read
}

#[test]
fn only_this_machine_can_be_listened_for() {
    each(
        &[
            "0.0.0.0:8470",
            "[::]:8470",
            "192.0.2.1:8470",
            "localhost:8470",
        ],
        |address| {
            let epicac = Epicac::new()
                .arg("serve")
                .arg("--token-file=/nowhere/token");
            epicac.arg("--listen").arg(address).run().is_wrong_usage();
        },
    );
}

#[test]
fn a_head_that_never_ends_is_not_waited_for() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let address = serving.address();
    each(
        &["", "G", "GET /v1/credentials HTTP/1.1\r\nHost: "],
        |begin| {
            let started = Instant::now();
            let mut stream = connect(address);
            stream.write_all(begin.as_bytes()).unwrap();
            ends(stream);
            assert!(started.elapsed() < CLOSED_WITHIN);
        },
    );
    // One byte after the other does not gain time.
    let started = Instant::now();
    let mut stream = connect(address);
    while started.elapsed() < CLOSED_WITHIN && stream.write_all(b"x").is_ok() {
        thread::sleep(Duration::from_millis(200));
    }
    assert!(started.elapsed() < CLOSED_WITHIN);
    serving.get(PATH).credentials();
}

#[test]
fn what_is_no_request_or_too_large_is_refused() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let known = format!(
        "Host: {}\r\nAuthorization: {}",
        serving.address(),
        serving.token()
    );
    let get = format!("GET {PATH} HTTP/1.1\r\n{known}");
    let many: String = (0..100).map(|field| format!("X-{field}: x\r\n")).collect();
    for (text, status, why) in [
        (
            format!("{get}\r\nX-Large: {}\r\n\r\n", "x".repeat(9_000)),
            431,
            "8,192 bytes",
        ),
        (
            get.replace(PATH, &format!("{PATH}?{}", "a".repeat(1_000))) + "\r\n\r\n",
            431,
            "1,024 of them in its first line",
        ),
        (format!("{get}\r\n{many}\r\n"), 431, "32 fields"),
        ("GET\r\n\r\n".to_owned(), 400, "not a request"),
        (
            format!("{get}\r\nContent-Length: x\r\n\r\n"),
            400,
            "not a request",
        ),
        (get[..40].to_owned(), 408, "did not arrive in time"),
    ] {
        let reply = serving.send(&text);
        assert_eq!(reply.status, status, "{reply:?}");
        assert!(
            reply.head.contains("text/plain") && reply.body.contains(why),
            "{reply:?}"
        );
    }
    for text in [
        "\r\n\r\n\0\0\0\0",
        "\x16\x03\x01\x02\0\x01",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET\r\n\r\n",
        "GET /v1/credentials HTTP/9.9\r\n\r\n",
        &format!("GET /{} HTTP/1.1\r\n{known}\r\n\r\n", "x".repeat(1 << 20)),
        &format!("{get}\r\nX-Large: {}\r\n\r\n", "x".repeat(1 << 20)),
        &format!("{get}\r\n{many}\r\n"),
    ] {
        let reply = serving.send(text);
        let begin: String = text.chars().take(60).collect();
        assert!(reply.status != 200, "{begin:?}: {reply:?}");
        assert!(!reply.body.contains("AccessKeyId"), "{begin:?}");
    }
    assert_eq!(agent.connections(), 0);
    serving.get(PATH).credentials();
}

/// A body is never read, however its end is told.
#[test]
fn a_request_is_answered_without_its_body() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let (address, token) = (serving.address(), serving.token());
    let get = format!("GET {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n");
    for (fields, answers) in [
        ("Content-Length: 10\r\n", 1),
        ("Content-Length: 10\r\nExpect: 100-continue\r\n", 1),
        ("Transfer-Encoding: chunked\r\n", 1),
        ("Transfer-Encoding: chunked\r\nContent-Length: 10\r\n", 1),
        ("Transfer-Encoding: chunked, x\r\n", 0),
        ("Transfer-Encoding : chunked\r\n", 0),
        ("Content-Length: 1\r\nContent-Length: 2\r\n", 0),
        ("Content-Length: -1\r\n", 0),
    ] {
        // Behind it stands what another server might take for a request.
        let text = format!("{get}{fields}\r\n0\r\n\r\n{get}\r\n");
        let started = Instant::now();
        let mut stream = connect(address);
        stream.write_all(text.as_bytes()).unwrap();
        let answered = String::from_utf8(ends(stream)).unwrap();
        let given = answered.matches("AccessKeyId").count();
        assert_eq!(given, answers, "{fields:?}: {answered}");
        assert!(started.elapsed() < CLOSED_WITHIN);
    }
    assert_eq!(agent.requests().len(), 1);
}

#[test]
fn of_requests_in_a_row_the_first_is_answered() {
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let known = format!(
        "Host: {}\r\nAuthorization: {}",
        serving.address(),
        serving.token()
    );
    let get = format!("GET {PATH} HTTP/1.1\r\n{known}\r\n\r\n");
    let mut stream = connect(serving.address());
    stream.write_all(get.repeat(3).as_bytes()).unwrap();
    let answered = String::from_utf8(ends(stream)).unwrap();
    assert_eq!(answered.matches("HTTP/1.1 200").count(), 1, "{answered}");
    assert_eq!(agent.requests().len(), 1);
}

#[test]
fn a_caller_is_answered_where_descriptors_are_few() {
    let agent = generous_agent();
    let few = ["/bin/sh", "-c", "ulimit -n 48; exec \"$@\"", "sh"];
    let serving = Serving::start(Epicac::asking(&agent).under(few), &[]);
    let held: Vec<_> = (0..200).map(|_| connect(serving.address())).collect();
    let started = Instant::now();
    serving.get(PATH).credentials();
    let waited = started.elapsed();
    assert!(waited < CLOSED_WITHIN, "{waited:?}");
    drop(held);
}

/// Starts the server of the arguments, and tells what a peer of each address is answered.
const PEERS: &str = r#"
import socket, subprocess, sys
server = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
host, port = server.stdout.readline().split("/")[2].split(":")
for peer in "127.0.0.1", "127.0.0.2", "169.254.170.23":
    connection = socket.create_connection((host, int(port)), 10, (peer, 0))
    try:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        answer = connection.recv(12).decode()
    except ConnectionError:
        answer = ""
    print(peer, answer)
server.kill()
print(*[line.split("(")[0] for line in server.communicate()[1].splitlines()], sep="\n")
"#;

/// A process of the same machine can have the address of another interface.
#[test]
fn a_peer_without_a_loopback_address_is_not_talked_to() {
    let (Some(namespace), Some(python)) = (Namespace::link_local(), require("python3")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let epicac = Epicac::new().full_uri("http://169.254.170.23/v1/credentials");
    let epicac = epicac.under(namespace.prefix());
    let epicac = epicac.under([python.as_os_str(), "-c".as_ref(), PEERS.as_ref()]);
    let epicac = epicac.arg("serve").arg(Serving::ANY_PORT);
    let run = epicac.arg(Serving::token_option(folder.path())).run();
    let expected = "127.0.0.1 HTTP/1.1 403\n127.0.0.2 HTTP/1.1 403\n169.254.170.23 \n\
        epicac: request refused: it names another host \n\
        epicac: request refused: it does not come from the loopback interface \n";
    assert_eq!(run.answers(0), expected);
}

/// It counts the descriptors in use: either all of its connections fit, or it does not begin.
#[test]
fn with_too_few_descriptors_it_does_not_begin() {
    let agent = generous_agent();
    let mut served = 0;
    for limit in 8..=24 {
        let shell = format!("ulimit -n {limit}; exec \"$@\"");
        let few = ["/bin/sh", "-c", &shell, "sh"];
        let folder = tempfile::tempdir().unwrap();
        let mut serving = Serving::begin_in(folder, Epicac::asking(&agent).under(few), &[]);
        let uri = serving.line();
        if uri.is_empty() {
            assert_eq!(serving.status().code(), Some(1), "{limit}");
            let stderr = serving.end();
            assert_eq!(stderr.lines().count(), 1, "{limit}: {stderr}");
            assert!(stderr.starts_with("epicac: "), "{limit}: {stderr}");
            assert_eq!(served, 0, "with fewer it begins");
            continue;
        }
        let address = uri.split('/').nth(2).unwrap().parse().unwrap();
        let held: Vec<_> = (0..50).map(|_| connect(address)).collect();
        let token = serving.token();
        let mut caller = connect(address);
        let head = format!("Host: {address}\r\nAuthorization: {token}");
        write!(caller, "GET {PATH} HTTP/1.1\r\n{head}\r\n\r\n").unwrap();
        let answer = String::from_utf8(ends(caller)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{limit}: {answer}");
        served += 1;
        drop(held);
    }
    assert!(served > 0);
}

/// It reads what has arrived before it drops a connection for being late.
#[test]
fn who_asked_in_time_is_answered_however_long_there_was_no_processor() {
    const EACH: usize = 120;
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    serving.get(PATH).credentials();
    let request = serving.request(PATH);
    let (begin, rest) = request.split_at(30);
    // These are accepted and have begun before the server stops. They ask, and others come, while it is stopped.
    let mut begun: Vec<_> = (0..EACH).map(|_| connect(serving.address())).collect();
    for caller in &mut begun {
        caller.write_all(begin.as_bytes()).unwrap();
    }
    serving.get(PATH).credentials();
    signal(&serving, Signal::STOP);
    for caller in &mut begun {
        caller.write_all(rest.as_bytes()).unwrap();
    }
    let mut others: Vec<_> = (0..EACH).map(|_| connect(serving.address())).collect();
    for caller in &mut others {
        caller.write_all(request.as_bytes()).unwrap();
    }
    // Longer than a head may take.
    thread::sleep(Duration::from_secs(6));
    signal(&serving, Signal::CONT);
    for caller in begun.into_iter().chain(others) {
        let answer = String::from_utf8(ends(caller)).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer:?}");
    }
}

/// The unread bytes that the kernel holds for accepted connections to this port (proc(5), /proc/net/tcp).
fn unread(port: u16) -> u64 {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table
        .lines()
        .skip(1)
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    let local = format!("0100007F:{port:04X}");
    let accepted = rows.filter(|row| row[1] == local && row[3] == "01" && row[9] != "0");
    let bytes = accepted.map(|row| u64::from_str_radix(row[4].split(':').nth(1).unwrap(), 16));
    bytes.map(Result::unwrap).sum()
}

#[test]
fn what_is_not_read_takes_little_memory() {
    const MOST: u64 = 4 << 20;
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let mut held: Vec<_> = (0..256).map(|_| connect(serving.address())).collect();
    for caller in &mut held {
        caller.write_all(b"GET").unwrap();
        caller.set_nonblocking(true).unwrap();
    }
    let started = Instant::now();
    while unread(serving.address().port()) > 0 && started.elapsed() < CLOSED_WITHIN {
        thread::sleep(Duration::from_millis(10));
    }
    signal(&serving, Signal::STOP);
    let block = [b'x'; 64 << 10];
    for _ in 0..10 {
        for caller in &mut held {
            while caller.write(&block).is_ok() {}
        }
        thread::sleep(Duration::from_millis(50));
    }
    let bytes = unread(serving.address().port());
    signal(&serving, Signal::CONT);
    assert!(bytes > 0 && bytes < MOST, "{bytes} bytes");
}

/// Each attack keeps so many connections open, and opens another one for each that the server closes.
#[test]
fn who_has_the_token_is_served_while_others_attack() {
    const THREADS: usize = 6;
    const CALLS: usize = 10;
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let limit = usize::try_from(limit.current.unwrap_or(20_000)).unwrap();
    let held = (limit / 2).min(6_000) / THREADS;
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    serving.get(PATH).credentials();
    let address = serving.address();
    let wrong = format!("GET {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: x\r\n\r\n");
    let attacks = [
        "",
        "GET /v1/credentials HTTP/1.1\r\nHost: ",
        &wrong,
        &"x".repeat(64 << 10),
    ];
    each(&attacks, |attack| {
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut open = std::collections::VecDeque::new();
                    while !is_over.load(Ordering::Relaxed) {
                        if let Ok(mut stream) = TcpStream::connect_timeout(&address, CLOSED_WITHIN)
                        {
                            let _ = stream.set_nonblocking(true);
                            let _ = stream.write(attack.as_bytes());
                            open.push_back(stream);
                        }
                        if open.len() > held {
                            open.pop_front();
                        }
                    }
                });
            }
            for _ in 0..CALLS {
                serving.get(PATH).credentials();
            }
            is_over.store(true, Ordering::Relaxed);
        });
    });
    assert_eq!(agent.requests().len(), 1);
}

/// Ten thousand connections that say nothing, as many at a time as this process may have open.
#[test]
fn others_are_served_while_connections_are_opened_for_nothing() {
    const ALL: usize = 10_000;
    const THREADS: usize = 20;
    const HELD: usize = 25;
    let agent = generous_agent();
    let serving = Serving::start(Epicac::asking(&agent), &[]);
    let address = serving.address();
    serving.get(PATH).credentials();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let openers: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    let mut held = std::collections::VecDeque::new();
                    for _ in 0..ALL / THREADS {
                        if let Ok(stream) = TcpStream::connect_timeout(&address, CLOSED_WITHIN) {
                            held.push_back(stream);
                        }
                        if held.len() > HELD {
                            held.pop_front();
                        }
                    }
                })
            })
            .collect();
        let caller = scope.spawn(|| {
            let mut answers = 0;
            while !is_over.load(Ordering::Relaxed) {
                serving.get(PATH).credentials();
                answers += 1;
            }
            answers
        });
        for opener in openers {
            opener.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(caller.join().unwrap() > 0);
    });
    serving.get(PATH).credentials();
    assert_eq!(agent.requests().len(), 1);
}
