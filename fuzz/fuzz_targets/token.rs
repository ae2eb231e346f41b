//! The content of a token file: never a panic, what is accepted is a header's value, and what is refused
//! is not shown.
#![no_main]

use epicac_component::token::Token;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|content: &[u8]| {
    match Token::from_file("/token", Ok(content.to_vec())) {
        Ok(token) => assert!(token.expose().bytes().all(|byte| (0x20..0x7f).contains(&byte))),
        Err(error) => assert!(error.to_string().contains("/token")),
    }
});
