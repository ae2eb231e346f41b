//! The body of a response: never a panic, what is read is what serde_json's own values hold and can be printed, and
//! no message has a control character.
#![no_main]

use epicac_component::response::{Asked, Body, Response};
use epicac_component::{Endpoint, process, response};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: (u16, Vec<u8>)| {
    let (status, bytes) = answer;
    match response::from_container(&bytes) {
        Ok(credentials) => {
            // Fields that are ignored may hold what its values cannot: 1e999, or half of a surrogate pair.
            if let Ok(value) = serde_json::from_slice::<serde_json::Value>(&bytes) {
                assert_eq!(value["Token"], *credentials.session_token.expose());
                assert_eq!(value["SecretAccessKey"], *credentials.secret_access_key.expose());
            }
            if let Ok(document) = process::output(&credentials) {
                assert!(!document.contains('\n'));
                let _: serde_json::Value = serde_json::from_str(&document).expect("JSON");
            }
        }
        Err(error) => is_a_line(&error.to_string()),
    }
    let Ok(endpoint) = Endpoint::from_full_uri("http://169.254.170.23/v1/credentials") else {
        return;
    };
    let body = Body { bytes, error: None };
    let response = Response {
        status,
        is_by_proxy: false,
        body,
    };
    let asked = Asked {
        endpoint: &endpoint,
        token: None,
    };
    if let Err(error) = response::credentials(response, asked) {
        is_a_line(&error.to_string());
    }
});

fn is_a_line(line: &str) {
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(line.chars().count() <= 2_000, "{line}");
}
