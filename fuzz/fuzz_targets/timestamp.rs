//! A date: never a panic, and what is read is written in a form that reads the same.
#![no_main]

use epicac_component::timestamp::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Some(timestamp) = Timestamp::parse(text) {
        assert_eq!(Timestamp::parse(&timestamp.to_string()), Some(timestamp));
    }
});
