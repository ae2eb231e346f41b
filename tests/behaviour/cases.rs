//! What the tests of more than one section share.

use std::any::Any;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use epicac_tests::{Agent, Answer, Epicac, credentials};
use serde_json::Value;

/// Checks each case of a table, up to 16 at once, since most of a case is waiting. Fails with all the
/// cases that failed.
pub fn each<T: Debug + Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..cases.len().min(16) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(case))) {
                        // Of a case of 64 KiB, the beginning is enough.
                        let case: String = format!("{case:?}").chars().take(300).collect();
                        let failure = format!(
                            "{case}
    {}",
                            message(&*panic)
                        );
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    let (failed, all) = (failures.len(), cases.len());
    assert!(
        failures.is_empty(),
        "{failed} of {all} cases failed:\n{}",
        failures.join("\n")
    );
}

/// An agent that answers every request with the same credentials, whatever is asked.
pub fn generous_agent() -> Agent {
    agent_with(Answer::json(&valid()))
}

/// An agent that answers every request in the same way.
pub fn agent_with(answer: Answer) -> Agent {
    let agent = Agent::start().unwrap();
    agent.always(answer);
    agent
}

/// Runs epicac, which must succeed with the credentials of the agent, and gives what it printed.
pub fn gets_credentials(epicac: Epicac) -> Value {
    let output = epicac.run().succeeds();
    for (field, expected) in [
        ("AccessKeyId", credentials::ACCESS_KEY_ID),
        ("SecretAccessKey", credentials::SECRET_ACCESS_KEY),
        ("SessionToken", credentials::SESSION_TOKEN),
    ] {
        assert_eq!(output[field], expected);
    }
    output
}

/// A credentials document that will do.
pub fn valid() -> Value {
    credentials::expiring_in(3600)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked")
}
