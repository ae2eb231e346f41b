//! A policy file: never a panic, what is read is written as what reads the same, and what is refused is
//! one line.
#![no_main]
#![allow(dead_code, reason = "the host uses more of it")]

#[path = "../../host/src/policy/flaw.rs"]
mod flaw;
#[path = "../../host/src/policy/model.rs"]
mod model;
#[path = "../../host/src/policy/parse.rs"]
mod parse;
#[path = "../../host/src/policy/path.rs"]
mod path;
#[path = "../../host/src/policy/role.rs"]
mod role;
#[path = "../../host/src/policy/shape.rs"]
mod shape;
#[path = "../../host/src/policy/text.rs"]
mod text;

use libfuzzer_sys::fuzz_target;
use model::Policy;

fuzz_target!(|json: &[u8]| {
    match Policy::parse(json) {
        Ok(policy) => {
            let written = policy.to_json();
            assert!(written.is_ascii());
            assert_eq!(Policy::parse(written.as_bytes()).as_ref(), Ok(&policy));
            if let Some(endpoint) = &policy.endpoint {
                // An exact path grants itself, and none grants a way up.
                if let Some(path) = endpoint.path.exact_text() {
                    assert!(endpoint.path.grants(path));
                }
                let text = endpoint.path.to_string();
                if text.contains("{any}") {
                    assert!(!endpoint.path.grants(&text.replace("{any}", "..")));
                }
            }
        }
        Err(flaw) => {
            let line = flaw.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(line.contains(" (") && line.ends_with(')'), "{line:?}");
        }
    }
});
