//! What a guest is given, and how it is held against what it must not do.

use crate::place::Place;
use epicac_tests::Answer;
use serde_json::Value;
use std::fs;
use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub const SECOND: Duration = Duration::from_secs(1);

/// The most memory that a process may ever have, in KiB.
const MEMORY: u64 = 64 << 10;

/// What the guest is told to reach, by a variable that is granted.
#[derive(Clone, Copy)]
pub enum Target {
    OtherHost,
    OtherPort,
    Outside,
    Token,
}

/// What the environment names as the endpoint.
#[derive(Clone, Copy)]
pub enum Endpoint {
    Agent,
    Https,
    None,
}

/// A guest and its surroundings.
#[derive(Clone)]
pub struct Case {
    /// What must be on the line: the limit or the rule. Of credentials that are let out, what they must hold.
    pub says: &'static str,
    /// Whether its credentials are let out.
    lets_out: bool,
    /// What stops the guest, for people, where the line cannot tell.
    pub because: Option<&'static str>,
    pub target: Target,
    pub endpoint: Endpoint,
    pub token_file: bool,
    /// Whether there is a role to assume.
    pub role: bool,
    deadline: Duration,
    answer: Option<Answer>,
    requests: usize,
    sts_answer: Option<Answer>,
    sts_requests: usize,
}

/// The deadline of a guest that something else stops. It is far above what a busy machine needs: what stops the guest may
/// not depend on how fast the machine is.
const NEVER: Duration = Duration::from_secs(300);

/// How long after its deadline a guest is killed. A busy machine may be that late.
const LATE: Duration = Duration::from_secs(60);

/// A case of a guest that ends before any deadline.
pub fn says(says: &'static str) -> Case {
    Case {
        says,
        lets_out: false,
        because: None,
        target: Target::Token,
        endpoint: Endpoint::Agent,
        token_file: true,
        role: false,
        deadline: NEVER,
        answer: None,
        requests: 0,
        sts_answer: None,
        sts_requests: 0,
    }
}

/// A case of a guest whose credentials are let out, and nothing else with them.
pub fn lets_out(what: &'static str) -> Case {
    Case {
        lets_out: true,
        ..says(what)
    }
}

impl Case {
    pub fn because(self, rule: &'static str) -> Self {
        Self {
            because: Some(rule),
            ..self
        }
    }

    pub fn reaching(self, target: Target) -> Self {
        Self { target, ..self }
    }

    pub fn endpoint(self, endpoint: Endpoint) -> Self {
        Self { endpoint, ..self }
    }

    pub fn without_token_file(self) -> Self {
        Self {
            token_file: false,
            ..self
        }
    }

    /// There is a role to assume.
    pub fn with_role(self) -> Self {
        Self { role: true, ..self }
    }

    /// STS answers so, to at most that many requests.
    pub fn assumed(self, requests: usize, answer: Answer) -> Self {
        Self {
            sts_answer: Some(answer),
            sts_requests: requests,
            ..self
        }
    }

    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The endpoint answers so, to at most that many requests.
    pub fn answered(self, requests: usize, answer: Answer) -> Self {
        Self {
            answer: Some(answer),
            requests,
            ..self
        }
    }

    /// Runs the guest and asserts that it is contained.
    pub fn holds(&self, guest: &str) {
        let place = Place::new();
        if let Some(answer) = &self.answer {
            place.agent.always(answer.clone());
        }
        if let Some(answer) = &self.sts_answer {
            place.sts.always(answer.clone());
        }
        let report = place.report();
        let mut command = Command::new(env!("CARGO_BIN_EXE_epicac-guest"));
        command
            .args([guest, &self.deadline.as_millis().to_string()])
            .arg(&report)
            .env_clear()
            .envs(place.variables(guest, self))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        // What it may print fits into the pipes; more would stop it, and so be found out.
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > self.deadline + LATE {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("it still ran {LATE:?} after its deadline");
            }
            sleep(Duration::from_millis(5));
        };
        let (stdout, stderr) = printed(&mut child);

        let (line, silent) = if self.lets_out {
            (&stdout, &stderr)
        } else {
            (&stderr, &stdout)
        };
        let expected = i32::from(!self.lets_out);
        assert_eq!(
            (status.code(), silent.as_str()),
            (Some(expected), ""),
            "stdout {stdout:?}, stderr {stderr:?}"
        );
        let line = line.strip_suffix('\n').unwrap_or_default();
        assert!(
            line.len() < 4_000 && !line.contains(['\r', '\n']),
            "expected one short line: {line:?}"
        );
        if self.lets_out {
            is_document(line);
        } else {
            assert!(line.chars().all(is_plain), "not plain: {line:?}");
            assert!(line.starts_with("epicac: "), "{line}");
        }
        assert!(line.contains(self.says), "expected {:?}: {line}", self.says);
        for secret in place.secrets() {
            assert!(!line.contains(secret), "a secret is told: {line}");
        }
        let memory: u64 = fs::read_to_string(&report).unwrap().parse().unwrap();
        assert!(memory < MEMORY, "it had {memory} KiB of memory");
        place.nobody_came(self.requests, self.sts_requests);
    }
}

fn printed(child: &mut Child) -> (String, String) {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut stdout)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_end(&mut stderr)
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(stdout), text(stderr))
}

/// Asserts that a line is the output of a credential process, and has no other members.
fn is_document(line: &str) {
    let Ok(Value::Object(members)) = serde_json::from_str(line) else {
        panic!("no JSON object: {line}");
    };
    assert_eq!(members["Version"], 1, "{line}");
    let mut names: Vec<_> = members.keys().map(String::as_str).collect();
    names.sort_unstable();
    let mut expected = vec![
        "AccessKeyId",
        "Expiration",
        "SecretAccessKey",
        "SessionToken",
        "Version",
    ];
    if members.contains_key("AccountId") {
        expected.insert(1, "AccountId");
    }
    assert_eq!(names, expected, "{line}");
}

/// Neither a control character nor one that turns or hides text.
fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A test for each guest, and the list of them.
macro_rules! contained {
    ($($guest:ident: $case:expr;)+) => {
        /// The guests of this file.
        pub fn cases() -> Vec<(&'static str, crate::case::Case)> {
            vec![$((stringify!($guest), $case)),+]
        }

        $(
            #[test]
            fn $guest() {
                $case.holds(stringify!($guest));
            }
        )+
    };
}

pub(crate) use contained;
