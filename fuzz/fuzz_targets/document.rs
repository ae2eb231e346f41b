//! The output of a component: never a panic, and what passes is one line of JSON.
#![no_main]

#[path = "../../host/src/document.rs"]
mod document;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|output: &[u8]| {
    if document::is_complete(output) {
        assert_eq!(output.iter().filter(|byte| **byte == b'\n').count(), 1);
        let value: serde_json::Value = serde_json::from_slice(output).expect("JSON");
        assert_eq!(value["Version"], 1);
    }
});
