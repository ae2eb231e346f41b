//! The body of a response: never a panic, what is read can be printed, and no message holds a secret.
#![no_main]

use epicac_component::{process, response};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    match response::from_container(body) {
        Ok(credentials) => {
            assert!(!credentials.session_token.expose().is_empty());
            if let Ok(document) = process::output(&credentials) {
                assert!(!document.contains('\n'));
                let _: serde_json::Value = serde_json::from_str(&document).expect("JSON");
            }
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
});
