//! A policy file: never a panic, what is read is written as what reads the same, and what is refused is
//! one line.
#![no_main]
#![allow(dead_code, reason = "the host uses more of it")]

#[path = "../../host/src/error.rs"]
mod error;
#[path = "../../host/src/wall/layer.rs"]
mod layer;
#[path = "../../host/src/limits.rs"]
mod limits;
#[path = "../../host/src/policy/model.rs"]
mod model;
#[path = "../../host/src/policy/parse.rs"]
mod parse;
#[path = "../../host/src/policy/rules.rs"]
mod rules;
#[path = "../../host/src/policy/values.rs"]
mod values;
use libfuzzer_sys::fuzz_target;
use model::Policy;

/// The host's wall has more than the names of its layers.
mod wall {
    pub use super::layer::Layer;
}

fuzz_target!(|json: &[u8]| {
    match Policy::parse(json) {
        Ok(policy) => {
            let written = policy.to_json();
            assert!(written.is_ascii());
            assert_eq!(Policy::parse(written.as_bytes()).as_ref(), Ok(&policy));
            if let Some(endpoint) = &policy.endpoint {
                // An exact path grants itself, and none grants a way up.
                let text = &endpoint.path.0;
                match text.strip_suffix('*') {
                    None => assert!(endpoint.path.grants(text)),
                    Some(folder) => assert!(!endpoint.path.grants(&format!("{folder}.."))),
                }
            }
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(line.contains(" (") && line.ends_with(')'), "{line:?}");
        }
    }
});
