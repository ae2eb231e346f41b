//! The content of a token file: never a panic, what is accepted is a header's value, and what is refused
//! is not shown.
#![no_main]

use epicac_component::token::Token;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| {
    // The error has no place for the content.
    if let Ok(token) = Token::from_file(content.to_vec()) {
        assert!(token.expose().bytes().all(|byte| (0x20..0x7f).contains(&byte)));
    }
});
