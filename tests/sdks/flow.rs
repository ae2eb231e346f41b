//! What is tried with each SDK.

use std::thread;
use std::time::Duration;

use epicac_tests::agent::Rules;
use epicac_tests::aws::{ACCOUNT, Aws, BUCKET};
use epicac_tests::{Agent, Answer, Application, Pod, matrix};
use serde_json::{Value, json};

use crate::sdk::{Sdk, Shown};

const TABLE: &str = "sdks";

/// How long the credentials are valid, those of the agent and those of the role that is assumed: long
/// enough to be used, and no test wants to wait longer.
pub const LIFETIME: Duration = Duration::from_secs(5);

/// What runs `epicac.wasm` as the `credential_process`.
#[derive(Clone, Copy)]
pub enum RunBy {
    Epicac,
    WasmtimeRun,
    /// Nothing: the command is there, and fails.
    Nothing,
}

impl RunBy {
    fn command(self, pod: &Pod) -> Option<String> {
        match self {
            Self::Epicac => pod.epicac(),
            Self::WasmtimeRun => pod.wasmtime_run(),
            Self::Nothing => Some("false".to_owned()),
        }
    }

    fn column(self, what: &str) -> String {
        match self {
            Self::Epicac => format!("{what} by epicac"),
            Self::WasmtimeRun => format!("{what} by wasmtime"),
            Self::Nothing => what.to_owned(),
        }
    }
}

pub fn calls_and_refreshes(name: &str, sdk: &Sdk, run_by: RunBy) {
    let pod = Pod::with(expiring());
    let Some((mut application, version)) = start(sdk, run_by, &pod, LIFETIME) else {
        return;
    };
    saw_the_other_account(&application.call());
    let asked = pod.agent.requests().len();
    assert!(asked > 0, "the credentials come from the agent");

    thread::sleep(LIFETIME + Duration::from_secs(1));
    saw_the_other_account(&application.call());
    let asked_again = pod.agent.requests().len() > asked;
    assert_eq!(asked_again, sdk.refreshes, "is it asked for again?");
    application.end();
    record(name, "version", &version);
    record(name, &run_by.column("calls"), "passed");
    let refreshes = if sdk.refreshes {
        "passed"
    } else {
        "cannot be: this SDK keeps the credentials of a source profile for good"
    };
    record(name, &run_by.column("refreshes"), refreshes);
}

/// An agent whose credentials soon expire.
pub fn expiring() -> Agent {
    let rules = Rules {
        expires_in: i64::try_from(LIFETIME.as_secs()).expect("a few seconds"),
        ..Rules::default()
    };
    let agent = Agent::with_rules(([127, 0, 0, 1], 0).into(), rules);
    agent.expect("the stand-in agent starts")
}

/// One application for the three failures: none of them may keep the next call from being tried.
pub fn shows_each_failure(name: &str, sdk: &Sdk, run_by: RunBy) {
    let mut pod = Pod::new();
    pod.agent
        .always(Answer::text(403, "Access Denied. Called by a test\n"));
    let Some((mut application, _)) = start(sdk, run_by, &pod, Duration::ZERO) else {
        return;
    };
    let denied = application.call();
    pod.agent
        .always(Answer::json(&json!({ "AccessKeyId": "ASIAMADEUP" })));
    let malformed = application.call();
    pod.agent.stop();
    let down = application.call();
    let stderr = application.end();

    for (failure, seen, line) in [
        ("403", denied, "Access Denied. Called by a test"),
        ("malformed", malformed, "SecretAccessKey"),
        (
            "down",
            down,
            "no response from the container credentials endpoint",
        ),
    ] {
        let error = seen["error"].as_str();
        assert!(error.is_some(), "it called AWS without credentials: {seen}");
        let is_in = |text: Option<&str>| {
            text.unwrap_or_default()
                .lines()
                .any(|shown| shown.contains("epicac: ") && shown.contains(line))
        };
        let shown = match sdk.shown {
            Shown::InTheError => is_in(error),
            Shown::OnStderr => is_in(Some(&stderr)) && !is_in(error),
            Shown::ByThisProviderAlone(provider) => {
                is_in(seen[provider].as_str()) && !is_in(error) && !is_in(Some(&stderr))
            }
        };
        assert!(
            shown,
            "{failure}: not {:?}: {seen}, and on stderr `{stderr}`",
            sdk.shown
        );
        record(name, &run_by.column(failure), &sdk.shown.text());
    }
}

/// A process that cannot be had, while the agent is up: does the application fail, or call AWS as the pod's
/// own role?
pub fn without_the_process(name: &str, sdk: &Sdk) {
    let pod = Pod::new();
    let Some((mut application, _)) = start(sdk, RunBy::Nothing, &pod, Duration::ZERO) else {
        return;
    };
    let seen = application.call();
    application.end();
    assert_eq!(seen["error"].is_null(), sdk.falls_back, "{seen}");
    let cell = if sdk.falls_back {
        let arn = seen["arn"].as_str().unwrap_or_default();
        assert!(!arn.is_empty() && !arn.contains(ACCOUNT), "{seen}");
        "**calls AWS as the pod's own role**"
    } else {
        "fails"
    };
    record(name, "without the process", cell);
}

fn start(sdk: &Sdk, run_by: RunBy, pod: &Pod, sessions: Duration) -> Option<(Application, String)> {
    let credential_process = run_by.command(pod)?;
    let mut command = (sdk.application)()?;
    let aws = Aws::with_sessions_of(sessions)?;
    pod.prepare(&mut command, &credential_process, &aws);
    let mut application = Application::start(&mut command, aws);
    let version = application.version();
    Some((application, version))
}

pub fn saw_the_other_account(seen: &Value) {
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/destination/real-flow");
    assert_eq!(seen, &json!({ "arn": arn, "buckets": [BUCKET] }));
}

pub fn record(name: &str, column: &str, cell: &str) {
    matrix::record(TABLE, name, column, cell).expect("the cell can be written down");
}
